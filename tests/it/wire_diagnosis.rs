//! The signature doctor: what proxies, settings, tools and people get wrong, and the cause it must name.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use std::collections::HashSet;
use switchboard::base::Secret;
use switchboard::twilio::form::Form;
use switchboard::twilio::signature::{Body, Reason, Verdict, diagnose, verify};

const TOKEN: &str = "12345678901234567890123456789012";
const OTHER: &str = "abcdefabcdefabcdefabcdefabcdefab";
const URL: &str = "https://voice.example.net/twilio/voice";
const CALL: &str =
    "To=%2B15875550100&CallSid=CA00112233445566778899aabbccddeeff&AccountSid=ACsecretsecret&From=%2B15875550111";

/// What came in.
#[derive(Clone, Copy)]
enum Came<'a> {
    Form(&'a str),
    Get,
    Raw(&'a str),
}

struct Case<'a> {
    name: &'a str,
    /// The text that was really signed.
    signed: String,
    key: &'a str,
    /// The URL we checked, as configured and received.
    url: &'a str,
    came: Came<'a>,
    seen: &'a [&'a str],
    reasons: &'a [Reason],
    says: &'a str,
}

impl<'a> Case<'a> {
    fn seen(self, seen: &'a [&'a str]) -> Self {
        Self { seen, ..self }
    }

    fn key(self, key: &'a str) -> Self {
        Self { key, ..self }
    }
}

