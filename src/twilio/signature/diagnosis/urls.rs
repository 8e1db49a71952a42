//! Ways to get a URL wrong, and how two URLs differ.

use super::cause::{Cause, Reason};
use super::fields::{cut, decoded};
use crate::twilio::signature::check::Body;
use crate::twilio::signature::url::Pieces;
use std::borrow::Cow;

/// Ports that services listen on behind a proxy.
const COMMON_PORTS: [&str; 8] = ["3000", "4000", "5000", "8000", "8080", "8081", "8443", "9000"];

/// Host and port.
type Authority<'a> = (Cow<'a, str>, Option<&'a str>);
/// Path and query.
type Target<'a> = (Cow<'a, str>, Option<Cow<'a, str>>);

/// Every URL worth trying instead of `url`.
pub(super) fn suspects(url: &str, body: Body<'_>, seen: &[&str]) -> Vec<String> {
    let Some(ours) = cut(url) else { return Vec::new() };
    let schemes = schemes(&ours, matches!(body, Body::Query));
    let targets = targets(&ours, seen);
    let mut suspects = Vec::new();
    for &scheme in &schemes {
        for authority in authorities(&ours, seen) {
            suspects.extend(targets.iter().map(|target| join(scheme, &authority, target)));
        }
        let as_given = (Cow::from(ours.path), ours.query.map(Cow::from));
        let guesses = COMMON_PORTS.map(|port| (Cow::from(ours.host), Some(port)));
        suspects.extend(guesses.iter().map(|authority| join(scheme, authority, &as_given)));
    }
    suspects
}

/// The few that go together with a second mistake.
pub(super) fn likely(url: &str, seen: &[&str]) -> Vec<String> {
    let Some(ours) = cut(url) else { return Vec::new() };
    let targets = [with_slash_toggled(ours.path), Cow::from(ours.path)];
    let mut suspects = Vec::new();
    for scheme in schemes(&ours, false) {
        for authority in authorities(&ours, seen) {
            let target = |path: &Cow<'_, str>| (path.to_string().into(), ours.query.map(Cow::from));
            suspects.extend(targets.iter().map(|path| join(scheme, &authority, &target(path))));
        }
    }
    suspects.retain(|suspect| suspect != url);
    suspects
}

fn join(scheme: &str, (host, port): &Authority<'_>, (path, query): &Target<'_>) -> String {
    let colon = if port.is_some() { ":" } else { "" };
    let mark = if query.is_some() { "?" } else { "" };
    [scheme, "://", host, colon, port.unwrap_or(""), path, mark, query.as_deref().unwrap_or("")].concat()
}

fn schemes<'a>(ours: &Pieces<'a>, sockets_too: bool) -> Vec<&'a str> {
    let others: &[&str] =
        if ours.is_socket() || sockets_too { &["https", "wss", "http", "ws"] } else { &["https", "http"] };
    std::iter::once(ours.scheme).chain(others.iter().copied().filter(|scheme| *scheme != ours.scheme)).collect()
}

/// Our own host, those that were seen, and spellings of ours.
fn authorities<'a>(ours: &Pieces<'a>, seen: &[&'a str]) -> Vec<Authority<'a>> {
    let mut found = vec![(Cow::from(ours.host), ours.port)];
    for word in seen.iter().flat_map(|text| text.split(',')).map(str::trim).filter(|word| !word.is_empty()) {
        if let Some(port) = word.strip_prefix(':') {
            found.push((ours.host.into(), Some(port)));
        } else if !word.starts_with('/') {
            found.push(match word.rsplit_once(':') {
                Some((host, port)) if !port.contains(']') => (host.into(), Some(port)),
                _ => (word.into(), None),
            });
        }
    }
    found.push((ours.host.to_ascii_lowercase().into(), ours.port));
    found.push((
        ours.host.strip_prefix("www.").map_or_else(|| format!("www.{}", ours.host).into(), Cow::from),
        ours.port,
    ));
    let mut kept: Vec<Authority<'a>> = Vec::new();
    for authority in found {
        if !kept.contains(&authority) {
            kept.push(authority);
        }
    }
    kept
}

/// Our own path and query, then other paths with our query, then our path with other queries.
fn targets<'a>(ours: &Pieces<'a>, seen: &[&str]) -> Vec<Target<'a>> {
    let query = ours.query.map(Cow::from);
    let mut found: Vec<Target<'a>> = vec![(ours.path.into(), query.clone())];
    found.extend(paths(ours.path, seen).into_iter().map(|path| (path, query.clone())));
    found.extend(queries(ours.query).into_iter().map(|query| (ours.path.into(), query)));
    found
}

fn paths<'a>(path: &'a str, seen: &[&str]) -> Vec<Cow<'a, str>> {
    let mut paths = vec![with_slash_toggled(path), without_doubled_slashes(path), format!("/{path}").into()];
    for prefix in seen.iter().filter(|word| word.starts_with('/')) {
        paths.push(format!("{}{path}", prefix.trim_end_matches('/')).into());
    }
    let cuts = path.match_indices('/').skip(1).filter_map(|(at, _)| path.get(at..));
    paths.extend(cuts.take(4).map(Cow::from));
    paths.push(path.to_ascii_lowercase().into());
    paths.push(decoded(&path.replace('+', "%2B")).into());
    paths.retain(|other| other != path);
    paths
}

