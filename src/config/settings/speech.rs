//! Keys of speech engines.

use crate::base::Secret;
use crate::config::env::{Env, Variable};

const OPENAI: Variable = Variable::secret("OPENAI_API_KEY", "Live conversations and speech by OpenAI.").later();
const ELEVENLABS: Variable = Variable::secret("ELEVENLABS_API_KEY", "Voices by ElevenLabs.").later();

pub(super) const VARIABLES: &[Variable] = &[OPENAI, ELEVENLABS];

/// Keys of speech engines.
#[derive(Clone, Debug)]
pub struct Speech {
    /// `OPENAI_API_KEY`.
    pub openai: Option<Secret>,
    /// `ELEVENLABS_API_KEY`.
    pub elevenlabs: Option<Secret>,
}

impl Speech {
    pub(super) fn read(env: &mut Env<'_>) -> Self {
        Self { openai: env.secret(&OPENAI, |_| Ok(())), elevenlabs: env.secret(&ELEVENLABS, |_| Ok(())) }
    }
}
