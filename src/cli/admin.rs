//! The admin API, as commands use it.

use crate::base::Secret;
use crate::cli::say;
use crate::config::{Source, SystemSource};
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url};
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::Duration;

/// For one answer; the service may have to ask the carrier first.
const PATIENCE: Duration = Duration::from_secs(60);
/// Looking at every number of every account takes the carrier longer.
const LONG_PATIENCE: Duration = Duration::from_secs(600);
/// Items of a page, the most that the service gives.
const PAGE: usize = 200;
/// How often a change is asked for, with the same key: it happens once.
const TRIES: u32 = 4;
/// Before the second try; it doubles.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest that the service may ask us to wait.
const LONGEST_PAUSE: u64 = 30;

/// Where the service is, and who asks.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct AdminArgs {
    /// Base URL of the service
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080", global = true)]
    url: String,
    /// Admin token or JWT, `-` reads standard input; for tests: others can see it in the list of processes
    #[arg(long, value_name = "TOKEN", global = true)]
    token: Option<String>,
    /// Idempotency-Key of the change: the same key within a day is the same change [default: a new one]
    #[arg(long, value_name = "KEY", global = true)]
    key: Option<String>,
}

/// A client of the admin API.
#[derive(Debug)]
pub(super) struct Admin {
    http: Client,
    base: Url,
    token: Secret,
    key: String,
    pause: Duration,
}

impl AdminArgs {
    /// Whether the token comes from standard input.
    pub(super) fn reads_stdin(&self) -> bool {
        self.token.as_deref() == Some("-")
    }

    /// Asks the service, and gives the exit code of the command: 2 when nobody can be asked with these arguments, 1 with a
    /// sentence when it did not work.
    pub(super) fn ask(&self, work: impl AsyncFnOnce(&Admin) -> Result<ExitCode, String>) -> ExitCode {
        let admin = match self.client() {
            Ok(admin) => admin,
            Err(why) => return say::usage(&why),
        };
        match super::runtime() {
            Ok(runtime) => runtime.block_on(work(&admin)).unwrap_or_else(|why| say::failure(&why)),
            Err(why) => say::failure(&format!("cannot start the runtime: {why}")),
        }
    }

    /// The client. The token comes from ADMIN_TOKEN, the file that ADMIN_TOKEN_FILE names, or `--token`.
    ///
    /// # Errors
    /// A sentence for the user.
    pub(super) fn client(&self) -> Result<Admin, String> {
        // A second provider in one process is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let base = Url::parse(&self.url).map_err(|why| format!("--url: {why}"))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err("--url: write an http or https address".to_owned());
        }
        let token = token(self.token.as_deref(), &SystemSource)?;
        let builder =
            || Client::builder().timeout(PATIENCE).user_agent(concat!("switchboard/", env!("CARGO_PKG_VERSION")));
        let http =
            builder().build().or_else(|_| builder().tls_certs_only([]).build()).map_err(|why| why.to_string())?;
        let key = self.key.clone().unwrap_or_else(fresh_key);
        if !(1..=255).contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
            return Err("--key: write 1 to 255 visible ASCII characters".to_owned());
        }
        Ok(Admin { http, base, token, key, pause: PAUSE })
    }
}

#[expect(clippy::disallowed_methods, reason = "an invocation is told apart from others by chance, once")]
fn fresh_key() -> String {
    uuid::Uuid::new_v4().to_string()
}

fn token(flag: Option<&str>, source: &dyn Source) -> Result<Secret, String> {
    let set = |name: &str| source.var(name).filter(|value| !value.is_empty());
    let text = match (flag, set("ADMIN_TOKEN"), set("ADMIN_TOKEN_FILE")) {
        (Some("-"), ..) => std::io::read_to_string(std::io::stdin()).map_err(|why| format!("standard input: {why}"))?,
        (Some(flag), ..) => flag.to_owned(),
        (None, Some(token), _) => token,
        (None, None, Some(path)) => {
            source.read_file(&path).map_err(|why| format!("ADMIN_TOKEN_FILE: cannot read {path}: {why}"))?
        }
        (None, None, None) => {
            return Err("no token: set ADMIN_TOKEN or ADMIN_TOKEN_FILE, or pipe it to `--token -`".to_owned());
        }
    };
    Ok(Secret::new(text.trim()))
}

