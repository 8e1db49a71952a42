//! The operators' side, as a demo looks at it: what the service remembers of a call.

use super::house::{DemoError, House};
use crate::base::Secret;
use crate::simulator::{Report, SimulatorError};
use serde_json::Value;

/// Somebody with the admin token.
#[derive(Debug)]
pub(super) struct Desk {
    http: reqwest::Client,
    base_url: String,
    token: Secret,
}

impl Desk {
    pub(super) fn of(house: &House) -> Result<Self, DemoError> {
        // Plain http on this machine: neither a proxy nor a certificate has a part in it.
        let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().map_err(SimulatorError::Client)?;
        Ok(Self { http, base_url: house.base_url(), token: house.admin_token.clone() })
    }

    /// `healthy`, or what else `/health` says.
    pub(super) async fn health(&self) -> String {
        let answer = self.json("/health").await;
        let status = answer.as_ref().and_then(|answer| answer.get("status")?.as_str());
        status.unwrap_or("without an answer").to_owned()
    }

    /// The call must be stored as it ended, with its messages once each and their audio to be heard. Returns why it
    /// ended so, by the service's own account.
    pub(super) async fn check_call(&self, report: &Report, problems: &mut Vec<String>) -> String {
        let call = self.json(&format!("/api/calls/{}", report.call_sid)).await.unwrap_or_default();
        let text = |name: &str| call.get(name).and_then(Value::as_str).unwrap_or_default();
        if text("state") != report.status {
            problems.push(format!("the call should be stored as {}, and is `{}`", report.status, text("state")));
        }
        self.check_messages(report, problems).await;
        text("why").to_owned()
    }

    /// Nothing of a stranger's call may be stored.
    pub(super) async fn check_stranger(&self, report: &Report, problems: &mut Vec<String>) -> String {
        if self.json(&format!("/api/calls/{}", report.call_sid)).await.is_some() {
            problems.push("a stranger's call should not be stored".to_owned());
        }
        String::new()
    }

    async fn check_messages(&self, report: &Report, problems: &mut Vec<String>) {
        let inbox = self.json("/api/voicemails").await.unwrap_or_default();
        let items = inbox.get("items").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        let is = |item: &Value, name: &str, value: &str| item.get(name).and_then(Value::as_str) == Some(value);
        let of_call: Vec<_> = items.iter().filter(|item| is(item, "call_sid", &report.call_sid)).collect();
        let left: Vec<_> = report.recordings.iter().filter(|recording| !recording.absent).collect();
        if of_call.len() != left.len() {
            problems.push(format!("{} messages were left, and {} are in the inbox", left.len(), of_call.len()));
        }
        for item in of_call {
            let url = item.get("audio_url").and_then(Value::as_str).unwrap_or_default();
            if self.bytes(url).await.is_none_or(|audio| !audio.starts_with(b"RIFF")) {
                problems.push("the message in the inbox cannot be played".to_owned());
            }
        }
    }

    /// Pages a file; the page's name, if it plays.
    pub(super) async fn page(&self, zone: &str, file: Vec<u8>) -> Option<String> {
        let request = self.http.post(format!("{}/api/pages?zone={zone}", self.base_url));
        let request = request.bearer_auth(self.token.expose()).header("content-type", "audio/wav").body(file);
        let answer = request.send().await.ok().filter(|answer| answer.status() == 201)?;
        let begun: Value = serde_json::from_slice(&answer.bytes().await.ok()?).ok()?;
        begun.get("id")?.as_str().map(str::to_owned)
    }

    /// Whether a page has played to its end.
    pub(super) async fn page_is_over(&self, id: &str) -> bool {
        let page = self.json(&format!("/api/pages/{id}")).await.unwrap_or_default();
        page.get("reason").and_then(Value::as_str) == Some("finished")
    }

    async fn json(&self, path: &str) -> Option<Value> {
        serde_json::from_slice(&self.bytes(path).await?).ok()
    }

    /// A body; `None` for anything but 200.
    async fn bytes(&self, path: &str) -> Option<Vec<u8>> {
        let request = self.http.get(format!("{}{path}", self.base_url)).bearer_auth(self.token.expose());
        let answer = request.send().await.ok().filter(|answer| answer.status() == 200)?;
        answer.bytes().await.ok().map(Into::into)
    }
}
