//! The admin API, as commands use it.

use crate::base::Secret;
use crate::config::{Source, SystemSource};
use reqwest::{Client, Method, Response, Url};
use serde_json::{Value, json};
use std::time::Duration;

/// For one answer; the service may have to ask the carrier first.
const PATIENCE: Duration = Duration::from_secs(60);

/// Where the service is, and who asks.
#[derive(clap::Args, Clone, Debug)]
pub(super) struct AdminArgs {
    /// Base URL of the service
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080", global = true)]
    url: String,
    /// Admin token or JWT, `-` reads standard input; for tests: others can see it in the list of processes
    #[arg(long, value_name = "TOKEN", global = true)]
    token: Option<String>,
}

/// A client of the admin API.
#[derive(Debug)]
pub(super) struct Admin {
    http: Client,
    base: Url,
    token: Secret,
}

impl AdminArgs {
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
        Ok(Admin { http, base, token })
    }
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

    /// Asks for a change.
    ///
    /// # Errors
    /// As [`Admin::get`].
    pub(super) async fn post(&self, path: &[&str], body: &Value) -> Result<Value, String> {
        self.answer(self.http.request(Method::POST, self.at(path)?).json(body)).await
    }

    /// Asks for an end.
    ///
    /// # Errors
    /// As [`Admin::get`].
    pub(super) async fn delete(&self, path: &[&str]) -> Result<Value, String> {
        self.answer(self.http.request(Method::DELETE, self.at(path)?)).await
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
