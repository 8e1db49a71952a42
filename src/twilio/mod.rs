//! Floor 1: Twilio on the wire, pure: signatures, forms, bodies, streams, relayed conversations. PROTOCOL.md is the source of every fact here.

pub mod form;
pub mod relay;
pub mod signature;
pub mod stream;
pub mod webhook;
