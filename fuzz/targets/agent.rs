//! Any messages, through the whole agent: calls come about, end, and leave nothing behind.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| switchboard::paging::endure(input));
