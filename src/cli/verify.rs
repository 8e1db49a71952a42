//! `switchboard verify`: whether a signature fits, and if not, what would have.

use crate::base::Secret;
use crate::cli::carrier_token::carrier_token;
use crate::cli::say;
use crate::cli::signed_request::{Given, RequestArgs};
use crate::config::SystemSource;
use crate::twilio::signature::{PortSpelling, Spelling, Verdict, diagnose, sign, verify};
use std::process::ExitCode;

/// Check an X-Twilio-Signature, and say why it does not fit
///
/// Tries what proxies and people commonly get wrong: scheme, port, host, slashes, query, order and encoding of the
/// fields, method, body, token.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    switchboard verify --url https://phone.example.com/twilio/voice --signature 'c7u…=' --form body.form\n  \
    switchboard verify --url wss://phone.example.com/twilio/ws/abc --signature 'Zt1…='\n\n\
    Exit codes: 0 valid, 1 not valid (or the body cannot be read), 2 usage.\n\
    The token comes from TWILIO_AUTH_TOKEN, TWILIO_AUTH_TOKEN_FILE or `--token -` (standard input).")]
pub struct Args {
    /// The account's token, for tests only (others can see it); - reads standard input
    #[arg(long)]
    token: Option<String>,
    /// The header's value
    #[arg(long, value_name = "BASE64")]
    signature: String,
    /// What a proxy said the host was (Host, X-Forwarded-Host), :8443 for a port, /app for a prefix: tried too
    #[arg(long, value_name = "HOST")]
    seen: Vec<String>,
    #[command(flatten)]
    request: RequestArgs,
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let token = match carrier_token(args.token.as_deref(), &SystemSource) {
        Ok(token) => token,
        Err(why) => return say::usage(&why),
    };
    match args.request.body() {
        Ok(given) => match judge(&token, args, &given) {
            Ok(text) => say::line(&text),
            Err(text) => {
                say::text(&format!("{text}\n"));
                ExitCode::FAILURE
            }
        },
        Err(why) => say::failure(&why),
    }
}

fn judge(token: &Secret, args: &Args, given: &Given) -> Result<String, String> {
    let (url, form) = (args.request.url.as_str(), given.form());
    let body = given.as_signed(&form);
    let tokens = std::slice::from_ref(token);
    match verify(tokens, url, body, Some(&args.signature)) {
        Verdict::Valid { spelling, .. } => Ok(format!("valid{}", spelled(spelling))),
        Verdict::Missing => Err("not valid: the signature is empty".to_owned()),
        Verdict::Wrong => {
            let seen: Vec<_> = args.seen.iter().map(String::as_str).collect();
            let cause = diagnose(tokens, url, body, &args.signature, &seen).map_or_else(
                || {
                    "nothing that is commonly got wrong would have fitted: another token, other fields, or not Twilio"
                        .to_owned()
                },
                |cause| cause.to_string(),
            );
            Err(format!("not valid: {cause}\nthe signature of what was given is {}", sign(token, url, body)))
        }
    }
}

fn spelled(spelling: Spelling) -> String {
    let port = match spelling.port {
        PortSpelling::AsGiven => String::new(),
        PortSpelling::Removed => ", with the port left out".to_owned(),
        PortSpelling::Added(port) => format!(", with port {port} put in"),
    };
    let userinfo = if spelling.userinfo_dropped { ", without user:password@" } else { "" };
    let slash = if spelling.slash_added { ", with a slash at the end of the path" } else { "" };
    format!("{port}{userinfo}{slash}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(clap::Parser, Debug)]
    struct Cli {
        #[command(flatten)]
        args: Args,
    }

    fn judged(url: &str, signed_url: &str, fields: &[&str]) -> Result<String, String> {
        let token = Secret::new("2b7e151628aed2a6abf7158809cf4f3c");
        let arguments = |url: &str, signature: &str| {
            let given = ["verify", "--url", url, "--signature", signature].into_iter().chain(fields.iter().copied());
            <Cli as clap::Parser>::parse_from(given).args
        };
        let given = arguments(url, "x").request.body().unwrap();
        let signature = sign(&token, signed_url, given.as_signed(&given.form()));
        judge(&token, &arguments(url, &signature), &given)
    }

    #[test]
    fn a_signature_that_fits_is_valid_and_one_that_does_not_is_explained() {
        let url = "https://voice.example.net/twilio/voice?v=1";
        let fields = ["CallSid=CA1", "From=+15875550111"];
        assert_eq!(judged(url, url, &fields), Ok("valid".to_owned()));
        let ported = "https://voice.example.net:443/twilio/voice?v=1";
        assert_eq!(judged(url, ported, &fields), Ok("valid, with port 443 put in".to_owned()));
        let scheme = judged(url, "http://voice.example.net/twilio/voice?v=1", &fields).unwrap_err();
        assert!(scheme.starts_with("not valid: ") && scheme.contains("http"), "{scheme}");
        let unknown = judged(url, "https://elsewhere.example/", &fields).unwrap_err();
        assert!(unknown.contains("another token") && !unknown.contains("2b7e15"), "{unknown}");
    }
}
