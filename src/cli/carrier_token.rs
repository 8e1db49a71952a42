//! Where commands that play the carrier get its token.

use crate::base::Secret;
use crate::config::Source;
use std::io::Read;

/// The flag, `-` for standard input, or else TWILIO_AUTH_TOKEN, or the file that TWILIO_AUTH_TOKEN_FILE names.
///
/// # Errors
/// A sentence for the user; there is no token that can be read.
pub(super) fn carrier_token(flag: Option<&str>, source: &dyn Source) -> Result<Secret, String> {
    let text = match flag {
        Some("-") => standard_input()?,
        Some(token) => token.to_owned(),
        None => from_environment(source)?,
    };
    let token = text.trim();
    if token.is_empty() {
        return Err("the token is empty".to_owned());
    }
    Ok(Secret::new(token))
}

fn standard_input() -> Result<String, String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text).map_err(|why| format!("cannot read the token: {why}"))?;
    Ok(text)
}

fn from_environment(source: &dyn Source) -> Result<String, String> {
    if let Some(token) = source.var("TWILIO_AUTH_TOKEN").filter(|token| !token.is_empty()) {
        return Ok(token);
    }
    let path = source.var("TWILIO_AUTH_TOKEN_FILE").filter(|path| !path.is_empty());
    let path = path.ok_or("no token: set TWILIO_AUTH_TOKEN or TWILIO_AUTH_TOKEN_FILE, or pipe it to `--token -`")?;
    source.read_file(&path).map_err(|why| format!("TWILIO_AUTH_TOKEN_FILE: cannot read {path}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FixedSource;

    #[test]
    fn the_flag_goes_before_the_environment_and_the_variable_before_the_file() {
        let file = FixedSource::new([("TWILIO_AUTH_TOKEN_FILE", "/run/token")]).with_file("/run/token", "from-file\n");
        let both = FixedSource::new([("TWILIO_AUTH_TOKEN", "from-env"), ("TWILIO_AUTH_TOKEN_FILE", "/run/token")]);
        assert_eq!(found(Some("flag"), &both), Ok("flag".to_owned()));
        assert_eq!(found(None, &both), Ok("from-env".to_owned()));
        assert_eq!(found(None, &file), Ok("from-file".to_owned()));
        assert!(found(None, &FixedSource::new([])).unwrap_err().contains("TWILIO_AUTH_TOKEN"));
        assert!(found(None, &FixedSource::new([("TWILIO_AUTH_TOKEN_FILE", "/gone")])).unwrap_err().contains("/gone"));
    }

    fn found(flag: Option<&str>, source: &FixedSource) -> Result<String, String> {
        carrier_token(flag, source).map(|token| token.expose().to_owned())
    }
}
