//! Texts (PROTOCOL.md 2.9).

use super::call::Places;
use super::field::{Prefixed, webhook};
use crate::base::words;

words! {
    /// Where a text stands.
    SmsState {
        /// Taken, a sender to be found.
        Accepted = "accepted",
        /// To be sent later.
        Scheduled = "scheduled",
        /// To be sent.
        Queued = "queued",
        /// Being sent.
        Sending = "sending",
        /// Sent.
        Sent = "sent",
        /// Delivered.
        Delivered = "delivered",
        /// The carrier could not deliver it.
        Undelivered = "undelivered",
        /// It could not be sent.
        Failed = "failed",
        /// Read.
        Read = "read",
        /// Taken back.
        Canceled = "canceled",
        /// Being received.
        Receiving = "receiving",
        /// Received.
        Received = "received",
    }
}

webhook! {
    /// A text came in.
    IncomingSms {
        /// `SM…` or `MM…`.
        sid: Option<&'a str> = "MessageSid",
        /// The same.
        sms_sid: Option<&'a str> = "SmsSid",
        /// The same.
        sms_message_sid: Option<&'a str> = "SmsMessageSid",
        /// `received`.
        state: Option<SmsState> = "SmsStatus",
        /// `AC…`.
        account_sid: Option<&'a str> = "AccountSid",
        /// `MG…`.
        service_sid: Option<&'a str> = "MessagingServiceSid",
        /// Who sent it.
        from: Option<&'a str> = "From",
        /// To which number.
        to: Option<&'a str> = "To",
        /// The text.
        body: Option<&'a str> = "Body",
        /// How many pictures and the like.
        media: Option<u32> = "NumMedia",
        /// How many parts it was sent in.
        segments: Option<u32> = "NumSegments",
        /// Their URLs, by number from 0.
        media_urls: Prefixed<'a> = "MediaUrl",
        /// Their types, by number from 0.
        media_types: Prefixed<'a> = "MediaContentType",
        /// Where the numbers are at home.
        places: Places<'a>,
        /// `2010-04-01`.
        api_version: Option<&'a str> = "ApiVersion",
    }

    /// What became of a text of ours.
    SmsStatus {
        /// `SM…` or `MM…`.
        sid: Option<&'a str> = "MessageSid",
        /// The same.
        sms_sid: Option<&'a str> = "SmsSid",
        /// Where it stands.
        state: Option<SmsState> = "MessageStatus",
        /// The same.
        sms_state: Option<SmsState> = "SmsStatus",
        /// `AC…`.
        account_sid: Option<&'a str> = "AccountSid",
        /// `MG…`.
        service_sid: Option<&'a str> = "MessagingServiceSid",
        /// Our number.
        from: Option<&'a str> = "From",
        /// To whom.
        to: Option<&'a str> = "To",
        /// Why it failed: 30003 to 30008 and more.
        error_code: Option<u32> = "ErrorCode",
        /// Why it failed, in words.
        error_message: Option<&'a str> = "ErrorMessage",
        /// `2010-04-01`.
        api_version: Option<&'a str> = "ApiVersion",
    }
}