fn with_slash_toggled(path: &str) -> Cow<'_, str> {
    path.strip_suffix('/').map_or_else(|| format!("{path}/").into(), Cow::from)
}

fn without_doubled_slashes(path: &str) -> Cow<'_, str> {
    let mut single = path.to_owned();
    while single.contains("//") {
        single = single.replace("//", "/");
    }
    single.into()
}

fn queries(query: Option<&str>) -> Vec<Option<Cow<'_, str>>> {
    let Some(query) = query else { return vec![Some("".into())] };
    let mut pairs: Vec<&str> = query.split('&').collect();
    pairs.sort_unstable();
    let mut queries: Vec<Option<Cow<'_, str>>> = vec![
        None,
        Some(query.replace('+', "%20").into()),
        Some(query.replace("%20", "+").into()),
        Some(query.replace('\'', "%27").into()),
        Some(query.replace("%27", "'").into()),
        Some(with_hex_case(query, u8::to_ascii_uppercase).into()),
        Some(with_hex_case(query, u8::to_ascii_lowercase).into()),
        Some(decoded(&query.replace('+', "%2B")).into()),
        Some(
            form_urlencoded::Serializer::new(String::new())
                .extend_pairs(form_urlencoded::parse(query.as_bytes()))
                .finish()
                .into(),
        ),
        Some(pairs.join("&").into()),
        Some(query.trim_end_matches('&').into()),
        Some(query.replace("&amp;", "&").into()),
        Some(query.replace('&', "&amp;").into()),
    ];
    queries.retain(|other| other.as_deref() != Some(query));
    queries
}

/// The digits of `%c3` in one case.
fn with_hex_case(text: &str, case: fn(&u8) -> u8) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut digits = 0;
    for byte in &mut bytes {
        if *byte == b'%' {
            digits = 2;
        } else if digits > 0 {
            *byte = case(byte);
            digits -= 1;
        }
    }
    String::from_utf8(bytes).unwrap_or_default()
}

/// How the URL that was signed differs from ours.
pub(super) fn differences(ours: &str, signed: &str) -> Cause {
    let mut found = Vec::new();
    if let (Some(ours), Some(signed)) = (cut(ours), cut(signed)) {
        found.extend(scheme_difference(&ours, &signed));
        found.extend(host_difference(&ours, &signed));
        found.extend(path_difference(ours.path, signed.path));
        found.extend(query_difference(ours.query, signed.query));
    }
    found.into_iter().reduce(Cause::and).unwrap_or_else(|| Cause::new(Reason::Path, "another URL was signed"))
}

fn scheme_difference(ours: &Pieces<'_>, signed: &Pieces<'_>) -> Option<Cause> {
    (ours.scheme != signed.scheme).then(|| {
        let text = format!("signed for {}://, checked as {}://", signed.scheme, ours.scheme);
        Cause::new(Reason::Scheme, text)
    })
}

fn host_difference(ours: &Pieces<'_>, signed: &Pieces<'_>) -> Option<Cause> {
    if ours.host != signed.host {
        let case = if ours.host.eq_ignore_ascii_case(signed.host) { " (case matters)" } else { "" };
        let place = |pieces: &Pieces<'_>| match pieces.port {
            Some(port) => format!("{}:{port}", pieces.host),
            None => pieces.host.to_owned(),
        };
        let text = format!("signed for the host {}, checked as {}{case}", place(signed), place(ours));
        return Some(Cause::new(Reason::Host, text));
    }
    (ours.port != signed.port).then(|| {
        let named = |port: Option<&str>| port.map_or_else(|| "no port".to_owned(), |port| format!("port {port}"));
        Cause::new(Reason::Port, format!("signed with {}, checked with {}", named(signed.port), named(ours.port)))
    })
}

fn path_difference(ours: &str, signed: &str) -> Option<Cause> {
    if ours == signed {
        return None;
    }
    Some(if ours.strip_suffix('/') == Some(signed) {
        Cause::new(Reason::Slash, "signed without the slash at the end of the path")
    } else if signed.strip_suffix('/') == Some(ours) {
        Cause::new(Reason::Slash, "signed with a slash at the end of the path")
    } else if without_doubled_slashes(ours) == without_doubled_slashes(signed) {
        Cause::new(Reason::Slash, "a doubled slash in the path was added or lost")
    } else if let Some(prefix) = signed.strip_suffix(ours) {
        Cause::new(
            Reason::Path,
            format!("signed with {prefix} before the path: a proxy strips it, PUBLIC_URL lacks it"),
        )
    } else if let Some(prefix) = ours.strip_suffix(signed) {
        Cause::new(Reason::Path, format!("signed without {prefix} before the path: a proxy or PUBLIC_URL adds it"))
    } else if ours.eq_ignore_ascii_case(signed) {
        Cause::new(Reason::Path, "the path differs in case")
    } else {
        Cause::new(Reason::Path, "the path was encoded or decoded on its way")
    })
}

fn query_difference(ours: Option<&str>, signed: Option<&str>) -> Option<Cause> {
    let text = match (ours, signed) {
        (ours, signed) if ours == signed => return None,
        (_, None) => "signed without the query: the URL at Twilio has none, something on the way added it",
        (None, Some(_)) => "signed with a bare ? at the end of the URL",
        (Some(_), Some(_)) => "the query was encoded anew or put in another order on its way",
    };
    Some(Cause::new(Reason::Query, text))
}
