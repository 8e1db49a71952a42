//! `[lines.voicemail]`: the mailbox.

use super::names::menu_name;
use super::reader::Table;
use super::{mail, words};
use crate::config::line::{Transcript, Voicemail};
use crate::config::mistake::Wrong;

/// What the carrier's `transcribe` serves (PROTOCOL.md 3.4).
const CARRIER_TRANSCRIBES_S: u32 = 120;

pub(super) fn read(table: Table<'_>, line_name: &str) -> Voicemail {
    let transcript =
        table.parsed("transcript", "transcript = \"real-time\"", transcript).unwrap_or(Transcript::RealTime);
    let longest = if transcript == Transcript::Carrier { CARRIER_TRANSCRIBES_S } else { 180 };
    let voicemail = Voicemail {
        mailbox: table.parsed("mailbox", "mailbox = \"front-desk\"", menu_name).unwrap_or_else(|| line_name.to_owned()),
        greeting: table.spoken_always("greeting", words::VOICEMAIL),
        max_s: table.number("max_s", 5..=3600, longest),
        silence_s: table.number("silence_s", 1..=60, 5),
        transcript,
        thanks: table.spoken("thanks", words::THANKS),
        unavailable: table.spoken_always("unavailable", words::UNAVAILABLE),
        mail: table.get("mail").and_then(|value| mail::read(&value)),
    };
    if let Some(value) = table.get("max_s")
        && transcript == Transcript::Carrier
        && voicemail.max_s > CARRIER_TRANSCRIBES_S
    {
        let what =
            format!("the carrier transcribes messages of at most 120 s, and this one may have {} s", voicemail.max_s);
        value.mistake(what, "write max_s = 120, or transcript = \"real-time\"");
    }
    table.finish();
    voicemail
}

fn transcript(text: &str) -> Result<Transcript, Wrong> {
    match text {
        "off" => Ok(Transcript::Off),
        "carrier" => Ok(Transcript::Carrier),
        "real-time" => Ok(Transcript::RealTime),
        _ => Err(Wrong::new(
            format!("`{text}` is not a way to a transcript"),
            "write \"off\", \"carrier\" (messages of 120 s at most) or \"real-time\"",
        )),
    }
}
