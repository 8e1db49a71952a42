//! One request, read whole.

use axum::http::{HeaderMap, Method, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// What a client asks.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    /// `/2010-04-01/Accounts/AC…/Calls.json`
    pub(crate) path: String,
    query: Vec<(String, String)>,
    form: Vec<(String, String)>,
    body: Vec<u8>,
    /// User and password of basic authentication.
    pub(crate) credentials: Option<(String, String)>,
}

impl Request {
    pub(crate) fn read(method: Method, target: &str, headers: &HeaderMap, body: &[u8]) -> Self {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let is_form = text(header::CONTENT_TYPE).starts_with("application/x-www-form-urlencoded");
        Self {
            method,
            path: path.to_owned(),
            query: pairs(query.as_bytes()),
            form: if is_form { pairs(body) } else { Vec::new() },
            body: body.to_vec(),
            credentials: credentials(text(header::AUTHORIZATION)),
        }
    }

    /// The path below the version in its parts, without `.json`.
    pub(crate) fn segments(&self) -> Vec<&str> {
        let path = self.path.trim_end_matches(".json");
        path.split('/').filter(|part| !part.is_empty()).collect()
    }

    /// The first value of a parameter, of the form or else of the query.
    pub(crate) fn param(&self, name: &str) -> Option<&str> {
        self.form.iter().chain(&self.query).find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The same, unless it is empty.
    pub(crate) fn filled(&self, name: &str) -> Option<&str> {
        self.param(name).filter(|value| !value.is_empty())
    }

    /// All values of a parameter that may be repeated.
    pub(crate) fn params<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let all = self.form.iter().chain(&self.query);
        all.filter(move |(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// A number; `None` if it is none.
    pub(crate) fn number(&self, name: &str) -> Option<u64> {
        self.filled(name)?.parse().ok()
    }

    /// What was posted, in order.
    pub(crate) fn form(&self) -> &[(String, String)] {
        &self.form
    }

    /// The query without what turns pages: the filters.
    pub(crate) fn filters(&self) -> impl Iterator<Item = (&str, &str)> {
        let turns = |name: &str| matches!(name, "Page" | "PageSize" | "PageToken");
        self.query.iter().filter(move |(name, _)| !turns(name)).map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A JSON body.
    pub(crate) fn json(&self) -> Option<Value> {
        serde_json::from_slice(&self.body).ok()
    }
}

fn pairs(text: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(text).into_owned().collect()
}

fn credentials(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    let decoded = STANDARD.decode(encoded.trim()).ok().filter(|_| scheme.eq_ignore_ascii_case("basic"))?;
    let (user, password) = std::str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}
