//! Anything may come over the wire: what is rendered reads back, and nothing makes the readers panic.

use super::wire_tree::Choices;
use super::wire_twiml::golden;
use proptest::collection::vec;
use proptest::prelude::*;
use std::path::PathBuf;
use std::sync::LazyLock;
use switchboard::base::Secret;
use switchboard::twilio::form::Form;
use switchboard::twilio::signature::{Body, Verdict, diagnose, sign, verify, with_body_hash};
use switchboard::twilio::webhook::{
    DialResult, GatherResult, IncomingCall, IncomingSms, LiveTranscription, StatusCallback,
};
use switchboard::twiml::{MAX_BYTES, Response, Say, parse};

/// Text with a good share of what is special in forms, URLs and XML.
fn noise() -> impl Strategy<Value = String> {
    let special = "[&=%+#?/:@\\[\\];<>\"'! \\-\r\n\t\u{0}a-fA-F0-9\u{e9}\u{1f389}]{0,60}";
    prop_oneof![special, ".{0,40}", Just(String::new())]
}

/// `text` with the piece between two places replaced.
fn mutated(text: &str, from: usize, length: usize, with: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let from = from % (bytes.len() + 1);
    let to = (from + length).min(bytes.len());
    bytes.splice(from..to, with.bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_document_reads_back(bytes in vec(any::<u8>(), 0..600)) {
        let response = Choices::new(bytes).response();
        let rendered = response.render();
        prop_assume!(rendered.len() <= MAX_BYTES);
        let read = parse(&rendered).map_err(|error| TestCaseError::fail(format!("{error}: {rendered}")))?;
        prop_assert_eq!(read.warnings, vec![], "{}", rendered);
        prop_assert_eq!(read.response, response, "{}", rendered);
    }

    #[test]
    fn text_loses_only_what_xml_cannot_hold(text in any::<String>(), value in any::<String>()) {
        let rendered = Response::new().then(Say::new(text.clone()).voice(value.clone())).render();
        let read = parse(&rendered).map_err(|error| TestCaseError::fail(format!("{error}: {rendered}")))?;
        let held = |text: String| {
            text.replace(|c: char| c < ' ' && !"\t\n\r".contains(c) || matches!(c, '\u{fffe}' | '\u{ffff}'), "")
        };
        let said = Say { speech: vec![], ..Say::default() }.voice(held(value));
        let said = if held(text.clone()).is_empty() { said } else { said.then(held(text)) };
        prop_assert_eq!(read.response, Response::new().then(said));
    }

    #[test]
    fn whatever_is_read_is_written_the_same(which in 0..30_usize, from in any::<usize>(), length in 0..40_usize, with in noise()) {
        static GOLDEN: LazyLock<Vec<(PathBuf, String)>> = LazyLock::new(golden);
        let (_, document) = &GOLDEN[which];
        let document = mutated(document, from, length, &with);
        if let Ok(read) = parse(&document) {
            let again = parse(&read.response.render()).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert_eq!(again.warnings, vec![]);
            prop_assert_eq!(again.response, read.response);
        }
    }

    #[test]
    fn noise_is_no_twiml(text in noise()) {
        prop_assert!(parse(&text).is_err());
    }

    #[test]
    fn forms_are_decoded_like_everybody_does(bytes in vec(any::<u8>(), 0..200), text in noise()) {
        for body in [bytes.as_slice(), text.as_bytes()] {
            let form = Form::parse(body);
            let mut fields: Vec<_> = form_urlencoded::parse(body).into_owned().collect();
            fields.sort();
            let read: Vec<_> = form.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
            prop_assert_eq!(&read, &fields);
            for (name, _) in &fields {
                let first = fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
                prop_assert_eq!(form.get(name), first);
            }
        }
    }

    #[test]
    fn typed_forms_drop_nothing(body in "([A-Z][a-zA-Z]{0,12}|Digits|CallStatus|SipHeader_X|MediaUrl[0-9])=[a-z0-9+%]{0,8}(&[A-Za-z]{1,8}=[0-9]{0,3}){0,6}") {
        let form = Form::parse(body.as_bytes());
        let came = form.iter().count();
        macro_rules! kept { ($($type:ident),*) => { $({
            let read = $type::read(&form);
            prop_assert_eq!(read.names().len() + read.rest.len(), came, "{}", stringify!($type));
        })* }; }
        kept!(IncomingCall, GatherResult, DialResult, StatusCallback, LiveTranscription, IncomingSms);
    }

    #[test]
    fn what_is_signed_is_valid_and_what_is_changed_is_not(url in noise(), body in noise(), token in "[0-9a-f]{32}", change in noise()) {
        let tokens = [Secret::new("0"), Secret::new(token)];
        let form = Form::parse(body.as_bytes());
        let hashed = with_body_hash(&url, body.as_bytes());
        for (url, body) in [(&url, Body::Form(&form)), (&url, Body::Query), (&hashed, Body::Raw(body.as_bytes()))] {
            let signature = sign(&tokens[1], url, body);
            prop_assert_eq!(signature.len(), 28);
            let valid = |url: &str, signature: &str| matches!(verify(&tokens, url, body, Some(signature)), Verdict::Valid { token: 1, .. });
            prop_assert!(valid(url, &signature));
            let another = format!("x{url}");
            prop_assert!(!valid(&another, &signature));
            prop_assert!(!valid(url, &change));
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_diagnosis_of_noise_is_quiet(url in noise(), body in noise(), given in noise(), seen in vec(noise(), 0..3)) {
        let tokens = [Secret::new("12345678901234567890123456789012")];
        let form = Form::parse(body.as_bytes());
        let seen: Vec<&str> = seen.iter().map(String::as_str).collect();
        for body in [Body::Form(&form), Body::Query, Body::Raw(body.as_bytes())] {
            for url in [url.clone(), format!("https://a.example/{url}"), format!("wss://{url}")] {
                let valid = matches!(verify(&tokens, &url, body, Some(&given)), Verdict::Valid { .. });
                prop_assert!(!valid);
                let cause = diagnose(&tokens, &url, body, &given, &seen).map(|cause| cause.to_string());
                prop_assert!(cause.is_none_or(|text| !text.contains("1234567890")));
                let forged = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
                prop_assert_eq!(diagnose(&tokens, &url, body, forged, &seen), None);
            }
        }
    }
}