impl Admin {
    /// Reads.
    ///
    /// # Errors
    /// A sentence for the user: what the service said, or why it cannot be asked.
    pub(super) async fn get(&self, path: &[&str], query: &[(&str, &str)]) -> Result<Value, String> {
        let request = self.http.request(Method::GET, self.at(path)?).query(query);
        self.answer(request).await
    }

    /// Reads a list to its end, or as many items as asked for.
    ///
    /// # Errors
    /// As [`Admin::get`].
    pub(super) async fn list(
        &self,
        path: &[&str],
        query: &[(&str, &str)],
        most: Option<usize>,
    ) -> Result<Value, String> {
        let (mut items, mut cursor) = (Vec::new(), None::<String>);
        loop {
            let left = most.map_or(PAGE, |most| most.saturating_sub(items.len()).min(PAGE));
            let left = left.to_string();
            let mut query = [query, &[("limit", left.as_str())]].concat();
            query.extend(cursor.as_deref().map(|cursor| ("cursor", cursor)));
            let mut page = self.get(path, &query).await?;
            if let Some(more) = page.get_mut("items").and_then(Value::as_array_mut) {
                items.append(more);
            }
            cursor = page.get("next_cursor").and_then(Value::as_str).map(str::to_owned);
            if cursor.is_none() || most.is_some_and(|most| items.len() >= most) {
                return Ok(json!({ "items": items, "next_cursor": cursor }));
            }
        }
    }

    /// Asks for a change; once, however often it has to be asked for.
    ///
    /// # Errors
    /// As [`Admin::get`].
    pub(super) async fn post(&self, path: &[&str], body: &Value) -> Result<Value, String> {
        self.once(self.http.request(Method::POST, self.at(path)?).json(body)).await
    }

    /// Asks for a change that takes long.
    ///
    /// # Errors
    /// As [`Admin::get`].
    pub(super) async fn post_long(&self, path: &[&str], body: &Value) -> Result<Value, String> {
        self.once(self.http.request(Method::POST, self.at(path)?).json(body).timeout(LONG_PATIENCE)).await
    }

    /// Asks for an end.
    ///
    /// # Errors
    /// As [`Admin::get`].
    pub(super) async fn delete(&self, path: &[&str]) -> Result<Value, String> {
        self.once(self.http.request(Method::DELETE, self.at(path)?)).await
    }

    /// The same request with the same key until it is answered: the service does it once.
    async fn once(&self, request: RequestBuilder) -> Result<Value, String> {
        let request = request.header("idempotency-key", &self.key).bearer_auth(self.token.expose());
        let mut pause = self.pause;
        for left in (0..TRIES).rev() {
            let copy = request.try_clone().ok_or("the request cannot be sent twice")?;
            let (why, wait) = match copy.send().await {
                Ok(response) => match again(&response, pause) {
                    Some(wait) if left > 0 => (format!("HTTP {}", response.status().as_u16()), wait),
                    _ => return read(response).await,
                },
                Err(why) if left > 0 && !why.is_builder() => (why.without_url().to_string(), pause),
                Err(why) => {
                    let (base, why, key) = (&self.base, why.without_url(), &self.key);
                    return Err(format!("{base}: {why}; to ask for the same and not for another one: --key {key}"));
                }
            };
            say::note(&format!("{}: {why}; asking again", self.base));
            tokio::time::sleep(wait).await;
            pause *= 2;
        }
        Err("not answered".to_owned())
    }

