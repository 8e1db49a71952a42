//! Whom a line may dial: numbers, SIP addresses, and public emergency numbers only with leave.

use crate::base::E164;
use crate::config::line::Target;
use crate::config::mistake::Wrong;

/// Public emergency numbers of the world, and 933, where North America tests them.
const EMERGENCY: [&str; 20] = [
    "911", "112", "999", "000", "110", "119", "933", "108", "111", "113", "115", "117", "118", "120", "122", "190",
    "192", "193", "194", "995",
];

/// Those that nobody gives to an extension of a telephone system, where 101 is a desk.
const EMERGENCY_IN_SIP: [&str; 5] = ["911", "112", "999", "000", "933"];

/// Longest SIP address the carrier takes.
const LONGEST_SIP: usize = 254;

/// `+15875550101` or `sip:ana@pbx.example`.
pub(super) fn parse(text: &str, dial_public: bool) -> Result<Target, Wrong> {
    let target = match text.get(..4) {
        Some(scheme) if scheme.eq_ignore_ascii_case("sip:") => sip(text)?,
        Some(scheme) if scheme.eq_ignore_ascii_case("sips") => {
            return Err(Wrong::new(format!("`{text}` is not a SIP address"), "write sip:user@host;transport=tls"));
        }
        _ if is_emergency(text, &EMERGENCY) => Target::Public(digits(text)),
        _ => Target::Number(number(text)?),
    };
    let public = match &target {
        Target::Public(_) => true,
        Target::Sip(uri) => is_emergency(user(uri), &EMERGENCY_IN_SIP),
        Target::Number(_) => false,
    };
    if public && !dial_public {
        return Err(Wrong::new(
            format!("`{text}` is a public emergency number"),
            "let a person answer, or, if the law where you are allows it, write dial_public = true in [lines.emergency]",
        ));
    }
    Ok(target)
}

/// A telephone number; says what looks wrong with it.
pub(super) fn number(text: &str) -> Result<E164, Wrong> {
    if is_emergency(text, &EMERGENCY) {
        let mend = "write a number of your own, like +15875550100";
        return Err(Wrong::new(format!("`{text}` is a public emergency number"), mend));
    }
    E164::parse(text).map_err(|_| {
        let digits = digits(text);
        let guess = format!("+{digits}");
        let mend = if digits.len() >= 11 && E164::parse(&guess).is_ok() && guess != text {
            format!("write \"{guess}\", if that is meant")
        } else {
            "write + and the country code, like \"+15875550100\"".to_owned()
        };
        Wrong::new(format!("`{text}` is not a telephone number in E.164 form"), mend)
    })
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

/// Whether a text dials a public emergency number: the short number itself, however it is spaced, or the number
/// after a country code. Seven digits and more are somebody's telephone.
fn is_emergency(text: &str, known: &[&str]) -> bool {
    let separators = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | ' ' | '(' | ')');
    let digits = digits(text);
    let country = if text.trim_start().starts_with('+') { 0..=3 } else { 0..=0 };
    text.chars().all(separators)
        && country.into_iter().any(|code| digits.get(code..).is_some_and(|short| known.contains(&short)))
}

/// The user part of a SIP address.
fn user(uri: &str) -> &str {
    let address = uri.get(4..).unwrap_or_default();
    let user = address.split('@').next().unwrap_or_default();
    user.split(';').next().unwrap_or_default()
}

fn sip(text: &str) -> Result<Target, Wrong> {
    const SHAPE: &str = "write sip:user@host, with :port or ;transport=tls if needed";
    let wrong = |why: &str| Wrong::new(format!("the SIP address {why}"), SHAPE);
    let (user, host) =
        text.get(4..).and_then(|address| address.split_once('@')).ok_or_else(|| wrong("has no user@host"))?;
    if text.len() > LONGEST_SIP {
        return Err(wrong("is longer than 254 characters"));
    }
    if !text.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"')) {
        return Err(wrong("holds spaces or characters that SIP does not know"));
    }
    if user.contains('%') {
        return Err(wrong("hides characters behind `%`"));
    }
    if user.contains(':') {
        return Err(Wrong::new("the SIP address holds a password", "take it out: this file never holds a secret"));
    }
    let end = host.find([';', '?']).unwrap_or(host.len());
    let (host, parameters) = host.split_at_checked(end).unwrap_or((host, ""));
    if user.is_empty() || !is_host(host) {
        return Err(wrong("has no user@host"));
    }
    transport(parameters).map_err(|word| wrong(&format!("asks for the transport `{word}`, not udp, tcp or tls")))?;
    Ok(Target::Sip(text.to_owned()))
}

/// A name, an address or `[v6]`, and perhaps a port.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((v6, port)) if v6.parse::<std::net::Ipv6Addr>().is_ok() => ("v6", port.strip_prefix(':')),
        Some(_) => return false,
        None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
    };
    let named = host
        .split('.')
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'));
    named && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

fn transport(parameters: &str) -> Result<(), &str> {
    let before_headers = parameters.split('?').next().unwrap_or_default();
    let mut asked = before_headers.split(';').filter_map(|parameter| parameter.strip_prefix("transport="));
    asked.find(|word| !matches!(*word, "udp" | "tcp" | "tls")).map_or(Ok(()), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn emergency_numbers_are_known_in_any_dress() {
        for text in [
            "911",
            "9-1-1",
            "112",
            "+112",
            "999",
            "000",
            "+1911",
            "+44 999",
            "+49112",
            "+353112",
            "933",
            "sip:911@pbx.example",
        ] {
            assert!(parse(text, false).is_err_and(|wrong| wrong.what.contains("emergency")), "{text}");
        }
        assert_eq!(parse("9-1-1", true), Ok(Target::Public("911".to_owned())));
        assert!(parse("sip:911@pbx.example", true).is_ok());
    }

    #[test]
    fn ordinary_numbers_are_not() {
        for text in [
            "+15875550911",
            "+15875550112",
            "+4930110110",
            "sip:1911@pbx.example",
            "sip:101@pbx.example",
            "sip:ana@pbx.example:5061;transport=tls",
        ] {
            assert!(parse(text, false).is_ok(), "{text}");
        }
    }

    #[test]
    fn a_bad_number_comes_with_a_guess() {
        let mend = |text: &str| parse(text, false).map_err(|wrong| wrong.mend);
        assert_eq!(mend("1 (587) 555-0101"), Err("write \"+15875550101\", if that is meant".to_owned()));
        assert!(mend("5550101").is_err_and(|mend| mend.contains("country code")));
    }

    #[test]
    fn sip_addresses_are_checked() {
        for text in [
            "sip:",
            "sip:ana",
            "sip:@host",
            "sip:ana@",
            "sip:ana@ho st",
            "sip:ana:pw@host",
            "sip:ana@host:99999",
            "sip:a@[::g]",
            "sip:ana@host;transport=ws",
            "sips:ana@host",
            "sip:ana@host..x",
            "sip:%391%31@host",
        ] {
            assert!(parse(text, true).is_err(), "{text}");
        }
        for text in ["sip:ana@host", "SIP:ana@[::1]:5060", "sip:+15875550101@pbx.example;transport=udp?x=y"] {
            assert!(parse(text, false).is_ok(), "{text}");
        }
    }
}
