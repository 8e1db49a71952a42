//! Any URL, body and signature: first line the URL, second the signature, third a forwarded host, then the body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchboard::base::Secret;
use switchboard::twilio::form::Form;
use switchboard::twilio::signature::{Body, Verdict, diagnose, sign, verify};

const TOKEN: &str = "12345678901234567890123456789012";

fuzz_target!(|input: &str| {
    let mut parts = input.splitn(4, '\n');
    let mut next = || parts.next().unwrap_or("");
    let (url, given, host, body) = (next(), next(), next(), next());
    let tokens = [Secret::new(TOKEN)];
    let form = Form::parse(body.as_bytes());
    for body in [Body::Form(&form), Body::Query, Body::Raw(body.as_bytes())] {
        assert!(!matches!(verify(&tokens, url, body, Some(given)), Verdict::Valid { .. }), "forged");
        if let Some(cause) = diagnose(&tokens, url, body, given, &[host]) {
            assert!(!cause.to_string().contains(TOKEN));
        }
        let signature = sign(&tokens[0], url, body);
        if !matches!(body, Body::Raw(_)) {
            assert!(matches!(verify(&tokens, url, body, Some(&signature)), Verdict::Valid { .. }));
        }
    }
});
