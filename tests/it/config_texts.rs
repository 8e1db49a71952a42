//! What callers hear, as the file writes it: markup, parts, and languages.

use crate::config_file::{LINE, listed, load_text, loaded, refused};
use std::collections::BTreeMap;
use switchboard::config::text::Part;

#[test]
fn a_text_may_have_markup_and_parts() {
    let written = "greeting = [\"Tom & Jerry <3 pies.\", \"We are <emphasis level=\\\"strong\\\">closed</emphasis>.\"]";
    let line = loaded(&format!("{LINE}{written}\n")).lines.remove(0);
    assert_eq!(line.greeting, "Tom & Jerry <3 pies. We are closed.");
    assert!(matches!(line.greeting.parts(), [Part::Words(_), Part::Marked { .. }]));
    let plain = loaded(&format!("{LINE}greeting = {{ words = \"a <b> c\" }}\n")).lines.remove(0);
    assert_eq!(plain.greeting.parts(), [Part::Words("a <b> c".to_owned())]);
}

#[test]
fn markup_that_no_voice_reads_is_refused_with_its_place() {
    for (written, said) in [
        (
            "greeting = \"<b>Hello</b>\"",
            "s.toml:4:12: the markup is not SSML: <b> is not known; <break>, <emphasis>, <lang>, <p>, <phoneme>, \
             <prosody>, <s>, <say-as>, <sub> and <w> are known; write &lt; for the sign itself\n",
        ),
        (
            "greeting = \"<emphasis>Hello\"",
            "s.toml:4:12: the markup is not sound: <emphasis> is never closed; close every tag in turn, like \
             <emphasis level=\"strong\">now</emphasis>\n",
        ),
        (
            "voice = \"woman\"\ngreeting = \"<s>Hello</s>\"",
            "s.toml:5:12: the voice `woman` would read the markup aloud; take the markup out, or choose another \
             voice: voice = \"Polly.Joanna\"\n",
        ),
        (
            "voicemail = { thanks = \"<break time='90s'/>Bye\" }",
            "s.toml:4:24: time=\"90s\" of <break> is no pause; write a number and ms or s, 10s at most: <break \
             time=\"500ms\"/>\n",
        ),
        (
            "greeting = [\"Hello\", 5]",
            "s.toml:4:22: `1` is a number; write \"…\", a list of texts that are heard in turn, { file = \"welcome.wav\", \
             text = \"…\" }, or a table of them by language\n",
        ),
    ] {
        assert_eq!(refused(&format!("{LINE}{written}\n")), said);
    }
}

const TONGUES: &str = include_str!("../fixtures/config/languages.toml");

#[test]
fn every_mistake_about_languages_is_said_once() {
    let said = refused(include_str!("../fixtures/config/languages_mistakes.toml"));
    assert_eq!(said, include_str!("../fixtures/config/languages_mistakes.txt"), "it is now:\n{said}");
}

#[test]
fn a_line_is_whole_in_each_of_its_languages() {
    let line = loaded(TONGUES).lines.remove(0);
    let french = line.in_language("fr-CA");
    assert_eq!((french.language.as_str(), french.voice.as_deref()), ("fr-CA", Some("Polly.Gabrielle-Neural")));
    assert_eq!((french.name.as_str(), &french.numbers), ("bakery", &line.numbers));
    assert_eq!(french.greeting, "Bienvenue.");
    assert_eq!(french.menus["main"].phrases, BTreeMap::from([("pain".to_owned(), '1')]));
    assert_eq!(line.menus["main"].phrases, BTreeMap::from([("bread".to_owned(), '1')]));
    assert_eq!(french.agent.one_moment, "Un instant.");
    assert!(french.languages.is_none(), "a language has no languages");
    assert_eq!(line.in_language("de-DE").greeting, "Willkommen. Guten Tag!");
    // Our own words come in each language that we speak.
    assert_eq!(line.in_language("de-DE").menus["main"].invalid, "Das habe ich leider nicht verstanden.");
    assert_eq!(line.in_language("xx"), &line);
    let keys: Vec<_> = line.languages.iter().flat_map(|languages| &languages.offers).map(|offer| offer.key).collect();
    assert_eq!(keys, ['1', '2', '3']);
}

#[test]
fn what_is_not_translated_is_warned_about_once_a_language() {
    let said = listed(&loaded(TONGUES).warnings);
    assert_eq!(
        said,
        "s.toml:16:1: these texts are not in de-DE, and said in en-US: menus.main.keys.1.say, menus.main.phrases, \
         menus.main.prompt; write them in both: greeting = { en-US = \"…\", de-DE = \"…\" }\n",
        "it is now:\n{said}"
    );
}

#[test]
fn languages_are_printed_and_read_back() {
    let first = loaded(TONGUES);
    let text = switchboard::config::to_toml(&first);
    let second = load_text(&text).map_err(|mistakes| format!("{}\n{text}", listed(&mistakes))).unwrap();
    assert_eq!(second.lines, first.lines, "{text}");
}
