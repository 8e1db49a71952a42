//! Numbers for sale and numbers of the account (PROTOCOL.md 7.5).

use super::there::{Removal, removed, there};
use crate::base::{E164, Time, words};
use crate::carrier::client::Carrier;
use crate::carrier::operation::Operation;
use crate::carrier::request::Request;
use crate::carrier::wire::{pairs, text, time};
use crate::carrier::{CarrierError, Pages};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};

const OWNED: &str = "IncomingPhoneNumbers";

words! {
    /// The shelf that a number for sale stands on.
    NumberKind {
        /// Of a town.
        Local = "Local",
        /// The called party pays.
        TollFree = "TollFree",
        /// Of a mobile network.
        Mobile = "Mobile",
        /// Of a country.
        National = "National",
        /// Both parties pay.
        SharedCost = "SharedCost",
        /// Of the internet.
        Voip = "Voip",
        /// Of devices.
        MachineToMachine = "MachineToMachine",
    }
}

/// Which numbers for sale. What is found is not reserved.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the carrier's own names, explained by the carrier")]
pub struct NumberSearch {
    pub area_code: Option<String>,
    /// Digits with `*` for any, or letters as on a keypad.
    pub contains: Option<String>,
    pub voice_enabled: Option<bool>,
    pub sms_enabled: Option<bool>,
    pub mms_enabled: Option<bool>,
    pub fax_enabled: Option<bool>,
    pub exclude_all_address_required: Option<bool>,
    pub exclude_local_address_required: Option<bool>,
    pub exclude_foreign_address_required: Option<bool>,
    pub beta: Option<bool>,
    pub near_number: Option<String>,
    pub near_lat_long: Option<String>,
    /// Miles.
    pub distance: Option<u32>,
    pub in_postal_code: Option<String>,
    pub in_region: Option<String>,
    pub in_rate_center: Option<String>,
    pub in_lata: Option<String>,
    pub in_locality: Option<String>,
    pub page_size: Option<u32>,
}

/// What a number can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// Calls.
    pub voice: bool,
    /// Text messages.
    pub sms: bool,
    /// Messages with pictures.
    pub mms: bool,
    /// Fax.
    pub fax: bool,
}

impl<'de> Deserialize<'de> for Capabilities {
    /// `SMS` and `sms` are both seen.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = Option::<Map<String, Value>>::deserialize(deserializer)?.unwrap_or_default();
        let can = |name: &str| {
            let named = fields.iter().find(|(field, _)| field.eq_ignore_ascii_case(name));
            named.is_some_and(|(_, value)| value.as_bool().unwrap_or(value.as_str() == Some("true")))
        };
        Ok(Self { voice: can("voice"), sms: can("sms"), mms: can("mms"), fax: can("fax") })
    }
}

/// A number for sale.
#[derive(Clone, Debug, Deserialize)]
pub struct AvailableNumber {
    /// E.164.
    pub phone_number: String,
    /// As people write it.
    #[serde(default, deserialize_with = "text")]
    pub friendly_name: Option<String>,
    /// ISO 3166-1, two letters.
    #[serde(default, deserialize_with = "text")]
    pub iso_country: Option<String>,
    /// State or province.
    #[serde(default, deserialize_with = "text")]
    pub region: Option<String>,
    /// Town.
    #[serde(default, deserialize_with = "text")]
    pub locality: Option<String>,
    /// Postal code.
    #[serde(default, deserialize_with = "text")]
    pub postal_code: Option<String>,
    /// `none`, `any`, `local` or `foreign`: which address its owner has to prove.
    #[serde(default, deserialize_with = "text")]
    pub address_requirements: Option<String>,
    /// What it can do.
    #[serde(default)]
    pub capabilities: Capabilities,
}

/// Settings of a number. `None` leaves a field as it is, an empty text clears it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the carrier's own names, explained by the carrier")]
pub struct NumberSettings {
    /// At most 64 characters: our tag, by which a purchase is found again.
    pub friendly_name: Option<String>,
    pub voice_url: Option<String>,
    pub voice_method: Option<String>,
    pub voice_fallback_url: Option<String>,
    pub voice_fallback_method: Option<String>,
    pub voice_application_sid: Option<String>,
    pub voice_caller_id_lookup: Option<bool>,
    pub voice_receive_mode: Option<String>,
    pub status_callback: Option<String>,
    pub status_callback_method: Option<String>,
    pub sms_url: Option<String>,
    pub sms_method: Option<String>,
    pub sms_fallback_url: Option<String>,
    pub sms_fallback_method: Option<String>,
    pub sms_application_sid: Option<String>,
    pub trunk_sid: Option<String>,
    pub address_sid: Option<String>,
    pub bundle_sid: Option<String>,
    pub identity_sid: Option<String>,
    pub emergency_status: Option<String>,
    pub emergency_address_sid: Option<String>,
}

/// Which number to buy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// This one.
    Number(E164),
    /// Any of an area (US and Canada).
    AreaCode(String),
}

