//! A text as sound.

use super::breaker::Breaker;
use super::cache::{self, Cache};
use super::error::SpeechError;
use super::wish::Wish;
use super::{command, elevenlabs, http, openai};
use crate::base::{Clock, Secret};
use crate::config::Speech as Keys;
use crate::config::speech::{Engine, OPENAI, Sound, Voice};
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared, WeakShared};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;

/// For a whole text. A caller hears "one moment" long before.
const PATIENCE: Duration = Duration::from_secs(10);
/// Requests at once to one engine: what the smallest plan allows.
const AT_ONCE: usize = 2;
/// Times that a busy engine is asked, and the wait between two of them.
const TRIES: u32 = 3;
const BETWEEN: Duration = Duration::from_millis(250);
/// Longest text of any engine.
const LONGEST: usize = 5_000;

/// What the app hands over.
#[derive(Debug)]
pub struct Parts {
    /// Keys, from the environment.
    pub keys: Keys,
    /// `DATA_DIR/prompts`.
    pub folder: PathBuf,
    /// Where the time comes from.
    pub clock: Clock,
}

/// Text to speech and speech to text. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Speech(pub(super) Arc<Inner>);

#[derive(Debug)]
pub(super) struct Inner {
    client: Option<reqwest::Client>,
    pub(super) keys: Keys,
    pub(super) clock: Clock,
    cache: Cache,
    engines: Mutex<HashMap<String, Arc<Place>>>,
    running: Mutex<HashMap<String, WeakShared<Making>>>,
}

type Made = Result<Bytes, SpeechError>;
type Making = BoxFuture<'static, Made>;

/// What is known of one engine.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) breaker: Breaker,
    pub(super) free: Semaphore,
}

impl Speech {
    /// Opens nothing yet.
    #[must_use]
    pub fn new(parts: Parts) -> Self {
        Self(Arc::new(Inner {
            client: http::client(),
            keys: parts.keys,
            clock: parts.clock,
            cache: Cache::new(parts.folder),
            engines: Mutex::default(),
            running: Mutex::default(),
        }))
    }

    /// The text as mu-law of 8 kHz: from the disk, or made now. However many ask for the same at once, it is made once; it is
    /// given up when none of them waits any more.
    ///
    /// # Errors
    /// [`SpeechError`]; the carrier's voice is what is left then.
    pub async fn say(&self, voice: &Voice, text: &str, language: &str) -> Result<Bytes, SpeechError> {
        let name = name_of(voice, text, language);
        let making = {
            let mut running = self.0.running.lock().unwrap_or_else(PoisonError::into_inner);
            running.retain(|_, making| making.upgrade().is_some());
            match running.get(&name).and_then(WeakShared::upgrade) {
                Some(making) => making,
                None => {
                    let making = self.making(name.clone(), voice.clone(), text.to_owned(), language.to_owned());
                    running.extend(making.downgrade().map(|making| (name, making)));
                    making
                }
            }
        };
        making.await
    }

    /// How many engines were asked so far, and the names of those that fail and are left alone.
    #[must_use]
    pub fn engines(&self) -> (usize, Vec<String>) {
        let engines = self.0.engines.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.0.clock.now();
        let resting = engines.iter().filter(|(_, place)| place.breaker.rests(now));
        let mut resting: Vec<String> = resting.map(|(name, _)| name.clone()).collect();
        resting.sort_unstable();
        (engines.len(), resting)
    }

    fn making(&self, name: String, voice: Voice, text: String, language: String) -> Shared<Making> {
        let inner = Arc::clone(&self.0);
        let making = async move {
            if let Some(sound) = inner.cache.find(&name, inner.clock.now()).await {
                return Ok(sound);
            }
            let sound = inner.make(&Wish { text: &text, language: &language, voice: &voice }).await?;
            if let Err(error) = inner.cache.keep(&name, &sound, inner.clock.now()).await {
                tracing::warn!(%error, "a spoken prompt could not be kept; it will be made again");
            }
            Ok(sound)
        };
        making.boxed().shared()
    }
}

