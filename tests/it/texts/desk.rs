//! What the tests of texts share.

use crate::support::Database;

pub(crate) const LINE: &str = "[[lines]]\nname = \"desk\"\nnumbers = [\"+15875550100\"]\n[lines.texts]\n\
    reply = \"We call you back.\"\n";

/// The fields of a text that comes in.
pub(crate) fn text<'a>(sid: &'a str, from: &'a str, body: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("MessageSid", sid),
        ("SmsSid", sid),
        ("SmsMessageSid", sid),
        ("SmsStatus", "received"),
        ("AccountSid", "AC00000000000000000000000000000001"),
        ("From", from),
        ("To", "+15875550100"),
        ("Body", body),
        ("NumMedia", "0"),
        ("NumSegments", "1"),
    ]
}

/// How many want no texts.
pub(crate) async fn lists(database: &Database) -> i64 {
    database.rows("message_opt_outs where opted_out").await
}