/// A signature that does not come from our own code.
fn signature(key: &str, text: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(key.as_bytes()).expect("any length");
    mac.update(text.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// What Twilio signs for a POST of `body`.
fn post(url: &str, body: &str) -> String {
    let mut fields: Vec<(String, String)> = form_urlencoded::parse(body.as_bytes()).into_owned().collect();
    fields.sort();
    fields.dedup();
    fields.into_iter().fold(url.to_owned(), |text, (key, value)| text + &key + &value)
}

fn hash(body: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(body.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Twilio signed `theirs`; we checked `ours`.
fn url<'a>(name: &'a str, theirs: &str, ours: &'a str, reasons: &'a [Reason], says: &'a str) -> Case<'a> {
    Case { name, signed: post(theirs, CALL), key: TOKEN, url: ours, came: Came::Form(CALL), seen: &[], reasons, says }
}

/// The same with what a proxy said.
fn proxy<'a>(name: &'a str, theirs: &str, ours: &'a str, seen: &'a [&'a str], reasons: &'a [Reason]) -> Case<'a> {
    Case { seen, ..url(name, theirs, ours, reasons, "") }
}

/// `text` was signed after the URL; `body` came.
fn body<'a>(name: &'a str, text: &str, body: &'a str, reason: &'a [Reason], says: &'a str) -> Case<'a> {
    let signed = format!("{URL}{text}");
    Case { name, signed, key: TOKEN, url: URL, came: Came::Form(body), seen: &[], reasons: reason, says }
}

fn check(cases: &[Case<'_>]) {
    let tokens = [Secret::new(OTHER), Secret::new(TOKEN)];
    for case in cases {
        let wire = match case.came {
            Came::Form(wire) | Came::Raw(wire) => wire,
            Came::Get => "",
        };
        let form = Form::parse(wire.as_bytes());
        let body = match case.came {
            Came::Form(_) => Body::Form(&form),
            Came::Get => Body::Query,
            Came::Raw(_) => Body::Raw(wire.as_bytes()),
        };
        let given = signature(case.key, &case.signed);
        let name = case.name;
        assert_eq!(verify(&tokens, case.url, body, Some(&given)), Verdict::Wrong, "{name}: must not fit");
        let cause = diagnose(&tokens, case.url, body, &given, case.seen).unwrap_or_else(|| panic!("{name}: no cause"));
        let text = cause.to_string();
        assert_eq!(cause.reasons().collect::<Vec<_>>(), case.reasons, "{name}: {text}");
        assert!(text.contains(case.says), "{name}: {text}");
        for secret in [TOKEN, OTHER, "ACsecret", "hunter2", "5875550", given.as_str()] {
            assert!(!text.contains(secret), "{name} shows {secret}: {text}");
        }
    }
    let names: HashSet<_> = cases.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), cases.len(), "every case has a name of its own");
}

#[test]
fn scheme_and_port() {
    use Reason::{Host, Port, Scheme};
    let http = "http://voice.example.net/twilio/voice";
    check(&[
        url("TLS ends at the proxy", URL, http, &[Scheme], "signed for https://, checked as http://"),
        url("PUBLIC_URL says https", http, URL, &[Scheme], "signed for http://, checked as https://"),
        url("TLS ends, own port", URL, "http://voice.example.net:8080/twilio/voice", &[Scheme], ""),
        url("TLS ends, port 80", URL, "http://voice.example.net:80/twilio/voice", &[Scheme], ""),
        url("https, port 443 signed", "https://voice.example.net:443/twilio/voice", http, &[Scheme], ""),
        url("signed with 8443", "https://voice.example.net:8443/twilio/voice", URL, &[Port], "signed with port 8443"),
        url("signed with 3000", "http://voice.example.net:3000/twilio/voice", http, &[Port], "port 3000"),
        url(
            "ports differ",
            "https://voice.example.net:8443/x",
            "https://voice.example.net:9443/x",
            &[Port],
            "port 9443",
        ),
        url("scheme and port", "http://voice.example.net:8080/twilio/voice", URL, &[Scheme, Port], "http://"),
        proxy(
            "odd port seen",
            "https://voice.example.net:4711/twilio/voice",
            URL,
            &["voice.example.net:4711"],
            &[Port],
        ),
        proxy("X-Forwarded-Port", "https://voice.example.net:4711/twilio/voice", URL, &[":4711"], &[Port]),
        url("IPv6 and scheme", "https://[2001:db8::17]/x", "http://[2001:db8::17]/x", &[Scheme], ""),
        url("IPv6 and port", "https://[2001:db8::17]:8443/x", "https://[2001:db8::17]/x", &[Port], "port 8443"),
        proxy("IPv6 seen", "https://[2001:db8::18]/x", "https://voice.example.net/x", &["[2001:db8::18]:443"], &[Host]),
    ]);
}

#[test]
fn host() {
    use Reason::{Host, Scheme, Slash};
    let tunnel = "https://abc.tunnel.example/twilio/voice";
    let inner = "http://switchboard:8080/twilio/voice";
    check(&[
        proxy("Host is the public one", tunnel, URL, &["abc.tunnel.example"], &[Host]),
        proxy("X-Forwarded-Host is", tunnel, URL, &["127.0.0.1:8080", "abc.tunnel.example"], &[Host]),
        proxy("list of forwarded hosts", tunnel, URL, &["inner, abc.tunnel.example"], &[Host]),
        proxy("inner name and http", tunnel, inner, &["abc.tunnel.example"], &[Scheme, Host]),
        proxy("old domain", "https://old.example.net/twilio/voice", URL, &["old.example.net"], &[Host]),
        proxy("host with port", "https://b.example:8443/twilio/voice", URL, &["b.example:8443"], &[Host]),
        proxy("host and slash", "https://b.example/twilio/voice/", URL, &["b.example"], &[Host, Slash]),
        url("capitals at Twilio", &URL.replace("voice.e", "Voice.E"), URL, &[Host], "case matters")
            .seen(&["Voice.Example.net"]),
        url("capitals in PUBLIC_URL", URL, "https://Voice.Example.net/twilio/voice", &[Host], "case matters"),
        url("www at Twilio", "https://www.example.net/x", "https://example.net/x", &[Host], "www.example.net"),
        url(
            "www in PUBLIC_URL",
            "https://example.net/x",
            "https://www.example.net/x",
            &[Host],
            "the host example.net,",
        ),
        url("localhost", URL, "http://localhost:8080/twilio/voice", &[Scheme, Host], "voice.example.net")
            .seen(&["voice.example.net"]),
    ]);
}

#[test]
fn path_and_query() {
    use Reason::{Fragment, Path, Query, Scheme, Slash};
    let state = "https://voice.example.net/twilio/dtmf?v=1&n=2";
    check(&[
        url("slash at Twilio", &format!("{URL}/"), URL, &[Slash], "signed with a slash"),
        url("slash added by proxy", URL, "https://voice.example.net/twilio/voice/", &[Slash], "without the slash"),
        url("slash before a query", "https://a.example/x/?v=1", "https://a.example/x?v=1", &[Slash], "with a slash"),
        url("PUBLIC_URL ends in a slash", URL, "https://voice.example.net//twilio/voice", &[Slash], "doubled"),
        url("doubled slash at Twilio", "https://voice.example.net//twilio/voice", URL, &[Slash], "doubled"),
        proxy("prefix stripped", "https://voice.example.net/app/twilio/voice", URL, &["/app"], &[Path]),
        proxy("prefix with slash", "https://voice.example.net/app/twilio/voice", URL, &["/app/"], &[Path]),
        url("prefix in PUBLIC_URL", URL, "https://voice.example.net/app/twilio/voice", &[Path], "without /app before"),
        url("two segments too many", URL, "https://voice.example.net/a/b/twilio/voice", &[Path], "without /a/b before"),
        url("path case", "https://a.example/twilio/voice", "https://a.example/Twilio/Voice", &[Path], "case"),
        url("path decoded", "https://a.example/caf\u{e9}", "https://a.example/caf%C3%A9", &[Path], "decoded"),
        url("query added", "https://voice.example.net/twilio/dtmf", state, &[Query], "without the query"),
        url("bare question mark", "https://a.example/x?", "https://a.example/x", &[Query], "bare ?"),
        url("plus for %20", "https://a.example/x?n=a+b", "https://a.example/x?n=a%20b", &[Query], "anew"),
        url("%20 for plus", "https://a.example/x?n=a%20b", "https://a.example/x?n=a+b", &[Query], "anew"),
        url("apostrophe encoded", "https://a.example/x?n=It%27s", "https://a.example/x?n=It's", &[Query], "anew"),
        url("apostrophe decoded", "https://a.example/x?n=It's", "https://a.example/x?n=It%27s", &[Query], "anew"),
        url("hex in capitals", "https://a.example/x?n=%C3%A9", "https://a.example/x?n=%c3%a9", &[Query], "anew"),
        url("hex in small", "https://a.example/x?n=%c3%a9", "https://a.example/x?n=%C3%A9", &[Query], "anew"),
        url("query decoded", "https://a.example/x?n=+1/2:3", "https://a.example/x?n=+1%2F2%3A3", &[Query], "anew"),
        url("query encoded", "https://a.example/x?n=1%2F2", "https://a.example/x?n=1/2", &[Query], "anew"),
        url("query sorted at Twilio", "https://a.example/x?a=1&b=2", "https://a.example/x?b=2&a=1", &[Query], "order"),
        url("entity in the markup", "https://a.example/x?a=1&amp;b=2", "https://a.example/x?a=1&b=2", &[Query], "anew"),
        url("scheme and slash", &format!("{URL}/"), "http://voice.example.net/twilio/voice", &[Scheme, Slash], ""),
        url("fragment signed", &format!("{URL}#rc=2"), "https://voice.example.net/twilio/voice#rc=2", &[Fragment], "#"),
        url("password in the URL", URL, "http://user:hunter2@voice.example.net/twilio/voice", &[Scheme], ""),
    ]);
}

#[test]
fn form_bodies() {
    use Reason::{Blanks, BodyHash, ContentType, Encoding, Fields, Method, Order, Scheme};
    let json = format!("{URL}?bodySHA256={}", hash("{}"));
    let with_hash = |name, body, reasons, says| Case {
        url: &json,
        signed: json.clone(),
        ..self::body(name, "", body, reasons, says)
    };
    check(&[
        body("fields left out", "", CALL, &[Method], "URL alone"),
        body("order of the wire", "B2a1A3", "B=2&a=1&A=3", &[Order], "order of the body"),
        body("sorted without case", "a1B2C3", "B=2&a=1&C=3", &[Order], "without regard to case"),
        body("sorted as one text", "ReasonEnd2Reasonx", "Reason=x&ReasonEnd=2", &[Order], "one text"),
        body("first of repeated", "a2b1", "b=1&a=2&a=1", &[Fields], "first value"),
        body("last of repeated", "a1b1", "b=1&a=2&a=1", &[Fields], "last value"),
        body("copies signed", "a1a1b2", "b=2&a=1&a=1", &[Fields], "signed twice"),
        body("undecoded", "From%2B1To2", "From=%2B1&To=2", &[Encoding], "as they stand on the wire"),
        body("decoded twice", "CallToken{}To1", "CallToken=%257B%257D&To=1", &[Encoding], "twice"),
        body("encoded twice by a proxy", "From+1To2", "From=%252B1&To=2", &[Encoding], "twice"),
        body("plus not a space", "Bodya+b\u{e9}", "Body=a+b%C3%A9", &[Encoding], "not read as a space"),
        body("plus lost", "From 1", "From=%2B1", &[Encoding], "twice"),
        body("Latin-1", "CityMontr\u{c3}\u{a9}al", "City=Montr%C3%A9al", &[Encoding], "Latin-1"),
        body("trimmed by the reader", "Digits1To2", "Digits=1+&To=2", &[Blanks], "blanks"),
        body("file ends in a line break", "A1B2", "A=1&B=2\n", &[Blanks], "line breaks"),
        body("line feeds only", "Bodya\r\nb", "Body=a%0Ab", &[Blanks], "\\n arrived"),
        body("carriage returns too", "Bodya\nb", "Body=a%0D%0Ab", &[Blanks], "\\r\\n arrived"),
        body("empty fields not signed", "To1", "To=1&FromCity=", &[Fields], "empty fields were not signed"),
        body("a field added", "To1", "To=1&_csrf=hunter2", &[Fields], "`_csrf`"),
        Case {
            url: "https://voice.example.net/twilio/voice?v=1",
            ..body("query signed again", "?v=1To2v1", "To=2", &[Fields], "second time")
        },
        Case {
            url: "http://voice.example.net/twilio/voice",
            ..body("scheme and trimmed", "To2", "To=2+", &[Scheme, Blanks], "blanks")
        },
        Case {
            url: "http://voice.example.net/twilio/voice",
            ..body("scheme and GET", "", CALL, &[Scheme, Method], "URL alone")
        },
        with_hash("JSON called a form", "{}", &[ContentType], "Content-Type"),
        with_hash("JSON called a form and changed", "{ }", &[BodyHash], "another body"),
    ]);
    check(&[body("empty places dropped", &places(), "To=1", &[Fields], "FromCity")]);
}

/// `To=1` and all sixteen fields of the place, empty, as they are signed.
fn places() -> String {
    let mut names = vec!["To1".to_owned()];
    for who in ["From", "To", "Caller", "Called"] {
        names.extend(["City", "State", "Zip", "Country"].map(|what| format!("{who}{what}")));
    }
    names.sort();
    names.concat()
}

#[test]
fn other_bodies_and_methods() {
    use Reason::{BodyHash, ContentType, Method, Scheme};
    let hashed = |body: &str| format!("{URL}?bodySHA256={}", hash(body));
    let (tight, line) = (hashed(r#"{"a":1}"#), hashed("{}\n"));
    let (get, state) = ("https://a.example/voice?CallSid=CA1&To=1", "https://a.example/voice?v=1&CallSid=CA1&To=1");
    let raw = |name, signed: &str, url, came, reasons, says| Case {
        signed: signed.to_owned(),
        url,
        came: Came::Raw(came),
        ..body(name, "", "", reasons, says)
    };
    let query = |name, signed: String, url, reasons, says| Case {
        signed,
        url,
        came: Came::Get,
        ..body(name, "", "", reasons, says)
    };
    check(&[
        raw("JSON without hash", URL, URL, "{}", &[BodyHash], "no bodySHA256"),
        raw("JSON changed", &tight, &tight, r#"{"a":2}"#, &[BodyHash], "another body"),
        raw("JSON laid out anew", &tight, &tight, r#"{ "a": 1 }"#, &[BodyHash], "laid out anew"),
        raw("JSON with a line break", &tight, &tight, "{\"a\":1}\n", &[BodyHash], "gained blanks"),
        raw("JSON lost its line break", &line, &line, "{}", &[BodyHash], "lost its last line break"),
        raw("form called JSON", &post(URL, "To=1"), URL, "To=1", &[ContentType], "is a form"),
        raw("JSON and scheme", &tight, &tight.replace("https", "http"), r#"{"a":1}"#, &[Scheme], "https://"),
        query(
            "POST became GET",
            post("https://a.example/voice", "CallSid=CA1&To=1"),
            get,
            &[Method],
            "arrived as a GET",
        ),
        query(
            "POST with state became GET",
            post("https://a.example/voice?v=1", "CallSid=CA1&To=1"),
            state,
            &[Method],
            "GET",
        ),
        query("GET fields signed again", format!("{get}CallSidCA1To1"), get, &[Method], "second time"),
        query("GET and scheme", get.to_owned(), "http://a.example/voice?CallSid=CA1&To=1", &[Scheme], ""),
    ]);
}

#[test]
fn sockets() {
    use Reason::{Host, Port, Scheme, Slash};
    let wss = "wss://voice.example.net/twilio/ws/one-time";
    let case = |name, signed: &str, url, reasons| Case {
        signed: signed.to_owned(),
        url,
        came: Came::Get,
        ..body(name, "", "", reasons, "")
    };
    check(&[
        case("checked as https", wss, "https://voice.example.net/twilio/ws/one-time", &[Scheme]),
        case("checked as http", wss, "http://voice.example.net/twilio/ws/one-time", &[Scheme]),
        case("checked as ws", wss, "ws://voice.example.net/twilio/ws/one-time", &[Scheme]),
        case("signed as https", "https://voice.example.net/twilio/ws/one-time", wss, &[Scheme]),
        case("socket's port", "wss://voice.example.net:8443/twilio/ws/one-time", wss, &[Port]),
        case("socket's slash lost", wss, "wss://voice.example.net/twilio/ws/one-time/", &[Slash]),
        case("socket's host", "wss://b.example/twilio/ws/one-time", wss, &[Host]).seen(&["b.example"]),
    ]);
}

#[test]
fn tokens() {
    use Reason::Token;
    check(&[
        url("AccountSid for the token", URL, URL, &[Token], "AccountSid").key("ACsecretsecret"),
        url("signer's line break", URL, URL, &[Token], "line break at its end")
            .key("12345678901234567890123456789012\n"),
    ]);
    let form = Form::parse(CALL.as_bytes());
    let given = signature(OTHER, &post(URL, CALL));
    for (ours, says) in [
        (format!("{OTHER}\n"), "blanks or a line break around it"),
        (format!(" {OTHER}"), "blanks or a line break around it"),
        (format!("\"{OTHER}\""), "quotes around it"),
        (OTHER.to_uppercase(), "lower case"),
    ] {
        let cause = diagnose(&[Secret::new(ours)], URL, Body::Form(&form), &given, &[]).expect("a cause");
        assert_eq!(cause.word(), "token");
        assert!(cause.to_string().contains(says), "{cause}");
        assert!(!cause.to_string().contains(OTHER), "{cause}");
    }
}

#[test]
fn headers_that_were_changed() {
    let tokens = [Secret::new(TOKEN)];
    let form = Form::parse(CALL.as_bytes());
    let given = signature(TOKEN, &post(URL, CALL));
    let bare = given.trim_end_matches('=');
    for changed in [bare.to_owned(), format!("\"{given}\""), format!(" {given}"), given.replace('=', "%3D")] {
        let cause = diagnose(&tokens, URL, Body::Form(&form), &changed, &[]).expect("a cause");
        assert_eq!(cause.to_string(), "the signature itself was changed on its way: blanks, quotes, `=` or `%3D`");
    }
    for foreign in ["", "deadbeef", "2b7e151628aed2a6abf7158809cf4f3c2b7e1516", &"A".repeat(5000)] {
        let cause = diagnose(&tokens, URL, Body::Form(&form), foreign, &[]).expect("a cause");
        assert!(cause.to_string().contains("no signature of Twilio's"), "{cause}");
    }
}

#[test]
fn another_token_is_no_riddle() {
    let form = Form::parse(CALL.as_bytes());
    let given = signature("somebody else's", &post(URL, CALL));
    let seen = ["voice.example.net", "10.0.0.7:8080", "/app"];
    assert_eq!(diagnose(&[Secret::new(TOKEN), Secret::new(OTHER)], URL, Body::Form(&form), &given, &seen), None);
    assert_eq!(diagnose(&[], URL, Body::Form(&form), &given, &seen), None);
}

#[test]
fn a_stranger_cannot_keep_us_busy() {
    // Unbounded, leaving out one of 20,000 fields at a time would take gigabytes.
    let many: String = (0..20_000).map(|n| format!("f{n}=&")).collect();
    let long = format!("f={}", "x".repeat(64 * 1024));
    for wire in [many, long] {
        let form = Form::parse(wire.as_bytes());
        let forged = "AAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        assert_eq!(diagnose(&[Secret::new(TOKEN)], URL, Body::Form(&form), forged, &["a.example"]), None);
        // The likeliest mistake is still found.
        let given = signature(TOKEN, &post(URL, &wire));
        let cause = diagnose(&[Secret::new(TOKEN)], &URL.replace("https", "http"), Body::Form(&form), &given, &[]);
        assert!(cause.is_some(), "scheme");
    }
}
