//! Text messages (PROTOCOL.md 7.10).

use super::there::there;
use crate::base::Time;
use crate::carrier::client::Carrier;
use crate::carrier::operation::Operation;
use crate::carrier::request::Request;
use crate::carrier::wire::{instant, number, pairs, text, time};
use crate::carrier::{CarrierError, Pages};
use serde::{Deserialize, Serialize};

/// A message to send: `to`, one of `from` and `messaging_service_sid`, and one of `body`, `media_url` and
/// `content_sid`.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the carrier's own names, explained by the carrier")]
pub struct MessageSetup {
    pub to: Option<String>,
    pub from: Option<String>,
    pub messaging_service_sid: Option<String>,
    /// At most 1600 characters.
    pub body: Option<String>,
    pub media_url: Vec<String>,
    pub content_sid: Option<String>,
    pub content_variables: Option<String>,
    /// Unique for the message: a lost answer is followed by callbacks that name it.
    pub status_callback: Option<String>,
    /// Seconds in the carrier's queue.
    pub validity_period: Option<u32>,
    pub smart_encoded: Option<bool>,
}

/// A message as the carrier has it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Message {
    /// `SM…` or `MM…`
    pub sid: String,
    /// `accepted`, `queued`, `sending`, `sent`, `delivered`, `undelivered`, `failed` and the like.
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
    /// `inbound`, `outbound-api` or `outbound-reply`.
    #[serde(default, deserialize_with = "text")]
    pub direction: Option<String>,
    /// From whom.
    #[serde(default, deserialize_with = "text")]
    pub from: Option<String>,
    /// To whom.
    #[serde(default, deserialize_with = "text")]
    pub to: Option<String>,
    /// The words.
    #[serde(default, deserialize_with = "text")]
    pub body: Option<String>,
    /// What is paid for.
    #[serde(default, deserialize_with = "number")]
    pub num_segments: Option<i64>,
    /// Why it was not delivered.
    #[serde(default, deserialize_with = "number")]
    pub error_code: Option<i64>,
    /// When the carrier first had it.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<Time>,
    /// When it left.
    #[serde(default, deserialize_with = "time")]
    pub date_sent: Option<Time>,
}

/// Which messages.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct MessageFilter {
    /// To whom.
    pub to: Option<String>,
    /// From whom.
    pub from: Option<String>,
    /// Sent at this time or later.
    #[serde(rename = "DateSent>", serialize_with = "instant")]
    pub sent_after: Option<Time>,
    /// 1 to 1000; the carrier's choice is 50.
    pub page_size: Option<u32>,
}

impl Carrier {
    /// Sends a message.
    ///
    /// # Errors
    /// [`CarrierError::Unknown`] when it may be on its way; others: it is not.
    pub async fn send_message(&self, setup: &MessageSetup) -> Result<Message, CarrierError> {
        self.ask(&Request::create(Operation::MessageSend, self.url(&["Messages"])?, pairs(setup))).await
    }

    /// Messages of the account.
    ///
    /// # Errors
    /// [`CarrierError::BadSid`].
    pub fn messages(&self, filter: &MessageFilter) -> Result<Pages<Message>, CarrierError> {
        Ok(Pages::new(self, Operation::MessageList, (self.url(&["Messages"])?, "messages"), &pairs(filter)))
    }

    /// One message.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn message(&self, sid: &str) -> Result<Option<Message>, CarrierError> {
        let url = self.url(&["Messages", sid])?;
        there(self.ask(&Request::get(Operation::MessageFetch, url, &Vec::new())).await)
    }
}
