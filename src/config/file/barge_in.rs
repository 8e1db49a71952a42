//! `[lines.barge_in]`: how soon a caller's voice counts.

use super::reader::Table;
use crate::config::barge_in::{BargeIn, BargeInPreset};
use crate::config::mistake::Wrong;

/// Milliseconds of a frame: what is counted in.
const FRAME_MS: u32 = 20;

/// The table of a line; the short form in its agent's table, `barge_in = "calm"`, is as good, and one of the two is enough.
pub(super) fn read(line: &Table<'_>, agent: &Table<'_>) -> BargeIn {
    let short = agent.parsed("barge_in", "barge_in = \"balanced\"", preset);
    if !line.has("barge_in") {
        return short.unwrap_or_default().numbers();
    }
    if let Some(twice) = agent.get("barge_in") {
        twice.mistake("`barge_in` stands here and in [lines.barge_in]", "keep one of them");
    }
    numbers(line.table("barge_in", "[lines.barge_in]"))
}

fn numbers(table: Table<'_>) -> BargeIn {
    let usual = table.parsed("preset", "preset = \"balanced\"", preset).unwrap_or_default().numbers();
    let read = BargeIn {
        evidence: u8::try_from(table.number("evidence", 1..=30, usual.evidence.into())).unwrap_or(usual.evidence),
        speech_ms: frames(table.number("speech_ms", 20..=1_000, usual.speech_ms)),
        silence_ms: frames(table.number("silence_ms", 100..=3_000, usual.silence_ms)),
        ..usual
    };
    table.finish();
    read
}

/// Whole frames: a part of one counts as one.
const fn frames(ms: u32) -> u32 {
    ms.div_ceil(FRAME_MS) * FRAME_MS
}

fn preset(text: &str) -> Result<BargeInPreset, Wrong> {
    let found = BargeInPreset::ALL.into_iter().find(|preset| preset.name() == text);
    found.ok_or_else(|| Wrong::new(format!("`{text}` is no preset"), "write \"fast\", \"balanced\" or \"calm\""))
}
