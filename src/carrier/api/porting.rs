//! Bringing numbers from another carrier; JSON, on a host of its own (PROTOCOL.md 7.7).

use super::there::{Removal, removed, there};
use crate::base::{E164, Secret, Time};
use crate::carrier::CarrierError;
use crate::carrier::client::{Carrier, segment};
use crate::carrier::operation::Operation;
use crate::carrier::request::Request;
use crate::carrier::wire::{boolean, number, text, time};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// Whether a number can be brought here.
#[derive(Clone, Debug, Deserialize)]
pub struct Portability {
    /// E.164.
    #[serde(default, deserialize_with = "text")]
    pub phone_number: Option<String>,
    /// It can.
    #[serde(default, deserialize_with = "boolean")]
    pub portable: bool,
    /// The losing carrier wants a PIN and an account number.
    #[serde(default, deserialize_with = "boolean")]
    pub pin_and_account_number_required: bool,
    /// Why not, in words.
    #[serde(default, deserialize_with = "text")]
    pub not_portable_reason: Option<String>,
    /// Why not, as a number.
    #[serde(default, deserialize_with = "number")]
    pub not_portable_reason_code: Option<i64>,
    /// `LOCAL`, `MOBILE` and the like.
    #[serde(default, deserialize_with = "text")]
    pub number_type: Option<String>,
    /// Two letters.
    #[serde(default, deserialize_with = "text")]
    pub country: Option<String>,
}

/// An order to bring numbers here.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PortIn {
    /// The account that gets them.
    pub account_sid: String,
    /// Document SIDs; one is a utility bill.
    pub documents: Vec<String>,
    /// Who has them now.
    pub losing_carrier_information: LosingCarrier,
    /// At most 1000.
    pub phone_numbers: Vec<PortInNumber>,
    /// Who hears how it goes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notification_emails: Vec<String>,
    /// `2026-12-01`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_port_in_date: Option<String>,
    /// `10:15:00-04:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_port_in_time_range_start: Option<String>,
    /// `10:45:00-04:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target_port_in_time_range_end: Option<String>,
    /// Regulatory bundle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle_sid: Option<String>,
}

/// The carrier that has the numbers now, and who may sign there.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LosingCarrier {
    /// As on its bill.
    pub customer_name: String,
    /// `Business` or `Individual`.
    pub customer_type: String,
    /// Who signs.
    pub authorized_representative: String,
    /// Where the letter to be signed goes.
    pub authorized_representative_email: String,
    /// The customer's number there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_number: Option<String>,
    /// The account's main telephone number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_telephone_number: Option<String>,
    /// An address that this carrier knows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address_sid: Option<String>,
    /// Or one in words: `street`, `street_2`, `city`, `state`, `zip`, `country`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Value>,
}

/// One number of an order, and in its answer how it stands.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PortInNumber {
    /// E.164.
    pub phone_number: String,
    /// Where the losing carrier wants one.
    #[serde(skip_deserializing, serialize_with = "exposed", skip_serializing_if = "Option::is_none")]
    pub pin: Option<Secret>,
    /// `PU…`, in answers.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub port_in_phone_number_sid: Option<String>,
    /// In answers.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub port_in_phone_number_status: Option<String>,
    /// In answers.
    #[serde(default, deserialize_with = "text", skip_serializing_if = "Option::is_none")]
    pub rejection_reason: Option<String>,
}

/// An order as the carrier has it.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct PortInOrder {
    /// `KW…`
    #[serde(alias = "sid")]
    pub port_in_request_sid: String,
    /// How it stands, in the carrier's words.
    #[serde(default, deserialize_with = "text")]
    pub port_in_request_status: Option<String>,
    /// Where the letter is signed.
    #[serde(default, deserialize_with = "text")]
    pub signature_request_url: Option<String>,
    /// The account that gets the numbers.
    #[serde(default, deserialize_with = "text")]
    pub account_sid: Option<String>,
    /// `2026-12-01`.
    #[serde(default, deserialize_with = "text")]
    pub target_port_in_date: Option<String>,
    /// Its numbers.
    #[serde(default)]
    pub phone_numbers: Vec<PortInNumber>,
    /// When it was placed.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<Time>,
}

/// For the carrier's eyes.
fn exposed<S: Serializer>(pin: &Option<Secret>, serializer: S) -> Result<S::Ok, S::Error> {
    pin.as_ref().map(Secret::expose).serialize(serializer)
}

impl Carrier {
    /// Whether a number can be brought here.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn portability(&self, number: &E164) -> Result<Option<Portability>, CarrierError> {
        let url = self.porting_url(&["Portability", "PhoneNumber", number.as_str()]);
        let query = vec![("TargetAccountSid".to_owned(), self.account_sid().to_owned())];
        there(self.ask(&Request::get(Operation::Portability, url, &query)).await)
    }

    /// Orders numbers to be brought here.
    ///
    /// # Errors
    /// [`CarrierError::Unknown`] when the order may have been placed; others: it was not.
    pub async fn create_port_in(&self, order: &PortIn) -> Result<PortInOrder, CarrierError> {
        let json = serde_json::to_value(order).map_err(|e| CarrierError::Unusable(e.to_string()))?;
        let url = self.porting_url(&["PortIn"]);
        self.ask(&Request::create_json(Operation::PortInCreate, url, json)).await
    }

    /// How an order stands.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn port_in(&self, sid: &str) -> Result<Option<PortInOrder>, CarrierError> {
        let url = self.porting_url(&["PortIn", segment(sid)?]);
        there(self.ask(&Request::get(Operation::PortInFetch, url, &Vec::new())).await)
    }

    /// Orders that the carrier knows, newest page only: an order whose answer was lost is found again here. The list
    /// may leave out an order's numbers; [`Carrier::port_in`] has them.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn port_ins(&self) -> Result<Vec<PortInOrder>, CarrierError> {
        #[derive(Deserialize)]
        struct Body {
            #[serde(default, alias = "items")]
            port_in_requests: Vec<PortInOrder>,
        }
        let url = self.porting_url(&["PortIn", "PortInRequests"]);
        let query = vec![("Size".to_owned(), "100".to_owned())];
        let body = there(self.ask::<Body>(&Request::get(Operation::PortInFetch, url, &query)).await)?;
        Ok(body.map(|body| body.port_in_requests).unwrap_or_default())
    }

    /// Takes an order back.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn cancel_port_in(&self, sid: &str) -> Result<Removal, CarrierError> {
        let url = self.porting_url(&["PortIn", segment(sid)?]);
        removed(self.send(&Request::delete(Operation::PortInCancel, url)).await)
    }
}