    fn at(&self, path: &[&str]) -> Result<Url, String> {
        let mut url = self.base.clone();
        url.path_segments_mut().map_err(|()| "--url: not a base".to_owned())?.pop_if_empty().push("api").extend(path);
        Ok(url)
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Result<Value, String> {
        let request = request.bearer_auth(self.token.expose());
        let response = request.send().await.map_err(|why| format!("{}: {}", self.base, why.without_url()))?;
        read(response).await
    }
}

/// How long to wait before the same is asked again; `None`: this is the answer.
fn again(response: &Response, pause: Duration) -> Option<Duration> {
    let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let after = after.map(|seconds| Duration::from_secs(seconds.min(LONGEST_PAUSE)));
    match response.status() {
        StatusCode::SERVICE_UNAVAILABLE => Some(after.unwrap_or(pause)),
        StatusCode::CONFLICT => after,
        _ => None,
    }
}

async fn read(response: Response) -> Result<Value, String> {
    let status = response.status();
    let body = response.bytes().await.map_err(|why| why.without_url().to_string())?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_else(|_| json!({}));
    if status.is_success() {
        return Ok(body);
    }
    let detail = body.get("detail").and_then(Value::as_str).unwrap_or("no explanation: is this a switchboard?");
    Err(format!("HTTP {}: {detail}", status.as_u16()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::FixedSource;

    fn admin(base: &str) -> Admin {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
        let (base, token) = (Url::parse(base).expect("a URL"), Secret::new("t"));
        Admin { http, base, token, key: "k-1".to_owned(), pause: Duration::ZERO }
    }

    async fn serve(router: axum::Router) -> Admin {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, router).await });
        admin(&base)
    }

    #[tokio::test]
    async fn a_change_is_asked_for_again_with_the_same_key() {
        use axum::http::HeaderMap;
        use std::sync::{Arc, Mutex};
        let keys = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&keys);
        let buy = async move |headers: HeaderMap| {
            let mut seen = seen.lock().expect("a lock");
            seen.push(headers["idempotency-key"].to_str().expect("text").to_owned());
            match seen.len() {
                1 => (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "0")], "{}"),
                2 => (StatusCode::CONFLICT, [("retry-after", "0")], "{}"),
                _ => (StatusCode::ACCEPTED, [("x-once", "1")], r#"{"id":"txn_1"}"#),
            }
        };
        let admin = serve(axum::Router::new().route("/api/numbers", axum::routing::post(buy))).await;
        assert_eq!(admin.post(&["numbers"], &json!({})).await, Ok(json!({ "id": "txn_1" })));
        assert_eq!(*keys.lock().expect("a lock"), ["k-1", "k-1", "k-1"]);
        let told = admin_of_nobody().post(&["numbers"], &json!({})).await.unwrap_err();
        assert!(told.contains("--key k-1"), "{told}");
    }

    fn admin_of_nobody() -> Admin {
        admin("http://127.0.0.1:1")
    }

    #[tokio::test]
    async fn a_list_is_read_to_its_end() {
        let page = async |query: axum::extract::RawQuery| match query.0.unwrap_or_default().contains("cursor=c") {
            false => r#"{"items":[1,2],"next_cursor":"c"}"#,
            true => r#"{"items":[3],"next_cursor":null}"#,
        };
        let admin = serve(axum::Router::new().route("/api/numbers", axum::routing::get(page))).await;
        let told = |list: Value| list["items"].as_array().map(Vec::len);
        assert_eq!(told(admin.list(&["numbers"], &[], None).await.expect("a list")), Some(3));
        assert_eq!(told(admin.list(&["numbers"], &[], Some(2)).await.expect("a list")), Some(2));
    }

    #[test]
    fn the_token_comes_from_flag_variable_or_file() {
        let found = |flag, source: &FixedSource| token(flag, source).map(|token| token.expose().to_owned());
        let file = FixedSource::new([("ADMIN_TOKEN_FILE", "/run/t")]).with_file("/run/t", "from-file\n");
        let both = FixedSource::new([("ADMIN_TOKEN", "from-env"), ("ADMIN_TOKEN_FILE", "/run/t")]);
        assert_eq!(found(Some("flag"), &both), Ok("flag".to_owned()));
        assert_eq!(found(None, &both), Ok("from-env".to_owned()));
        assert_eq!(found(None, &file), Ok("from-file".to_owned()));
        assert!(found(None, &FixedSource::default()).unwrap_err().contains("ADMIN_TOKEN"));
    }
}