/// A number of the account.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct OwnedNumber {
    /// `PN…`
    pub sid: String,
    /// Whose it is.
    #[serde(default, deserialize_with = "text")]
    pub account_sid: Option<String>,
    /// E.164.
    pub phone_number: String,
    /// Our tag.
    #[serde(default, deserialize_with = "text")]
    pub friendly_name: Option<String>,
    /// Where calls are answered.
    #[serde(default, deserialize_with = "text")]
    pub voice_url: Option<String>,
    /// `POST` or `GET`.
    #[serde(default, deserialize_with = "text")]
    pub voice_method: Option<String>,
    /// Where calls are answered when `voice_url` fails.
    #[serde(default, deserialize_with = "text")]
    pub voice_fallback_url: Option<String>,
    /// `POST` or `GET`.
    #[serde(default, deserialize_with = "text")]
    pub voice_fallback_method: Option<String>,
    /// Stronger than `voice_url`.
    #[serde(default, deserialize_with = "text")]
    pub voice_application_sid: Option<String>,
    /// Stronger than both.
    #[serde(default, deserialize_with = "text")]
    pub trunk_sid: Option<String>,
    /// Where the end of a call is told.
    #[serde(default, deserialize_with = "text")]
    pub status_callback: Option<String>,
    /// `POST` or `GET`.
    #[serde(default, deserialize_with = "text")]
    pub status_callback_method: Option<String>,
    /// Where messages are answered.
    #[serde(default, deserialize_with = "text")]
    pub sms_url: Option<String>,
    /// `POST` or `GET`.
    #[serde(default, deserialize_with = "text")]
    pub sms_method: Option<String>,
    /// An application, which takes precedence over `sms_url`.
    #[serde(default, deserialize_with = "text")]
    pub sms_application_sid: Option<String>,
    /// Where messages are answered when `sms_url` fails.
    #[serde(default, deserialize_with = "text")]
    pub sms_fallback_url: Option<String>,
    /// `POST` or `GET`.
    #[serde(default, deserialize_with = "text")]
    pub sms_fallback_method: Option<String>,
    /// What it can do.
    #[serde(default)]
    pub capabilities: Capabilities,
    /// `in-use`, or why not.
    #[serde(default, deserialize_with = "text")]
    pub status: Option<String>,
    /// `twilio` or `hosted`.
    #[serde(default, deserialize_with = "text")]
    pub origin: Option<String>,
    /// When it was bought.
    #[serde(default, deserialize_with = "time")]
    pub date_created: Option<Time>,
}

/// Which of the account's numbers.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NumberFilter {
    /// E.164, or a part of it.
    pub phone_number: Option<String>,
    /// Exactly this tag.
    pub friendly_name: Option<String>,
    /// 1 to 1000; the carrier's choice is 50.
    pub page_size: Option<u32>,
}

impl Carrier {
    /// Numbers for sale in a country (two letters); one page, there is no second. `None`: the carrier sells nothing
    /// of this kind there.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn search_numbers(
        &self,
        country: &str,
        kind: NumberKind,
        search: &NumberSearch,
    ) -> Result<Option<Vec<AvailableNumber>>, CarrierError> {
        #[derive(Deserialize)]
        struct Body {
            available_phone_numbers: Vec<AvailableNumber>,
        }
        let url = self.url(&["AvailablePhoneNumbers", country, kind.as_str()])?;
        let request = Request::get(Operation::NumberSearch, url, &pairs(search));
        let body = there(self.ask::<Body>(&request).await)?;
        Ok(body.map(|body| body.available_phone_numbers))
    }

    /// Numbers of the account.
    ///
    /// # Errors
    /// [`CarrierError::BadSid`].
    pub fn numbers(&self, filter: &NumberFilter) -> Result<Pages<OwnedNumber>, CarrierError> {
        let at = (self.url(&[OWNED])?, "incoming_phone_numbers");
        Ok(Pages::new(self, Operation::NumberList, at, &pairs(filter)))
    }

    /// Buys a number. `settings.friendly_name` is the tag by which it is found again after an unknown outcome.
    ///
    /// # Errors
    /// [`CarrierError::Unknown`] when it may have been bought; others: it was not.
    pub async fn buy_number(&self, wanted: &Wanted, settings: &NumberSettings) -> Result<OwnedNumber, CarrierError> {
        let mut form = pairs(settings);
        form.push(match wanted {
            Wanted::Number(number) => ("PhoneNumber".to_owned(), number.to_string()),
            Wanted::AreaCode(code) => ("AreaCode".to_owned(), code.clone()),
        });
        self.ask(&Request::create(Operation::NumberBuy, self.url(&[OWNED])?, form)).await
    }

    /// One number of the account.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn number(&self, sid: &str) -> Result<Option<OwnedNumber>, CarrierError> {
        let url = self.url(&[OWNED, sid])?;
        there(self.ask(&Request::get(Operation::NumberFetch, url, &Vec::new())).await)
    }

    /// Changes settings of a number.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn update_number(
        &self,
        sid: &str,
        settings: &NumberSettings,
    ) -> Result<Option<OwnedNumber>, CarrierError> {
        let url = self.url(&[OWNED, sid])?;
        there(self.ask(&Request::update(Operation::NumberUpdate, url, pairs(settings))).await)
    }

    /// Moves a number to another account of the family. `None`: this account does not have it (any more).
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn move_number(&self, sid: &str, account_sid: &str) -> Result<Option<OwnedNumber>, CarrierError> {
        let form = vec![("AccountSid".to_owned(), account_sid.to_owned())];
        let url = self.url(&[OWNED, sid])?;
        there(self.ask(&Request::update(Operation::NumberUpdate, url, form)).await)
    }

    /// Gives a number back, for good.
    ///
    /// # Errors
    /// [`CarrierError`].
    pub async fn release_number(&self, sid: &str) -> Result<Removal, CarrierError> {
        let url = self.url(&[OWNED, sid])?;
        removed(self.send(&Request::delete(Operation::NumberRelease, url)).await)
    }
}
