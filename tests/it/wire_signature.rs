//! `X-Twilio-Signature` against the vectors of Twilio's libraries, and against every webhook of the fixtures.
//!
//! Where the official libraries disagree (vectors with DISAGREEMENT in their note) our policy is:
//!
//! | vector | libraries | switchboard | because |
//! |---|---|---|---|
//! | `official_duplicate_values` | python, node, php collapse and sort; Go, Java, Ruby, C# take one value | collapses and sorts | messaging bindings repeat keys, and Twilio's own reference is python |
//! | `official_userinfo` | tests keep `user:pass@`, the documentation drops it | accepts both | the URL is configured by the operator, so neither is a stranger's choice |
//! | `official_host_case_wrong` | node accepts the lower-case host, C# and python refuse | refuses | a URL is raw text; guessing belongs into the diagnosis |
//! | `official_scheme_upper_userinfo` | python refuses, because it lower-cases the scheme | accepts | the exact text was signed |
//! | `official_json_body_no_hash` | python raises an error, others refuse | refuses | nothing binds the body |
//! | `disagree_quote_in_query_raw` | node accepts `'` for `%27`, python refuses | refuses | as for the host; the diagnosis names it |
//! | `disagree_wss_443_added` | all add :80 to wss | accepts :443 and :80 | 443 is the default port of wss |

use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use switchboard::base::Secret;
use switchboard::twilio::form::Form;
use switchboard::twilio::signature::{Body, PortSpelling, Spelling, Verdict, sign, verify, with_body_hash};

const DISAGREEMENTS: [&str; 7] = [
    "official_duplicate_values",
    "official_userinfo",
    "official_host_case_wrong",
    "official_scheme_upper_userinfo",
    "official_json_body_no_hash",
    "disagree_quote_in_query_raw",
    "disagree_wss_443_added",
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/twilio").join(name)
}

fn json(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(fixture(name)).expect("fixture");
    serde_json::from_str(&text).expect("JSON")
}

fn text<'v>(vector: &'v Value, name: &str) -> &'v str {
    vector[name].as_str().unwrap_or("")
}

/// The body of a vector as it would stand on the wire.
fn wire_body(vector: &Value) -> String {
    if let Some(body) = vector["body"].as_str() {
        return body.to_owned();
    }
    let mut body = form_urlencoded::Serializer::new(String::new());
    for pair in vector["params"].as_array().expect("parameters") {
        body.append_pair(pair[0].as_str().expect("key"), pair[1].as_str().expect("value"));
    }
    body.finish()
}

#[test]
fn every_vector_is_judged_as_our_policy_says() {
    let vectors = json("signature-vectors.json");
    assert_eq!(vectors.len(), 61);
    let mut disagreements = Vec::new();
    for vector in &vectors {
        let name = text(vector, "name");
        let wire = wire_body(vector);
        let form = Form::parse(wire.as_bytes());
        let content_type = text(vector, "content_type");
        let body = match text(vector, "method") {
            "GET" => Body::Query,
            _ if content_type.is_empty() || content_type.starts_with("application/x-www-form") => Body::Form(&form),
            _ => Body::Raw(wire.as_bytes()),
        };
        let token = Secret::new(text(vector, "auth_token"));
        let verdict = verify(&[token], text(vector, "url"), body, Some(text(vector, "signature")));
        assert_eq!(matches!(verdict, Verdict::Valid { .. }), vector["valid"] == true, "{name}: {verdict:?}");
        if text(vector, "note").contains("DISAGREEMENT") {
            disagreements.push(name);
        }
    }
    disagreements.sort_unstable();
    let mut decided = DISAGREEMENTS;
    decided.sort_unstable();
    assert_eq!(disagreements, decided, "a disagreement without a policy");
}

#[test]
fn every_webhook_of_the_fixtures_is_signed_and_verified() {
    let entries = json("requests/manifest.json");
    assert_eq!(entries.len(), 57);
    for entry in &entries {
        let body = fs::read(fixture("requests").join(text(entry, "file"))).expect("body");
        let form = Form::parse(&body);
        let token = Secret::new(text(entry, "auth_token"));
        let (url, signature) = (text(entry, "url"), text(entry, "signature"));
        assert_eq!(sign(&token, url, Body::Form(&form)), signature, "{}", text(entry, "file"));
        let verdict = verify(&[Secret::new("another"), token], url, Body::Form(&form), Some(signature));
        assert!(matches!(verdict, Verdict::Valid { token: 1, .. }), "{verdict:?}");
    }
}

