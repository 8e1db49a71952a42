//! Ways to get the fields of a body wrong.

use super::cause::{Cause, Reason};
use super::fields::{Fields, cut, decoded};
use crate::twilio::form::Form;
use crate::twilio::signature::check::{Body, body_hash, hash_fits};
use std::borrow::Cow;

/// What may have been signed instead of what came.
pub(super) struct Rewrite<'a> {
    /// The URL, where it was not ours.
    pub(super) url: Option<String>,
    /// The fields after it, in the order they were signed.
    pub(super) fields: Fields<'a>,
    /// What that would mean.
    pub(super) cause: Cause,
    /// Common enough to be tried together with a mistake in the URL.
    pub(super) is_likely: bool,
}

impl<'a> Rewrite<'a> {
    const fn new(fields: Fields<'a>, cause: Cause) -> Self {
        Self { url: None, fields, cause, is_likely: true }
    }
}

/// Longer forms are not rewritten: Twilio's are under 4 KiB, and a stranger's should not keep us busy.
const LONGEST_FORM: usize = 16 * 1024;
/// More fields than Twilio sends; one left out of each is tried up to here.
const MOST_FIELDS: usize = 100;

/// Everything worth trying instead of `body`.
pub(super) fn rewrites<'a>(url: &str, body: Body<'a>) -> Vec<Rewrite<'a>> {
    match body {
        Body::Form(form) => forms(url, form),
        Body::Query => queries(url),
        Body::Raw(bytes) => {
            let fields = sorted(form_urlencoded::parse(bytes).collect());
            let text = "the body is a form, but its Content-Type says something else";
            vec![Rewrite::new(fields, Cause::new(Reason::ContentType, text))]
        }
    }
}

fn forms<'a>(url: &str, form: &'a Form<'_>) -> Vec<Rewrite<'a>> {
    let right = sorted(every(form));
    let mut rewrites = vec![Rewrite::new(Fields::new(), url_alone(url, form))];
    if form.wire().len() > LONGEST_FORM {
        return rewrites;
    }
    let wrongs = FORMS.iter().map(|&(reason, text, fields)| Rewrite::new(fields(url, form), Cause::new(reason, text)));
    rewrites.extend(wrongs.filter(|rewrite| rewrite.fields != right));
    let one_too_many = if right.len() <= MOST_FIELDS { right.len() } else { 0 };
    for left_out in 0..one_too_many {
        let mut fields = right.clone();
        let (name, _) = fields.remove(left_out);
        let text = format!("the field `{}` was not signed: something on the way added it", name.escape_debug());
        rewrites.push(Rewrite { is_likely: false, ..Rewrite::new(fields, Cause::new(Reason::Fields, text)) });
    }
    rewrites
}

/// A wrong way to make the fields, given the URL and the form.
type Wrong = for<'a> fn(&str, &'a Form<'_>) -> Fields<'a>;

/// Ways to get a form wrong, likely ones first.
const FORMS: &[(Reason, &str, Wrong)] = &[
    (Reason::Order, "the fields were signed in the order of the body, not sorted by name", in_wire_order),
    (Reason::Order, "the fields were sorted without regard to case; Twilio sorts by bytes", sorted_without_case),
    (Reason::Order, "names and values were sorted as one text; Twilio sorts by name first", sorted_as_one_text),
    (Reason::Fields, "of a repeated field only the first value was signed", first_of_each),
    (Reason::Fields, "of a repeated field only the last value was signed", last_of_each),
    (Reason::Fields, "a field that came twice with one value was signed twice; Twilio signs it once", all_copies),
    (Reason::Encoding, "the fields were signed as they stand on the wire; Twilio signs them decoded", undecoded),
    (Reason::Encoding, "the fields arrived encoded twice, or were decoded twice before signing", decoded_again),
    (Reason::Encoding, "`+` in the body was not read as a space", plus_kept),
    (Reason::Encoding, "`+` in the fields became a space: they were decoded twice", plus_lost),
    (Reason::Encoding, "the text was read as Latin-1; it is UTF-8", as_latin1),
    (Reason::Blanks, "values were signed without the blanks or line breaks around them", trimmed),
    (Reason::Blanks, "line breaks within values were changed: \\r\\n was signed, \\n arrived", with_crlf),
    (Reason::Blanks, "line breaks within values were changed: \\n was signed, \\r\\n arrived", with_lf),
    (Reason::Fields, "empty fields were not signed; Twilio signs their names too", without_empty),
    (Reason::Fields, "empty fields of the place (FromCity and the like) were signed but did not arrive", with_places),
    (Reason::Fields, "the query's fields were signed a second time, as fields", with_query),
];

