//! Numbers that somebody owns, with what they are set up to do.

use crate::base::Time;
use std::collections::BTreeMap;

/// Settings of a number: the parameter's name, and the field's.
pub(crate) const SETTINGS: [(&str, &str); 21] = [
    ("FriendlyName", "friendly_name"),
    ("VoiceUrl", "voice_url"),
    ("VoiceMethod", "voice_method"),
    ("VoiceFallbackUrl", "voice_fallback_url"),
    ("VoiceFallbackMethod", "voice_fallback_method"),
    ("VoiceCallerIdLookup", "voice_caller_id_lookup"),
    ("VoiceApplicationSid", "voice_application_sid"),
    ("VoiceReceiveMode", "voice_receive_mode"),
    ("StatusCallback", "status_callback"),
    ("StatusCallbackMethod", "status_callback_method"),
    ("SmsUrl", "sms_url"),
    ("SmsMethod", "sms_method"),
    ("SmsFallbackUrl", "sms_fallback_url"),
    ("SmsFallbackMethod", "sms_fallback_method"),
    ("SmsApplicationSid", "sms_application_sid"),
    ("TrunkSid", "trunk_sid"),
    ("AddressSid", "address_sid"),
    ("BundleSid", "bundle_sid"),
    ("IdentitySid", "identity_sid"),
    ("EmergencyStatus", "emergency_status"),
    ("EmergencyAddressSid", "emergency_address_sid"),
];

/// What a number begins with.
pub(crate) const DEFAULTS: [(&str, &str); 6] = [
    ("VoiceMethod", "POST"),
    ("VoiceFallbackMethod", "POST"),
    ("StatusCallbackMethod", "POST"),
    ("SmsMethod", "POST"),
    ("SmsFallbackMethod", "POST"),
    ("VoiceReceiveMode", "voice"),
];

/// A number that an account owns and pays for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwinNumber {
    /// `PN…`
    pub sid: String,
    /// Whose it is now.
    pub account_sid: String,
    /// E.164.
    pub phone_number: String,
    /// `Local`, `TollFree` or `Mobile`.
    pub kind: &'static str,
    /// When it was bought.
    pub created: Time,
    /// When it was last changed.
    pub updated: Time,
    /// The end of the last month that is on the bill.
    pub paid_until: Time,
    /// By the parameter's name, like `VoiceUrl`.
    pub settings: BTreeMap<&'static str, String>,
}

impl TwinNumber {
    /// A setting by its parameter's name; empty when it is not set.
    #[must_use]
    pub fn setting(&self, name: &str) -> &str {
        self.settings.get(name).map_or("", String::as_str)
    }
}
