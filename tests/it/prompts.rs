//! Sounds of the lines: read, made what the telephone carries, named in documents, served, and played by the simulator.

use crate::house::{House, PUBLIC_URL, TOKEN};
use crate::simulator_stand::{plan, transcript};
use crate::support::Database;
use proptest::prelude::*;
use switchboard::audio::wav;
use switchboard::base::Secret;
use switchboard::config::text::{Part, Text};
use switchboard::config::{FixedSource, Loaded, Mistake, load, to_toml};
use switchboard::simulator::{Archive, Carrier, CarrierSettings, Script, Target, parse_acts};

const LINE: &str = "[[lines]]\nname = \"a\"\nnumbers = [\"+15875550100\"]\n";

/// Half a second of a tone, as a studio would export it.
fn studio() -> Vec<u8> {
    let tone: Vec<i16> = (0..22_050).map(|n| (f64::from(n) * 0.06).sin() * 9000.0).map(|x| x as i16).collect();
    wav::pcm16(&wav::Sound::stereo(44_100, &tone, &tone))
}

fn loaded(text: &str) -> Result<Loaded, Vec<Mistake>> {
    let mp3 = [b"ID3\x04".as_slice(), &[0; 64]].concat();
    let source = FixedSource::default()
        .with_bytes("etc/prompts/welcome.wav", studio())
        .with_bytes("etc/music.mp3", mp3)
        .with_bytes("etc/notes.txt", b"Press 1".to_vec())
        .with_bytes("etc/cut.wav", b"RIFF\0\0\0\0WAVEfmt ".to_vec())
        .with_bytes("etc/huge.wav", vec![0; 17 * 1024 * 1024]);
    load(&source, Some(("etc/s.toml", &format!("{LINE}{text}\n"))))
}

fn listed(found: &[Mistake]) -> String {
    found.iter().map(|mistake| format!("{mistake}\n")).collect()
}

#[test]
fn a_sound_is_read_once_and_made_what_the_telephone_carries() {
    let text = "greeting = { file = \"prompts/welcome.wav\", text = \"Welcome.\" }\nmenus.main = { prompt = [{ file = \
                \"prompts/welcome.wav\" }, \"Press 9.\", { file = \"music.mp3\" }], keys = { 9 = \"voicemail\" } }";
    let first = loaded(text).map_err(|mistakes| listed(&mistakes)).expect("sound");
    let line = &first.lines[0];
    assert_eq!(line.greeting, "Welcome.");
    assert_eq!(line.sounds.len(), 2, "each file once");
    let Part::Sound { sound, .. } = &line.greeting.parts()[0] else { panic!("{:?}", line.greeting) };
    let served = wav::read(&sound.bytes).expect("a WAV file");
    assert_eq!((served.rate, served.channels), (8_000, 1));
    assert!((3_990..=4_010).contains(&served.samples.len()), "{}", served.samples.len());
    assert!(sound.bytes.len() * 15 < studio().len(), "a fraction is sent");
    assert_eq!(sound.media_type(), "audio/wav");
    let said = listed(&first.warnings);
    assert!(said.contains("`prompts/welcome.wav` has two channels, and the telephone one"), "{said}");
    assert!(listed(&first.notes).contains("44100 samples a second; the telephone carries 8000"));
    // What is printed names the same files.
    let printed = to_toml(&first);
    assert!(printed.contains("greeting = { file = \"prompts/welcome.wav\", text = \"Welcome.\" }"), "{printed}");
}

#[test]
fn what_is_no_sound_is_said_to_be_so() {
    for (file, what) in [
        ("gone.wav", "`etc/gone.wav` cannot be read: entity not found"),
        ("notes.txt", "`notes.txt` is neither a WAV nor an MP3 file"),
        ("cut.wav", "`cut.wav`: it is no WAV file"),
        ("huge.wav", "`etc/huge.wav` cannot be read: it has 17 MB; name a file beside this one, of 16 MB at most"),
    ] {
        let said = listed(&loaded(&format!("greeting = {{ file = \"{file}\" }}")).expect_err(file));
        assert!(said.starts_with(&format!("etc/s.toml:4:21: {what}")), "{said}");
    }
    let stored = format!("{LINE}greeting = {{ file = \"welcome.wav\" }}\n");
    let said = listed(&switchboard::config::read_line("line", &stored).expect_err("no folder"));
    assert!(said.contains("a line that comes at run time has no folder"), "{said}");
}

