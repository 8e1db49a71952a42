//! Any text as TwiML.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchboard::twiml::parse;

fuzz_target!(|document: &str| {
    if let Ok(read) = parse(document) {
        let rendered = read.response.render();
        let Ok(again) = parse(&rendered) else {
            // Escaping makes a document longer, and Twilio takes no more than 64 kB.
            assert!(rendered.len() > switchboard::twiml::MAX_BYTES, "{rendered}");
            return;
        };
        assert_eq!(again.warnings, []);
        assert_eq!(again.response, read.response);
    }
});
