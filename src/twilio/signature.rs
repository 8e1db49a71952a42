//! `X-Twilio-Signature` (PROTOCOL.md 1).
