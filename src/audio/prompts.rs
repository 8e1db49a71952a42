//! Spoken prompts that are compiled in, so that a caller hears a voice without any speech engine. Made by
//! `scripts/prompts`; raw mu-law, 8 kHz, voiced parts at -16 dBFS.

/// Words with their sound.
#[derive(Clone, Copy, Debug)]
pub struct Prompt {
    /// What is said, for transcripts and for what was heard of it.
    pub text: &'static str,
    /// mu-law, 8 kHz: 8 bytes a millisecond.
    pub sound: &'static [u8],
}

macro_rules! sound {
    ($name:literal) => {
        include_bytes!(concat!("../../templates/voice/", $name, ".ulaw"))
    };
}

/// The live conversation of the built-in line, about 10 s; repeated.
pub static TALK: Prompt = Prompt {
    text: "Thank you for calling. I am the automated assistant. Tell me what you need, whenever you like: I stop and \
           listen as soon as you speak. To leave a message instead, press the pound key.",
    sound: sound!("talk"),
};

/// An answer is late.
pub static MOMENT: Prompt = Prompt { text: "One moment, please.", sound: sound!("moment") };

/// The conversation failed; a person is next.
pub static TROUBLE: Prompt =
    Prompt { text: "Sorry, I am having trouble. Let me get somebody for you.", sound: sound!("trouble") };

/// The mailbox is next.
pub static MESSAGE: Prompt = Prompt { text: "You can leave a message for us.", sound: sound!("message") };

/// A caller speaking, for the simulator.
pub static CALLER: Prompt = Prompt {
    text: "Hello? Yes, I would like to talk to somebody about my appointment tomorrow.",
    sound: sound!("caller"),
};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{g711, loudness};

    #[test]
    fn each_says_what_the_script_says_at_the_same_loudness() {
        let script = include_str!("../../scripts/prompts").replace("\\\n", "");
        for prompt in [&TALK, &MOMENT, &TROUBLE, &MESSAGE, &CALLER] {
            assert!(script.contains(prompt.text), "run scripts/prompts: {}", prompt.text);
            let samples: Vec<i16> = prompt.sound.iter().map(|byte| g711::decode(*byte)).collect();
            let decibel = 20.0 * loudness::active_rms(&samples).log10();
            assert!((decibel + 16.0).abs() < 2.0, "{}: {decibel} dBFS", prompt.text);
            assert!(loudness::active_rms(&samples[..1_600]) > 0.005, "{}: begins at once", prompt.text);
        }
        assert!((9..11).contains(&(TALK.sound.len() / 8_000)), "{}", TALK.sound.len());
    }
}
