//! SSML in the texts of a line: the part of it that the carrier passes on to its voices, and nothing else.

use crate::config::mistake::Wrong;
use crate::twiml::{self, Speech, Verb};

const KNOWN: &str = "<break>, <emphasis>, <lang>, <p>, <phoneme>, <prosody>, <s>, <say-as>, <sub> and <w> are known; \
                     write &lt; for the sign itself";
/// What the carrier reads aloud in its own way (Amazon's and Google's voices together).
const SAID_AS: [&str; 17] = [
    "address",
    "bleep",
    "cardinal",
    "character",
    "characters",
    "currency",
    "date",
    "digits",
    "expletive",
    "fraction",
    "number",
    "ordinal",
    "spell-out",
    "telephone",
    "time",
    "unit",
    "verbatim",
];
/// Longest pause that a voice makes.
const LONGEST_BREAK_MS: f64 = 10_000.0;

/// Whether a text has a tag in it. `a < b`, `<3` and a bare `&` are words like any other.
pub(in crate::config) fn is_marked(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| begins_tag(text.get(at..).unwrap_or_default()))
}

fn begins_tag(rest: &str) -> bool {
    let inside = rest.strip_prefix("</").or_else(|| rest.strip_prefix('<')).unwrap_or_default();
    inside.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// Reads a text that [`is_marked`].
pub(in crate::config) fn read(text: &str) -> Result<Vec<Speech>, Wrong> {
    let document = format!("<Response><Say>{}</Say></Response>", tidied(text));
    let parsed = twiml::parse(&document).map_err(|error| malformed(&error.to_string()))?;
    if let Some(warning) = parsed.warnings.first() {
        let what = warning.message.strip_suffix(", ignored").unwrap_or(&warning.message);
        return Err(Wrong::new(format!("the markup is not SSML: {}", what.replace(" in <Say>", "")), KNOWN));
    }
    let mut verbs = parsed.response.verbs.into_iter();
    match (verbs.next(), verbs.next()) {
        (Some(Verb::Say(say)), None) => {
            say.speech.iter().try_for_each(sound)?;
            Ok(say.speech)
        }
        _ => Err(malformed("the text: </Say> closes nothing")),
    }
}

/// What cannot be meant as markup becomes the sign it shows.
fn tidied(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for (at, sign) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        match sign {
            '&' if !begins_entity(rest) => out.push_str("&amp;"),
            '<' if !begins_tag(rest) => out.push_str("&lt;"),
            _ => out.push(sign),
        }
    }
    out
}

fn begins_entity(rest: &str) -> bool {
    let name = rest.split_once(';').map_or("", |(name, _)| name.trim_start_matches('&'));
    matches!(name, "amp" | "lt" | "gt" | "quot" | "apos") || name.starts_with('#')
}

fn malformed(reason: &str) -> Wrong {
    // Our own element stands around the text: who reads this has never seen it.
    let between = |before: &str, after: &str| Some(reason.split_once(before)?.1.split_once(after)?.0.to_owned());
    let what = if reason.ends_with("but `</Say>` was found") {
        between("expected `</", ">").map(|name| format!("<{name}> is never closed"))
    } else {
        between("expected `</Say>`, but `", "`").map(|tag| format!("{tag} closes nothing"))
    };
    let what = what.or_else(|| Some(reason.split_once(": ")?.1.to_owned()));
    let what = format!("the markup is not sound: {}", what.as_deref().unwrap_or(reason));
    Wrong::new(what, "close every tag in turn, like <emphasis level=\"strong\">now</emphasis>")
}

/// Attributes without which an element means nothing, and values that no voice knows.
fn sound(speech: &Speech) -> Result<(), Wrong> {
    let inside = match speech {
        Speech::Text(_) => return Ok(()),
        Speech::Break(pause) => {
            among(
                "break",
                "strength",
                pause.strength.as_deref(),
                &["none", "x-weak", "weak", "medium", "strong", "x-strong"],
            )?;
            return pause.time.as_deref().map_or(Ok(()), pause_of);
        }
        Speech::SayAs(said) => {
            let meant = wanted("say-as", "interpret-as", said.interpret_as.as_deref())?;
            return among("say-as", "interpret-as", Some(meant), &SAID_AS);
        }
        Speech::Sub(sub) => return wanted("sub", "alias", sub.alias.as_deref()).map(drop),
        Speech::Phoneme(phoneme) => {
            among("phoneme", "alphabet", phoneme.alphabet.as_deref(), &["ipa", "x-sampa"])?;
            return wanted("phoneme", "ph", phoneme.sounds.as_deref()).map(drop);
        }
        Speech::Emphasis(emphasis) => {
            among("emphasis", "level", emphasis.level.as_deref(), &["strong", "moderate", "reduced", "none"])?;
            &emphasis.speech
        }
        Speech::Lang(lang) => {
            wanted("lang", "xml:lang", lang.language.as_deref())?;
            &lang.speech
        }
        Speech::Prosody(prosody) => &prosody.speech,
        Speech::Paragraph(paragraph) => &paragraph.speech,
        Speech::Sentence(sentence) => &sentence.speech,
        Speech::Word(word) => &word.speech,
    };
    inside.iter().try_for_each(sound)
}