/// Everything that the sound follows from.
fn name_of(voice: &Voice, text: &str, language: &str) -> String {
    let (engine, form) = match &voice.engine {
        Engine::ElevenLabs { url } => (format!("elevenlabs {url}"), String::new()),
        Engine::OpenAi { url, sound: Sound::Wav } => (format!("openai {url}"), "wav".to_owned()),
        Engine::OpenAi { url, sound: Sound::Pcm { rate } } => (format!("openai {url}"), format!("pcm {rate}")),
        Engine::Command { command } => ("command".to_owned(), command.join("\0")),
    };
    let speed = voice.speed_percent.to_string();
    cache::name(&["1", &engine, &form, &voice.voice, &voice.model, &speed, language, text])
}

impl Inner {
    /// Asks the engine, unless it rests; a busy one is asked again.
    async fn make(&self, wish: &Wish<'_>) -> Made {
        let length = wish.text.chars().count();
        let most = if matches!(wish.voice.engine, Engine::OpenAi { .. }) { openai::LONGEST } else { LONGEST };
        if length > most {
            return Err(SpeechError::TooLong(length));
        }
        let place = self.place(&engine_of(&wish.voice.engine));
        if !place.breaker.may_ask(self.clock.now()) {
            return Err(SpeechError::Resting);
        }
        let asking = async {
            let _place = place.free.acquire().await.map_err(|_| SpeechError::Away("it is closed".to_owned()))?;
            let mut tries = 1;
            loop {
                match self.ask(wish).await {
                    Err(SpeechError::Busy(_)) if tries < TRIES => tokio::time::sleep(BETWEEN * tries).await,
                    made => return made,
                }
                tries += 1;
            }
        };
        let late = || Err(SpeechError::Away(format!("no sound within {} s", PATIENCE.as_secs())));
        let made = tokio::time::timeout(PATIENCE, asking).await.unwrap_or_else(|_| late());
        place.breaker.note(made.as_ref().is_err_and(SpeechError::counts), self.clock.now());
        made
    }

    async fn ask(&self, wish: &Wish<'_>) -> Made {
        match &wish.voice.engine {
            Engine::ElevenLabs { url } => {
                let key = self.keys.elevenlabs.as_ref().ok_or(SpeechError::NoKey("ELEVENLABS_API_KEY"))?;
                elevenlabs::say(self.client()?, url, key, wish, PATIENCE).await
            }
            Engine::OpenAi { url, sound } => {
                let key = self.key_for(url)?;
                openai::say(self.client()?, (url, *sound), key, wish, PATIENCE).await
            }
            Engine::Command { command } => command::say(command, wish, PATIENCE).await,
        }
    }

    pub(super) fn client(&self) -> Result<&reqwest::Client, SpeechError> {
        self.client.as_ref().ok_or_else(|| SpeechError::Away("no client could be made".to_owned()))
    }

    /// OpenAI's key goes to OpenAI only; other servers get their own, if there is one.
    pub(super) fn key_for(&self, url: &str) -> Result<Option<&Secret>, SpeechError> {
        if url.strip_prefix(OPENAI).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')) {
            return self.keys.openai.as_ref().map(Some).ok_or(SpeechError::NoKey("OPENAI_API_KEY"));
        }
        Ok(self.keys.other.as_ref())
    }

    /// What is known of the engine with this name.
    pub(super) fn place(&self, engine: &str) -> Arc<Place> {
        let mut engines = self.engines.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || Arc::new(Place { breaker: Breaker::default(), free: Semaphore::new(AT_ONCE) });
        Arc::clone(engines.entry(engine.to_owned()).or_insert_with(new))
    }
}

fn engine_of(engine: &Engine) -> String {
    match engine {
        Engine::ElevenLabs { url } | Engine::OpenAi { url, .. } => format!("speak {url}"),
        Engine::Command { command } => format!("run {}", command.first().map_or("", String::as_str)),
    }
}
