//! Keys of speech engines.

use crate::base::Secret;
use crate::config::env::{Env, Variable};

const OPENAI: Variable = Variable::secret("OPENAI_API_KEY", "Live conversations and speech by OpenAI.");
const ELEVENLABS: Variable = Variable::secret("ELEVENLABS_API_KEY", "Voices by ElevenLabs.");
const OTHER: Variable =
    Variable::secret("SPEECH_API_KEY", "Speech by any other server that a line names, where it wants a key.");

pub(super) const VARIABLES: &[Variable] = &[OPENAI, ELEVENLABS, OTHER];

/// Keys of speech engines.
#[derive(Clone, Debug, Default)]
pub struct Speech {
    /// `OPENAI_API_KEY`.
    pub openai: Option<Secret>,
    /// `ELEVENLABS_API_KEY`.
    pub elevenlabs: Option<Secret>,
    /// `SPEECH_API_KEY`: OpenAI's key goes to OpenAI only.
    pub other: Option<Secret>,
}

impl Speech {
    pub(super) fn read(env: &mut Env<'_>) -> Self {
        Self {
            openai: env.secret(&OPENAI, |_| Ok(())),
            elevenlabs: env.secret(&ELEVENLABS, |_| Ok(())),
            other: env.secret(&OTHER, |_| Ok(())),
        }
    }
}
