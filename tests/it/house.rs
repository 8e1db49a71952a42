//! The whole service in this process, on port 0, and a carrier that signs.

use crate::support::Database;
use switchboard::app::{Running, start};
use switchboard::base::{Clock, Secret};
use switchboard::config::{FixedSource, load};
use switchboard::twilio::form::Form;
use switchboard::twilio::signature::{Body, sign};

/// What the carrier knows.
pub(crate) const TOKEN: &str = "test-token-of-the-carrier";
/// The second token, as during a rotation.
pub(crate) const SECOND_TOKEN: &str = "test-token-after-rotation";
/// What the operator knows.
pub(crate) const ADMIN: &str = "an-admin-token-of-enough-characters";
/// What Twilio was given.
pub(crate) const PUBLIC_URL: &str = "https://phone.example.com";

/// A running service.
pub(crate) struct House {
    pub(crate) running: Running,
    client: reqwest::Client,
    _data: tempfile::TempDir,
}

/// An answer: status, content type, body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) body: String,
}

impl House {
    /// The built-in line on this database.
    pub(crate) async fn open(database: &Database) -> Self {
        Self::with(&database.url, &[], None).await
    }

    /// With further variables, and perhaps a configuration file.
    pub(crate) async fn with(database_url: &str, more: &[(&str, &str)], file: Option<&str>) -> Self {
        Self::at(Clock::System, database_url, more, file).await
    }

    /// With a configuration that names another file.
    pub(crate) async fn reading(database_url: &str, named: (&str, &str), file: &str) -> Self {
        Self::of(Clock::System, (database_url, &[]), Some(file), Some(named)).await
    }

    /// With a clock of the test's own.
    pub(crate) async fn at(clock: Clock, database_url: &str, more: &[(&str, &str)], file: Option<&str>) -> Self {
        Self::of(clock, (database_url, more), file, None).await
    }

    async fn of(
        clock: Clock,
        (database_url, more): (&str, &[(&str, &str)]),
        file: Option<&str>,
        named: Option<(&str, &str)>,
    ) -> Self {
        let data = tempfile::tempdir().expect("a folder");
        let folder = data.path().to_string_lossy().into_owned();
        let base = [
            ("BIND_ADDR", "127.0.0.1:0"),
            ("PUBLIC_URL", PUBLIC_URL),
            ("DATABASE_URL", database_url),
            ("DATA_DIR", folder.as_str()),
            ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001"),
            ("TWILIO_AUTH_TOKEN", TOKEN),
            ("TWILIO_AUTH_TOKEN_SECONDARY", SECOND_TOKEN),
            ("ADMIN_TOKEN", ADMIN),
        ];
        let source = FixedSource::new(base.into_iter().chain(more.iter().copied()));
        let source = named.into_iter().fold(source, |source, (path, text)| source.with_file(path, text));
        let loaded = load(&source, file.map(|text| ("switchboard.toml", text))).expect("a good configuration");
        let running = start(loaded, clock).await.expect("the service starts");
        Self { running, client: client(), _data: data }
    }

    /// `http://127.0.0.1:PORT`
    pub(crate) fn base(&self) -> String {
        format!("http://{}", self.running.address())
    }

    /// Posts a form signed with the first token.
    pub(crate) async fn post(&self, target: &str, fields: &[(&str, &str)]) -> Answer {
        self.post_signed_with(TOKEN, target, fields).await
    }

    /// Posts a form signed with any token.
    pub(crate) async fn post_signed_with(&self, token: &str, target: &str, fields: &[(&str, &str)]) -> Answer {
        let body = encode(fields);
        let signature = signature(token, target, &body);
        self.send(target, body, Some(&signature)).await
    }

    /// Posts a body with any signature, or none.
    pub(crate) async fn send(&self, target: &str, body: String, signature: Option<&str>) -> Answer {
        let request = self.client.post(format!("{}{target}", self.base())).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
        let request = signature.into_iter().fold(request, |request, s| request.header("x-twilio-signature", s));
        Answer::of(request.send().await.expect("an answer")).await
    }

    /// What an operator does: a POST or DELETE without a body.
    pub(crate) async fn act(&self, method: reqwest::Method, path: &str) -> Answer {
        let request = self.client.request(method, format!("{}{path}", self.base())).bearer_auth(ADMIN);
        Answer::of(request.send().await.expect("an answer")).await
    }

    /// What an operator gets.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        let request = self.client.get(format!("{}{path}", self.base())).bearer_auth(ADMIN);
        Answer::of(request.send().await.expect("an answer")).await
    }
}

impl Answer {
    async fn of(response: reqwest::Response) -> Self {
        let content_type =
            response.headers().get("content-type").and_then(|v| v.to_str().ok()).unwrap_or("").to_owned();
        let status = response.status().as_u16();
        Self { status, content_type, body: response.text().await.expect("a body") }
    }

    /// The URL of an attribute in the answer's first such verb, without the public origin.
    pub(crate) fn target(&self, attribute: &str) -> String {
        let (_, rest) = self.body.split_once(&format!("{attribute}=\"")).expect("the attribute");
        let (url, _) = rest.split_once('"').expect("its end");
        url.strip_prefix(PUBLIC_URL).expect("our own URL").replace("&amp;", "&")
    }
}

/// A client of its own; the process needs a TLS provider before the first one is made.
pub(crate) fn client() -> reqwest::Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::new()
}

/// A form body.
pub(crate) fn encode(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// As Twilio signs a form that it posts to our public URL.
pub(crate) fn signature(token: &str, target: &str, body: &str) -> String {
    let form = Form::parse(body.as_bytes());
    sign(&Secret::new(token), &format!("{PUBLIC_URL}{target}"), Body::Form(&form))
}

/// The fields of an inbound call.
pub(crate) fn call(sid: &str) -> Vec<(&str, &str)> {
    vec![
        ("AccountSid", "AC00000000000000000000000000000001"),
        ("ApiVersion", "2010-04-01"),
        ("CallSid", sid),
        ("CallStatus", "ringing"),
        ("Direction", "inbound"),
        ("From", "+14035550111"),
        ("To", "+15875550100"),
    ]
}

/// The same with other or further fields.
pub(crate) fn with<'a>(mut fields: Vec<(&'a str, &'a str)>, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    fields.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
    fields.extend_from_slice(more);
    fields
}
