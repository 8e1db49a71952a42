//! A client of the twin: any HTTP client, without our own carrier room.

use reqwest::{Method, StatusCode};
use serde_json::Value;
use std::time::Duration;
use switchboard::base::{Clock, Secret, Time};
use switchboard::simulator::{RunningTwin, Twin, TwinOptions};

pub(crate) const ACCOUNT: &str = "AC5d1f0c2b3a49586776859493a2b1c0de";
pub(crate) const TOKEN: &str = "2b7e151628aed2a6abf7158809cf4f3c";

/// Form fields, or the parameters of a query.
pub(crate) type Params<'a> = &'a [(&'a str, &'a str)];

/// Somebody with credentials.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: String,
    pub(crate) user: String,
    pub(crate) password: String,
}

/// A twin that always says the same, and a client of its main account.
pub(crate) async fn twin() -> (RunningTwin, Client) {
    start(|_| {}).await
}

pub(crate) async fn start(change: impl FnOnce(&mut TwinOptions)) -> (RunningTwin, Client) {
    let mut options = TwinOptions {
        account_sid: Some(ACCOUNT.to_owned()),
        token: Some(Secret::new(TOKEN)),
        seed: 7,
        clock: Clock::manual("2026-11-20T16:00:00Z".parse::<Time>().unwrap()),
        ..TwinOptions::default()
    };
    change(&mut options);
    let twin = Twin::start(options).await.unwrap();
    let client = Client::new(&twin.base_url(), ACCOUNT, TOKEN);
    (twin, client)
}

impl Client {
    pub(crate) fn new(base: &str, user: &str, password: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).timeout(Duration::from_secs(20));
        let (base, user, password) = (base.to_owned(), user.to_owned(), password.to_owned());
        Self { http: http.build().unwrap(), base, user, password }
    }

    /// The same with other credentials.
    pub(crate) fn with(&self, user: &str, password: &str) -> Self {
        Self { user: user.to_owned(), password: password.to_owned(), ..self.clone() }
    }

    fn open(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/2010-04-01/Accounts{path}") };
        self.http.request(method, format!("{}{path}", self.base)).basic_auth(&self.user, Some(&self.password))
    }

    /// A path of our own account, like `Calls.json`.
    pub(crate) fn own(&self, rest: &str) -> String {
        format!("/2010-04-01/Accounts/{ACCOUNT}/{rest}")
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, Value) {
        read(self.open(Method::GET, path).send().await.unwrap()).await
    }

    pub(crate) async fn find(&self, path: &str, query: Params<'_>) -> (u16, Value) {
        read(self.open(Method::GET, path).query(query).send().await.unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, form: Params<'_>) -> (u16, Value) {
        read(self.open(Method::POST, path).form(form).send().await.unwrap()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> u16 {
        self.open(Method::DELETE, path).send().await.unwrap().status().as_u16()
    }

    pub(crate) async fn post_json(&self, path: &str, body: &Value) -> (u16, Value) {
        read(self.open(Method::POST, path).json(body).send().await.unwrap()).await
    }

    /// Why there was no answer.
    pub(crate) async fn broken(&self, path: &str, form: Params<'_>) -> reqwest::Error {
        let sent = self.open(Method::POST, path).form(form).send().await;
        sent.expect_err("an answer came")
    }

    pub(crate) async fn raw(&self, path: &str) -> reqwest::Response {
        self.open(Method::GET, path).send().await.unwrap()
    }
}

/// Status and document; null where there is none.
async fn read(response: reqwest::Response) -> (u16, Value) {
    let status = response.status();
    let body = response.bytes().await.unwrap();
    assert!(status != StatusCode::NO_CONTENT || body.is_empty());
    (status.as_u16(), serde_json::from_slice(&body).unwrap_or_default())
}