#[test]
fn a_missing_header_is_not_a_wrong_one() {
    let tokens = [Secret::new("token")];
    let url = "https://voice.example.net/twilio/voice";
    assert_eq!(verify(&tokens, url, Body::Query, None), Verdict::Missing);
    assert_eq!(verify(&tokens, url, Body::Query, Some("")), Verdict::Missing);
    for wrong in [" ", "=", "\u{e9}", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", &"A".repeat(10_000)] {
        assert_eq!(verify(&tokens, url, Body::Query, Some(wrong)), Verdict::Wrong, "{wrong:?}");
    }
}

#[test]
fn no_token_and_an_empty_token_let_nobody_in() {
    let url = "https://voice.example.net/twilio/voice";
    let empty = Secret::new("");
    assert_eq!(sign(&empty, url, Body::Query), "");
    // HMAC-SHA1 of the URL with an empty key: anybody can compute it.
    let forged = "utNtxBUTYhDm2lEfmSwmbo+VkfI=";
    assert_eq!(verify(&[], url, Body::Query, Some(forged)), Verdict::Wrong);
    assert_eq!(verify(&[empty], url, Body::Query, Some(forged)), Verdict::Wrong);
}

#[test]
fn json_needs_both_the_signature_and_the_hash() {
    let token = Secret::new("token");
    let tokens = [token.clone()];
    let url = with_body_hash("https://voice.example.net/events?tenant=7", b"{}");
    assert!(url.ends_with("?tenant=7&bodySHA256=44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"));
    let signature = sign(&token, &url, Body::Raw(b"{}"));
    let valid = |url: &str, body| matches!(verify(&tokens, url, body, Some(&signature)), Verdict::Valid { .. });
    assert!(valid(&url, Body::Raw(b"{}")));
    assert!(!valid(&url, Body::Raw(b"{ }")), "another body");
    assert!(!valid(&url.to_uppercase(), Body::Raw(b"{}")), "another URL");
    let upper = url.replace("44136fa3", "44136FA3");
    let signature = sign(&token, &upper, Body::Raw(b"{}"));
    assert_eq!(verify(&tokens, &upper, Body::Raw(b"{}"), Some(&signature)), Verdict::Wrong, "case of the hash counts");
    let bare = "https://voice.example.net/events";
    let signature = sign(&token, bare, Body::Raw(b"{}"));
    assert_eq!(verify(&tokens, bare, Body::Raw(b"{}"), Some(&signature)), Verdict::Wrong, "nothing binds the body");
}

#[test]
fn the_verdict_says_which_token_and_which_spelling() {
    let tokens = [Secret::new("primary"), Secret::new("secondary")];
    let said = |signed: &str, checked: &str| {
        verify(&tokens, checked, Body::Query, Some(&sign(&tokens[1], signed, Body::Query)))
    };
    let as_given = Spelling::default();
    let url = "https://voice.example.net/twilio/voice";
    assert_eq!(said(url, url), Verdict::Valid { token: 1, spelling: as_given });
    assert_eq!(said(&format!("{url}#rc=3&rp=all"), url), Verdict::Valid { token: 1, spelling: as_given });
    let port = PortSpelling::Added("443");
    let added = Verdict::Valid { token: 1, spelling: Spelling { port, ..as_given } };
    assert_eq!(said("https://voice.example.net:443/twilio/voice", url), added);
    let removed = Verdict::Valid { token: 1, spelling: Spelling { port: PortSpelling::Removed, ..as_given } };
    assert_eq!(said(url, "https://voice.example.net:8443/twilio/voice"), removed);
    let dropped = Verdict::Valid { token: 1, spelling: Spelling { userinfo_dropped: true, ..as_given } };
    assert_eq!(said(url, "https://user:pass@voice.example.net/twilio/voice"), dropped);
    let socket = "wss://voice.example.net/twilio/ws/one-time";
    let slash = Verdict::Valid { token: 1, spelling: Spelling { port, slash_added: true, ..as_given } };
    assert_eq!(said("wss://voice.example.net:443/twilio/ws/one-time/", socket), slash);
    assert_eq!(said("https://voice.example.net/twilio/ws/one-time", socket), Verdict::Wrong);
    assert_eq!(said(&format!("{url}/"), url), Verdict::Wrong, "a slash is added to sockets only");
}
