//! `[recordings]`: what becomes of the audio, and `[recordings.s3]`: the bucket that takes it.

use super::reader::Table;
use crate::config::mistake::Wrong;
use crate::config::recordings::{Recordings, S3};
use crate::config::settings::{is_loopback, web_url};
use url::{Host, Url};

pub(super) fn read(table: Table<'_>) -> (Recordings, Option<S3>) {
    let default = Recordings::default();
    let recordings = Recordings {
        copy: table.boolean("copy").unwrap_or(default.copy),
        delete_at_carrier: table.boolean("delete_at_carrier").unwrap_or(default.delete_at_carrier),
        give_up_days: table.number("give_up_days", 1..=365, default.give_up_days),
    };
    if recordings.delete_at_carrier && !recordings.copy {
        table.mistake("`delete_at_carrier` without `copy` would delete the only copy", "set copy = true");
    }
    let s3 = table.get("s3").and_then(|value| value.table("a table, [recordings.s3]")).and_then(s3);
    table.finish();
    (recordings, s3)
}

fn s3(table: Table<'_>) -> Option<S3> {
    let endpoint = table.parsed("endpoint", "endpoint = \"https://s3.example.com\"", web_url);
    let region = table.parsed("region", "region = \"us-east-1\"", region).unwrap_or_else(|| "us-east-1".to_owned());
    let bucket = table.parsed("bucket", "bucket = \"…\"", bucket);
    let prefix = table.parsed("prefix", "prefix = \"switchboard\"", prefix).unwrap_or_default();
    // Amazon wants the bucket in the host; those who run one of their own seldom have a certificate for that.
    let path_style = table.boolean("path_style").unwrap_or(table.has("endpoint"));
    if !table.has("bucket") {
        table.mistake("[recordings.s3] names no bucket", "write bucket = \"…\", the name of one that is there");
    }
    keys(&table);
    let broken = table.has("endpoint") && endpoint.is_none();
    let endpoint = endpoint.unwrap_or_else(|| format!("https://s3.{region}.amazonaws.com"));
    if let Some(value) = table.get("endpoint").filter(|_| endpoint.starts_with("http:") && !is_loopback(&endpoint)) {
        value.warning("`endpoint` is plain http: recordings travel in clear", "use https");
    }
    if !path_style && has_no_name(&endpoint) {
        table.mistake("the bucket cannot be a part of an address of numbers", "set path_style = true");
    }
    if bucket.as_ref().is_some_and(|bucket| bucket.contains('.')) && !path_style && endpoint.starts_with("https:") {
        table.mistake("no certificate covers a host with the dots of this `bucket`", "set path_style = true");
    }
    table.finish();
    bucket.filter(|_| !broken).map(|bucket| S3 { endpoint, region, bucket, prefix, path_style })
}

/// Whether the host is an IP address.
fn has_no_name(endpoint: &str) -> bool {
    let host = Url::parse(endpoint).ok().and_then(|url| url.host().map(|host| host.to_owned()));
    !matches!(host, None | Some(Host::Domain(_)))
}

/// Without keys nothing could be kept, and nobody would hear of it before the first message.
fn keys(table: &Table<'_>) {
    let around = table.file.around;
    // A key that has been found wrong is one mistake already.
    if !around.s3_keys && !around.broken.iter().any(|name| name.starts_with("S3_")) {
        let mend = "set them, or files with _FILE behind the names, in the environment; or take [recordings.s3] out";
        table.mistake("S3_ACCESS_KEY_ID and S3_SECRET_ACCESS_KEY are not set: nothing could be kept there", mend);
    }
}

fn region(text: &str) -> Result<String, Wrong> {
    let sound = !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    let wrong = || Wrong::new(format!("`{text}` is not a region"), "write it like us-east-1; auto where there is none");
    sound.then(|| text.to_owned()).ok_or_else(wrong)
}

fn bucket(text: &str) -> Result<String, Wrong> {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    let sound = (3..=63).contains(&text.len())
        && text.bytes().all(inner)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && !text.contains("..");
    let wrong = || {
        let mend = "write 3 to 63 lower case letters, digits, dashes or dots, without an address or a slash";
        Wrong::new(format!("`{text}` is not the name of a bucket"), mend)
    };
    sound.then(|| text.to_owned()).ok_or_else(wrong)
}

fn prefix(text: &str) -> Result<String, Wrong> {
    let prefix = text.trim_matches('/');
    let plain = |part: &str| {
        let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        !part.is_empty() && !part.starts_with('.') && part.bytes().all(inner)
    };
    let sound = prefix.is_empty() || (prefix.len() <= 200 && prefix.split('/').all(plain));
    let wrong = || {
        let mend = "write letters, digits, dashes and slashes, like switchboard/production";
        Wrong::new(format!("`{text}` is not a prefix"), mend)
    };
    sound.then(|| prefix.to_owned()).ok_or_else(wrong)
}