/// The signature covers the URL alone although a form came.
fn url_alone(url: &str, form: &Form<'_>) -> Cause {
    if body_hash(url).is_none() {
        let text = "the URL alone was signed, without the form's fields: the signer's request was a GET or had no form";
        return Cause::new(Reason::Method, text);
    }
    if hash_fits(url, form.wire()) {
        return Cause::new(Reason::ContentType, "the body is no form, but its Content-Type says so (or says nothing)");
    }
    Cause::new(Reason::BodyHash, "the body is no form, and bodySHA256 is the hash of another body")
}

/// What was done to a JSON body, if that can be told: its hash fits once it is undone.
pub(super) fn rewritten(url: &str, body: &[u8]) -> Option<&'static str> {
    let with_newline = [body, b"\n"].concat();
    let compact = serde_json::from_slice::<serde_json::Value>(body).ok().map(|json| json.to_string());
    if hash_fits(url, body.trim_ascii()) {
        Some("has gained blanks or a line break around it")
    } else if hash_fits(url, &with_newline) {
        Some("has lost its last line break")
    } else if compact.is_some_and(|json| hash_fits(url, json.as_bytes())) {
        Some("was laid out anew: same JSON, other blanks or escapes")
    } else {
        None
    }
}

/// Ways to get a GET wrong.
fn queries<'a>(url: &str) -> Vec<Rewrite<'a>> {
    let Some((before, query)) = url.split_once('?') else { return Vec::new() };
    let fields = |query: &str| {
        let pairs = form_urlencoded::parse(query.as_bytes());
        sorted(pairs.map(|(key, value)| (key.into_owned().into(), value.into_owned().into())).collect())
    };
    // Our own state is lower case, Twilio's fields begin with a capital.
    let (ours, theirs): (Vec<&str>, Vec<&str>) =
        query.split('&').partition(|pair| !pair.starts_with(|c: char| c.is_ascii_uppercase()));
    let turned = "signed as a POST with form fields; it arrived as a GET: a redirect or a proxy turned it";
    let again = "the query's fields were signed a second time, after the URL";
    [
        (turned, before.to_owned(), fields(query)),
        (turned, format!("{before}?{}", ours.join("&")), fields(&theirs.join("&"))),
        (again, url.to_owned(), fields(query)),
    ]
    .map(|(text, url, fields)| Rewrite { url: Some(url), ..Rewrite::new(fields, Cause::new(Reason::Method, text)) })
    .into()
}

fn wire<'a>(form: &'a Form<'_>) -> impl Iterator<Item = &'a str> {
    form.wire()
        .split(|&byte| byte == b'&')
        .filter_map(|pair| std::str::from_utf8(pair).ok())
        .filter(|pair| !pair.is_empty())
}

fn every<'a>(form: &'a Form<'_>) -> Fields<'a> {
    form.iter().map(|(key, value)| (key.into(), value.into())).collect()
}

fn sorted(mut fields: Fields<'_>) -> Fields<'_> {
    fields.sort();
    fields.dedup();
    fields
}

fn map<'a>(form: &'a Form<'_>, change: impl Fn(&'a str) -> Cow<'a, str>) -> Fields<'a> {
    sorted(form.iter().map(|(key, value)| (change(key), change(value))).collect())
}

fn in_wire_order<'a>(_: &str, form: &'a Form<'_>) -> Fields<'a> {
    form_urlencoded::parse(form.wire())
        .map(|(key, value)| (key.into_owned().into(), value.into_owned().into()))
        .collect()
}

