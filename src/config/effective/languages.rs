//! Languages of a line, and what differs between them.

use super::rows::{Rows, list, quoted};
use super::speech;
use crate::config::line::Line;

/// `[lines.languages]`, where callers choose one.
pub(super) fn write(rows: &mut Rows, line: &Line) {
    let Some(languages) = &line.languages else { return };
    rows.header("[lines.languages]");
    if !languages.ask.is_empty() {
        rows.spoken("ask", &languages.ask);
    }
    for offer in &languages.offers {
        let other = languages.others.get(&offer.language);
        rows.header(&format!("[lines.languages.{}]", offer.language));
        rows.row("key", quoted(offer.key.encode_utf8(&mut [0; 4])));
        if let Some(voice) = other.and_then(|line| line.voice.as_ref()) {
            rows.text("voice", voice);
        }
        rows.spoken("offer", &offer.text);
        rows.row("say", list(offer.phrases.iter().map(|phrase| quoted(phrase))));
        if let Some(other) = other.filter(|other| other.speech != line.speech) {
            speech::write_under(rows, &format!("lines.languages.{}.speech", offer.language), &other.speech);
        }
    }
}

/// A setting as TOML: one value, or a table by language where they differ.
pub(super) fn each(line: &Line, value: impl Fn(&Line) -> Option<String>) -> Option<String> {
    let own = value(line)?;
    let others = line.languages.iter().flat_map(|languages| &languages.others);
    let others: Vec<(&str, String)> =
        others.map(|(tag, other)| (tag.as_str(), value(other).unwrap_or_else(|| own.clone()))).collect();
    if others.iter().all(|(_, other)| *other == own) {
        return Some(own);
    }
    let all = std::iter::once((line.language.as_str(), own)).chain(others);
    let rows: Vec<String> = all.map(|(tag, value)| format!("{tag} = {value}")).collect();
    Some(format!("{{ {} }}", rows.join(", ")))
}