fn wanted<'v>(element: &str, attribute: &str, value: Option<&'v str>) -> Result<&'v str, Wrong> {
    value.filter(|value| !value.trim().is_empty()).ok_or_else(|| {
        Wrong::new(format!("<{element}> needs {attribute}"), format!("write <{element} {attribute}=\"…\">"))
    })
}

fn among(element: &str, attribute: &str, value: Option<&str>, known: &[&str]) -> Result<(), Wrong> {
    match value.filter(|value| !known.contains(value)) {
        None => Ok(()),
        Some(value) => Err(Wrong::new(
            format!("{attribute}=\"{value}\" of <{element}> is not known"),
            format!("write one of: {}", known.join(", ")),
        )),
    }
}

fn pause_of(time: &str) -> Result<(), Wrong> {
    let ms = time
        .strip_suffix("ms")
        .map(|number| (number, 1.0))
        .or_else(|| time.strip_suffix('s').map(|number| (number, 1000.0)))
        .and_then(|(number, unit)| number.parse::<f64>().ok().map(|number| number * unit));
    match ms {
        Some(ms) if (0.0..=LONGEST_BREAK_MS).contains(&ms) => Ok(()),
        _ => Err(Wrong::new(
            format!("time=\"{time}\" of <break> is no pause"),
            "write a number and ms or s, 10s at most: <break time=\"500ms\"/>",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_that_are_no_markup_stay_words() {
        for plain in ["Tom & Jerry", "I <3 pies", "2 < 3 > 1", "a <", "</3", "&lt;b>", "<!-- x -->"] {
            assert!(!is_marked(plain), "{plain}");
        }
        let speech = read("Tom & Jerry <3 <s>&lt;pies&gt; &amp; &copy;</s>").expect("sound");
        assert_eq!(Speech::words(&speech), "Tom & Jerry <3 <pies> & &copy;");
    }

    #[test]
    fn what_no_voice_knows_is_said_to_be_so() {
        for (text, what) in [
            ("<b>now</b>", "the markup is not SSML: <b> is not known"),
            ("<break time=\"1s\"", "the markup is not sound: "),
            ("<emphasis>now", "the markup is not sound: <emphasis> is never closed"),
            ("<s>now</p>", "the markup is not sound: ill-formed document: expected `</s>`, but `</p>` was found"),
            ("now</s>", "the markup is not sound: </s> closes nothing"),
            ("x</Say><Hangup/><Say>y", "the markup is not sound: </Say> closes nothing"),
            ("<break pause=\"1s\"/>", "the markup is not SSML: attribute pause of <break> is not known"),
            ("<break time=\"soon\"/>", "time=\"soon\" of <break> is no pause"),
            ("<break time=\"11s\"/>", "time=\"11s\" of <break> is no pause"),
            ("<emphasis level=\"loud\">now</emphasis>", "level=\"loud\" of <emphasis> is not known"),
            ("<say-as>12</say-as>", "<say-as> needs interpret-as"),
            ("<say-as interpret-as=\"digit\">12</say-as>", "interpret-as=\"digit\" of <say-as> is not known"),
            ("<sub>kg</sub>", "<sub> needs alias"),
            ("<p><phoneme alphabet=\"ipa\">a</phoneme></p>", "<phoneme> needs ph"),
            ("<lang>oui</lang>", "<lang> needs xml:lang"),
        ] {
            assert!(is_marked(text), "{text}");
            let wrong = read(text).expect_err(text);
            assert!(wrong.what.starts_with(what), "{text}: {}", wrong.what);
            assert!(!wrong.what.contains("Say>`") || text.contains("Say"), "{}", wrong.what);
        }
    }
}
