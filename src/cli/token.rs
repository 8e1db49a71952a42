//! `switchboard token`: mints a JWT for the operators' side.

use crate::base::{Clock, Secret, Time, rfc3339_ms};
use crate::cli::say;
use crate::config::{Auth, Source, SystemSource, Warning};
use crate::ops::{Claims, Role, mint};
use chrono::TimeDelta;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::json;
use std::process::ExitCode;

/// Longer than ten years is a mistake, or should be.
const LONGEST: TimeDelta = TimeDelta::days(3650);

/// Mint a JWT for the operators' side
///
/// Signed with JWT_SECRET (or the file that JWT_SECRET_FILE names), the same one that `serve` has.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Examples:\n  switchboard token --role operator --ttl 12h --subject ana@example.com\n  \
                        curl -H \"Authorization: Bearer $(switchboard token --role viewer)\" \
                        http://127.0.0.1:8080/api/calls\n\n\
                        Exit codes: 0 minted, 1 JWT_SECRET is missing or not fit, 2 usage")]
pub struct Args {
    /// How far it reaches; each role includes those before it
    #[arg(long, default_value = "admin", value_parser = role_parser())]
    role: Role,
    /// How long it is valid: a number and s, m, h or d
    #[arg(long, default_value = "30d", value_parser = ttl)]
    ttl: TimeDelta,
    /// Who holds it; events name them as `by`
    #[arg(long, default_value = "admin")]
    subject: String,
    /// Print role, subject and expiry as well, as JSON
    #[arg(long)]
    json: bool,
}

impl Args {
    /// The token, or the JSON that holds it.
    fn minted(&self, key: &Secret, now: Time) -> String {
        let expires = now + self.ttl;
        let claims =
            Claims { sub: self.subject.clone(), role: self.role, exp: expires.timestamp(), iat: now.timestamp() };
        let token = mint(&claims, key);
        if !self.json {
            return token;
        }
        let expires_at = rfc3339_ms(expires);
        json!({ "token": token, "role": self.role, "subject": self.subject, "expires_at": expires_at }).to_string()
    }
}

/// Prints the token, and nothing else, as one line.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    match secret(&SystemSource) {
        Ok((key, warnings)) => {
            warnings.iter().for_each(|warning| say::note(&format!("warning: {warning}")));
            say::line(&args.minted(&key, Clock::System.now()))
        }
        Err(why) => say::failure(&why),
    }
}

/// The secret, and what is worth saying about it.
fn secret(source: &dyn Source) -> Result<(Secret, Vec<Warning>), String> {
    let (key, warnings) = Auth::signing_secret(source)
        .map_err(|mistakes| mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))?;
    let key = key.ok_or("JWT_SECRET is not set: give it the value that the running service has")?;
    Ok((key, warnings))
}

fn role_parser() -> impl TypedValueParser<Value = Role> {
    PossibleValuesParser::new(Role::ALL.map(Role::as_str)).try_map(|word| Role::parse(&word).ok_or("no such role"))
}

/// `30d`, `12h`, `90m`, `45s`.
fn ttl(text: &str) -> Result<TimeDelta, String> {
    let mistake = || "write a whole number and a unit, like 45s, 90m, 12h or 30d, at most 3650d".to_owned();
    let unit = text.chars().next_back().ok_or_else(mistake)?;
    let number: i64 = text.strip_suffix(unit).and_then(|digits| digits.parse().ok()).ok_or_else(mistake)?;
    let length = match unit {
        's' => TimeDelta::try_seconds(number),
        'm' => TimeDelta::try_minutes(number),
        'h' => TimeDelta::try_hours(number),
        'd' => TimeDelta::try_days(number),
        _ => None,
    };
    length.filter(|length| *length > TimeDelta::zero() && *length <= LONGEST).ok_or_else(mistake)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FixedSource;
    use crate::ops::{Denied, InvalidToken, Keys, Operator};
    use clap::Parser;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        token: Args,
    }

    const KEY: &str = "a-signing-secret-of-tests-0123456789";

    fn minted(arguments: &[&str], source: &FixedSource) -> Result<String, String> {
        let line = Line::try_parse_from(std::iter::once("token").chain(arguments.iter().copied()));
        let line = line.map_err(|error| error.to_string())?;
        Ok(line.token.minted(&secret(source)?.0, Time::UNIX_EPOCH))
    }

    #[test]
    fn a_short_secret_is_warned_about_and_refused_in_production() {
        let short = FixedSource::new([("JWT_SECRET", "only-31-characters-are-in-this-")]);
        let (_, warnings) = secret(&short).unwrap();
        assert!(warnings[0].to_string().starts_with("JWT_SECRET: is shorter than 32 characters"), "{warnings:?}");
        let production =
            FixedSource::new([("JWT_SECRET", "only-31-characters-are-in-this-"), ("ENVIRONMENT", "production")]);
        assert!(secret(&production).unwrap_err().starts_with("JWT_SECRET: is shorter than 32 characters"));
        assert!(secret(&FixedSource::new([("JWT_SECRET", KEY)])).unwrap().1.is_empty());
    }

    #[test]
    fn the_service_accepts_what_it_mints_until_it_expires() {
        let source = FixedSource::new([("JWT_SECRET", KEY)]);
        let arguments = ["--role", "operator", "--ttl", "12h", "--subject", "ana"];
        let header = format!("Bearer {}", minted(&arguments, &source).unwrap());
        let keys = Keys::new(None, Some(&Secret::new(KEY)));
        let ana = Operator { role: Role::Operator, subject: "ana".to_owned() };
        let last = Time::UNIX_EPOCH + TimeDelta::hours(12);
        assert_eq!(keys.judge(Some(&header), last - TimeDelta::seconds(1)), Ok(ana));
        assert_eq!(keys.judge(Some(&header), last), Err(Denied::Token(InvalidToken::Expired)));
    }

    #[test]
    fn defaults_are_an_admin_for_thirty_days_and_json_says_so() {
        let source = FixedSource::new([("JWT_SECRET_FILE", "secret")]).with_file("secret", &format!("{KEY}\n"));
        let told: serde_json::Value = serde_json::from_str(&minted(&["--json"], &source).unwrap()).unwrap();
        assert_eq!(told["role"], "admin");
        assert_eq!(told["expires_at"], "1970-01-31T00:00:00.000Z");
        let header = format!("Bearer {}", told["token"].as_str().unwrap());
        assert!(Keys::new(None, Some(&Secret::new(KEY))).judge(Some(&header), Time::UNIX_EPOCH).is_ok());
    }

    #[test]
    fn mistakes_say_what_to_do() {
        let set = FixedSource::new([("JWT_SECRET", KEY)]);
        for ttl in ["", "d", "0d", "+-1h", "1w", "3651d", "30", "9223372036854775807d"] {
            let told = minted(&["--ttl", ttl], &set).unwrap_err();
            assert!(told.contains("12h") || told.contains("value"), "{ttl}: {told}");
        }
        assert!(minted(&["--role", "root"], &set).unwrap_err().contains("viewer"));
        let unset = minted(&[], &FixedSource::default()).unwrap_err();
        assert!(unset.contains("JWT_SECRET"), "{unset}");
    }
}