proptest! {
    /// Whatever is written, the document can be read, and its words come back.
    #[test]
    fn any_words_come_back_out_of_the_document(words in "\\PC{1,60}") {
        let text = Text::from(words.as_str());
        let say = switchboard::twiml::Say::new(text.as_str());
        let document = switchboard::twiml::Response::new().then(say).render();
        let parsed = switchboard::twiml::parse(&document).expect("a document");
        prop_assert_eq!(&parsed.warnings, &[]);
        let [switchboard::twiml::Verb::Say(said)] = parsed.response.verbs.as_slice() else { panic!("{document}") };
        let legal: String = words.chars().filter(|c| !matches!(c, '\u{fffe}' | '\u{ffff}')).collect();
        prop_assert_eq!(said.words(), legal);
    }
}

/// Half a second that is also a text, which is all that a house in a test reads.
fn plain_sound() -> String {
    String::from_utf8(wav::mulaw_bytes(8_000, 1, &[0x7f; 3840])).expect("seven bits")
}

const BILINGUAL: &str = r#"
[[lines]]
name = "bakery"
numbers = ["+15875550100"]
greeting = { en-US = "Welcome.", fr-CA = { file = "bienvenue.wav", text = "Bienvenue." } }
[lines.languages.fr-CA]
key = 2
voice = "Polly.Gabrielle-Neural"
[lines.menus.main]
prompt = { en-US = "Press 9.", fr-CA = "Faites le 9." }
keys = { 9 = "voicemail" }
"#;

async fn house(database: &Database) -> House {
    House::reading(&database.url, ("bienvenue.wav", &plain_sound()), BILINGUAL).await
}

async fn call(house: &House, acts: &str) -> String {
    let target = Target::new(&house.base(), Some(PUBLIC_URL)).expect("a target");
    let settings = CarrierSettings::new(target, "AC00000000000000000000000000000001", Secret::new(TOKEN));
    let carrier = Carrier::new(settings, Archive::default()).expect("a carrier");
    let script = Script { acts: parse_acts(acts).expect("acts"), ..Script::default() };
    let report = carrier.place(plan(script), |_| {}).await;
    // The transcript breaks its lines.
    let heard = transcript(&report).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(report.went_through, "{heard}");
    heard
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_in_each_language_from_end_to_end() {
    let database = Database::sqlite();
    let house = house(&database).await;
    let french = call(&house, "2,w1,9").await;
    for heard in ["Pour le français, appuyez sur le 2.", "Faites le 9.", "Veuillez laisser un message", "(0.5 s), 1 x"]
    {
        assert!(french.contains(heard), "{heard}: {french}");
    }
    assert!(french.contains(&format!("plays {PUBLIC_URL}/prompts/")), "{french}");
    assert!(!french.contains("This call may be recorded"), "{french}");
    let english = call(&house, "1,w1,9").await;
    for heard in ["This call may be recorded", "Welcome.", "Press 9.", "Please leave a message"] {
        assert!(english.contains(heard), "{heard}: {english}");
    }
    assert!(!english.contains("Faites le 9."), "{english}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sounds_are_served_with_what_a_cache_needs() {
    let database = Database::sqlite();
    let house = house(&database).await;
    let heard = call(&house, "2,w1,9").await;
    let path = heard.split(PUBLIC_URL).find(|rest| rest.starts_with("/prompts/")).expect("a sound");
    let url = format!("{}{}", house.base(), path.split(' ').next().unwrap_or_default());
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let whole = client.get(&url).send().await.expect("an answer");
    let header = |answer: &reqwest::Response, name: &str| {
        answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    assert_eq!((whole.status().as_u16(), header(&whole, "content-type").as_str()), (200, "audio/wav"));
    assert_eq!(header(&whole, "cache-control"), "public, max-age=31536000, immutable");
    let tag = header(&whole, "etag");
    assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");
    let length = header(&whole, "content-length");
    assert_eq!(whole.bytes().await.expect("bytes").len().to_string(), length);
    let kept = client.get(&url).header("if-none-match", &tag).send().await.expect("an answer");
    assert_eq!((kept.status().as_u16(), header(&kept, "etag")), (304, tag));
    let head = client.head(&url).send().await.expect("an answer");
    assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, length));
    let gone = house.get("/prompts/00000000000000000000000000000000.wav").await;
    assert_eq!((gone.status, gone.content_type.as_str()), (404, "application/problem+json"));
}
