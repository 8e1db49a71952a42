//! A request as `sign` and `verify` are given it: a URL, and a form, a JSON body, or nothing.

use crate::twilio::form::Form;
use crate::twilio::signature::Body;
use std::io::Read;
use std::path::PathBuf;

/// What is signed.
#[derive(clap::Args, Debug)]
pub(super) struct RequestArgs {
    /// The public URL, exactly as Twilio was given it, query included
    #[arg(long, value_name = "URL", value_parser = url)]
    pub(super) url: String,
    /// A form body as it is on the wire (a=1&b=2); - reads standard input
    #[arg(long, value_name = "FILE", conflicts_with_all = ["json", "fields"])]
    form: Option<PathBuf>,
    /// A JSON body, byte for byte, bound by bodySHA256 in the URL; - reads standard input
    #[arg(long, value_name = "FILE", conflicts_with = "fields")]
    json: Option<PathBuf>,
    /// Fields of a form, decoded
    #[arg(value_name = "KEY=VALUE")]
    fields: Vec<String>,
}

/// The body's bytes, and what they are.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Given {
    /// `application/x-www-form-urlencoded`
    Form(Vec<u8>),
    /// Anything else.
    Raw(Vec<u8>),
    /// None: a GET, or a WebSocket's upgrade.
    Nothing,
}

impl RequestArgs {
    /// Reads the body.
    ///
    /// # Errors
    /// A sentence that names the file.
    pub(super) fn body(&self) -> Result<Given, String> {
        if let Some(path) = &self.form {
            let mut bytes = read(path)?;
            // An editor's last line feed; one that belongs to the form would be written %0A.
            while bytes.last().is_some_and(u8::is_ascii_whitespace) {
                bytes.pop();
            }
            return Ok(Given::Form(bytes));
        }
        if let Some(path) = &self.json {
            return read(path).map(Given::Raw);
        }
        if self.fields.is_empty() {
            return Ok(Given::Nothing);
        }
        let pairs = self.fields.iter().map(|field| field.split_once('=').unwrap_or((field, "")));
        let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        Ok(Given::Form(form.into_bytes()))
    }
}

impl Given {
    /// The fields, if it is a form.
    #[must_use]
    pub(super) fn form(&self) -> Form<'_> {
        match self {
            Self::Form(bytes) => Form::parse(bytes),
            Self::Raw(_) | Self::Nothing => Form::default(),
        }
    }

    /// As a signature sees it; `form` is [`Given::form`].
    #[must_use]
    pub(super) fn as_signed<'a>(&'a self, form: &'a Form<'a>) -> Body<'a> {
        match self {
            Self::Form(_) => Body::Form(form),
            Self::Raw(bytes) => Body::Raw(bytes),
            Self::Nothing => Body::Query,
        }
    }
}

/// Kept as it is written, because a signature covers every character.
fn url(text: &str) -> Result<String, String> {
    let scheme = text.split_once("://").map_or("", |(scheme, _)| scheme);
    let known = ["http", "https", "ws", "wss"].iter().any(|known| known.eq_ignore_ascii_case(scheme));
    let host = text.parse::<url::Url>().is_ok_and(|url| url.has_host());
    if known && host {
        return Ok(text.to_owned());
    }
    Err("not a URL: write it as Twilio was given it, like https://phone.example.com/twilio/voice".to_owned())
}

fn read(path: &PathBuf) -> Result<Vec<u8>, String> {
    if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map_err(|why| format!("cannot read standard input: {why}"))?;
        return Ok(bytes);
    }
    std::fs::read(path).map_err(|why| format!("cannot read {}: {why}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_a_form_file_say_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("body.form");
        std::fs::write(&path, "From=%2B15875550111&Body=a+b&Empty=\n").unwrap();
        let args = |form: Option<PathBuf>, fields: &[&str]| RequestArgs {
            url: "https://voice.example.net/x".to_owned(),
            form,
            json: None,
            fields: fields.iter().map(|&field| field.to_owned()).collect(),
        };
        let file = args(Some(path), &[]).body().unwrap();
        assert_eq!(file, args(None, &["From=+15875550111", "Body=a b", "Empty"]).body().unwrap());
        assert_eq!(file.form().get("From"), Some("+15875550111"));
        assert_eq!(args(None, &[]).body(), Ok(Given::Nothing));
        assert!(args(Some("/nowhere/x".into()), &[]).body().unwrap_err().contains("/nowhere/x"));
    }
}
