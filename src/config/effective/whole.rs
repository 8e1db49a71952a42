//! Environment, retention and lines together.

use super::rows::Rows;
use super::{line, paging};
use crate::config::env::Shown;
use crate::config::load::Loaded;
use crate::config::mistake::{Note, Place};
use crate::config::recordings::{Recordings, S3};
use crate::config::retention::Retention;
use serde_json::{Map, Value, json};

const HEAD: &str = "\
# The configuration in effect: the environment, then what the file says with every default written out.
# Secrets are not shown. What follows the comments can be kept as switchboard.toml.
";

/// TOML that reads back to the same lines; the environment stands in comments.
#[must_use]
pub fn to_toml(loaded: &Loaded) -> String {
    let mut text = format!("{HEAD}#\n# Lines: {}\n#\n", loaded.file.as_deref().unwrap_or("the built-in line"));
    for (name, shown) in &loaded.environment {
        let value = match shown {
            Shown::Unset => "(not set)".to_owned(),
            // A line end in a value must not end the comment.
            Shown::Value(value) => value.escape_debug().to_string(),
            Shown::Hidden => "(set, not shown)".to_owned(),
        };
        text.push_str(&format!("# {name} = {value}\n"));
    }
    for note in notes(loaded) {
        text.push_str(&format!("#\n# Note: {}\n", note.to_string().replace(char::is_control, " ")));
    }
    text.push('\n');
    text.push_str(&tables(loaded));
    text
}

/// The same as one object: `environment` (`null`: not set; `{"hidden": true}`: a secret that is set), `file`,
/// `notes` about the file, `retention`, `lines`.
#[must_use]
pub fn to_json(loaded: &Loaded) -> Value {
    let environment = loaded.environment.iter().map(|(name, shown)| {
        let value = match shown {
            Shown::Unset => Value::Null,
            Shown::Value(value) => Value::from(value.as_str()),
            Shown::Hidden => json!({ "hidden": true }),
        };
        ((*name).to_owned(), value)
    });
    // One shape for both forms: the JSON is the TOML, read again.
    let mut whole: Map<String, Value> = toml::from_str(&tables(loaded)).unwrap_or_default();
    whole.insert("environment".to_owned(), Value::Object(environment.collect()));
    whole.insert("file".to_owned(), json!(loaded.file));
    whole.insert("notes".to_owned(), json!(notes(loaded).collect::<Vec<_>>()));
    Value::Object(whole)
}

/// What the file says and the tables below do not show: keys that are not offered, menus that no key leads to.
fn notes(loaded: &Loaded) -> impl Iterator<Item = &Note> {
    loaded.notes.iter().filter(|note| matches!(note.place, Place::File { .. }))
}

fn tables(loaded: &Loaded) -> String {
    let mut rows = Rows::default();
    recordings(&mut rows, &loaded.recordings);
    if let Some(bucket) = &loaded.s3 {
        s3(&mut rows, bucket);
    }
    if !loaded.paging.is_none() {
        paging::write(&mut rows, &loaded.paging);
    }
    retention(&mut rows, &loaded.retention);
    for line in &loaded.lines {
        line::write(&mut rows, line);
    }
    rows.0
}

fn recordings(rows: &mut Rows, recordings: &Recordings) {
    rows.header("[recordings]");
    rows.row("copy", recordings.copy);
    rows.row("delete_at_carrier", recordings.delete_at_carrier);
    rows.row("give_up_days", recordings.give_up_days);
}

fn s3(rows: &mut Rows, s3: &S3) {
    rows.header("[recordings.s3]");
    rows.text("endpoint", &s3.endpoint);
    rows.text("region", &s3.region);
    rows.text("bucket", &s3.bucket);
    rows.text("prefix", &s3.prefix);
    rows.row("path_style", s3.path_style);
}

fn retention(rows: &mut Rows, retention: &Retention) {
    rows.header("[retention]");
    rows.row("calls_days", retention.calls_days);
    rows.row("consents_days", retention.consents_days);
    rows.row("voicemails_days", retention.voicemails_days);
    rows.row("transcripts_days", retention.transcripts_days);
    rows.row("trash_days", retention.trash_days);
    rows.row("recordings_days", retention.recordings_days);
    rows.row("events_days", retention.events_days);
    rows.row("errors_days", retention.errors_days);
    rows.row("rejections_days", retention.rejections_days);
    rows.row("transactions_days", retention.transactions_days);
    rows.row("pages_days", retention.pages_days);
    rows.row("messages_days", retention.messages_days);
}