fn sorted_without_case<'a>(_: &str, form: &'a Form<'_>) -> Fields<'a> {
    let mut fields = sorted(every(form));
    fields.sort_by_key(|(key, _)| key.to_lowercase());
    fields
}

fn sorted_as_one_text<'a>(_: &str, form: &'a Form<'_>) -> Fields<'a> {
    let mut fields = sorted(every(form));
    fields.sort_by_key(|(key, value)| format!("{key}{value}"));
    fields
}

fn first_of_each<'a>(url: &str, form: &'a Form<'_>) -> Fields<'a> {
    let mut fields = in_wire_order(url, form);
    fields.sort_by(|(a, _), (b, _)| a.cmp(b));
    fields.dedup_by(|(later, _), (earlier, _)| later == earlier);
    fields
}

fn last_of_each<'a>(url: &str, form: &'a Form<'_>) -> Fields<'a> {
    let mut fields = in_wire_order(url, form);
    fields.reverse();
    fields.sort_by(|(a, _), (b, _)| a.cmp(b));
    fields.dedup_by(|(later, _), (earlier, _)| later == earlier);
    fields
}

fn all_copies<'a>(_: &str, form: &'a Form<'_>) -> Fields<'a> {
    every(form)
}

fn undecoded<'a>(_: &str, form: &'a Form<'_>) -> Fields<'a> {
    sorted(
        wire(form).map(|pair| pair.split_once('=').unwrap_or((pair, ""))).map(|(k, v)| (k.into(), v.into())).collect(),
    )
}

fn decoded_again<'a>(_: &str, form: &'a Form<'_>) -> Fields<'a> {
    map(form, |text| decoded(text).into())
}

/// Percent-decoded, `+` left alone.
fn plus_kept<'a>(_: &str, form: &'a Form<'_>) -> Fields<'a> {
    let escaped: Vec<String> = wire(form).map(|pair| pair.replace('+', "%2B")).collect();
    let pairs = escaped.iter().flat_map(|pair| form_urlencoded::parse(pair.as_bytes()));
    sorted(pairs.map(|(key, value)| (key.into_owned().into(), value.into_owned().into())).collect())
}

fn plus_lost<'a>(_: &str, form: &'a Form<'_>) -> Fields<'a> {
    map(form, |text| text.replace('+', " ").into())
}

fn as_latin1<'a>(_: &str, form: &'a Form<'_>) -> Fields<'a> {
    map(form, |text| text.bytes().map(char::from).collect::<String>().into())
}

fn trimmed<'a>(_: &str, form: &'a Form<'_>) -> Fields<'a> {
    map(form, |text| text.trim().into())
}

fn with_crlf<'a>(_: &str, form: &'a Form<'_>) -> Fields<'a> {
    map(form, |text| text.replace('\n', "\r\n").into())
}

fn with_lf<'a>(_: &str, form: &'a Form<'_>) -> Fields<'a> {
    map(form, |text| text.replace("\r\n", "\n").into())
}

fn without_empty<'a>(_: &str, form: &'a Form<'_>) -> Fields<'a> {
    sorted(every(form).into_iter().filter(|(_, value)| !value.is_empty()).collect())
}

fn with_places<'a>(_: &str, form: &'a Form<'_>) -> Fields<'a> {
    let mut fields = every(form);
    for who in ["From", "To", "Caller", "Called"] {
        for what in ["City", "State", "Zip", "Country"] {
            let name = format!("{who}{what}");
            if form.get(&name).is_none() {
                fields.push((name.into(), "".into()));
            }
        }
    }
    sorted(fields)
}

fn with_query<'a>(url: &str, form: &'a Form<'_>) -> Fields<'a> {
    let query = cut(url).and_then(|pieces| pieces.query).unwrap_or("");
    let more = form_urlencoded::parse(query.as_bytes());
    let more = more.map(|(key, value)| (Cow::from(key.into_owned()), Cow::from(value.into_owned())));
    sorted(every(form).into_iter().chain(more).collect())
}
