//! What comes with every webhook of a call, and its first one (PROTOCOL.md 2.3).

use super::field::{Prefixed, group, webhook};
use crate::base::{CallState, words};

words! {
    /// Who began a call.
    Direction {
        /// Somebody called us.
        Inbound = "inbound",
        /// The REST API did.
        OutboundApi = "outbound-api",
        /// A Dial did: a child leg.
        OutboundDial = "outbound-dial",
    }

    /// Who or what answered.
    AnsweredBy {
        /// A person.
        Human = "human",
        /// A fax machine.
        Fax = "fax",
        /// It could not be told.
        Unknown = "unknown",
        /// A machine, its greeting just begun.
        MachineStart = "machine_start",
        /// A machine, after its beep.
        MachineEndBeep = "machine_end_beep",
        /// A machine, silent after its greeting.
        MachineEndSilence = "machine_end_silence",
        /// A machine, its greeting over.
        MachineEndOther = "machine_end_other",
    }
}

group! {
    /// What comes with every webhook of a call.
    Call {
        /// `CA…`.
        sid: Option<&'a str> = "CallSid",
        /// `AC…`.
        account_sid: Option<&'a str> = "AccountSid",
        /// E.164, `client:…`, `sip:…`, or one of the words for a withheld number.
        from: Option<&'a str> = "From",
        /// E.164, `client:…` or `sip:…`.
        to: Option<&'a str> = "To",
        /// The same as `from`.
        caller: Option<&'a str> = "Caller",
        /// The same as `to`.
        called: Option<&'a str> = "Called",
        /// Where the call stands.
        status: Option<CallState> = "CallStatus",
        /// Who began it.
        direction: Option<Direction> = "Direction",
        /// `2010-04-01`.
        api_version: Option<&'a str> = "ApiVersion",
        /// Who forwarded it, if the carrier says.
        forwarded_from: Option<&'a str> = "ForwardedFrom",
        /// CNAM, if looked up.
        caller_name: Option<&'a str> = "CallerName",
        /// The call this is a child leg of.
        parent_sid: Option<&'a str> = "ParentCallSid",
        /// Leave to show the caller's number when forwarding. Never stored.
        token: Option<&'a str> = "CallToken",
        /// The TwiML application that routed it.
        application_sid: Option<&'a str> = "ApplicationSid",
        /// `TN-Validation-Passed-A` and the like: a signal, not a verdict.
        verstat: Option<&'a str> = "StirVerstat",
        /// The passport itself. Never stored.
        passport: Option<&'a str> = "StirPassportToken",
        /// Where the numbers are at home.
        places: Places<'a>,
    }

    /// Where numbers are at home, as far as their prefixes tell; each may be empty or missing.
    Places {
        /// Of `From`: `SEATTLE`.
        from_city: Option<&'a str> = "FromCity",
        /// Of `From`: `WA`.
        from_state: Option<&'a str> = "FromState",
        /// Of `From`: `98101`.
        from_zip: Option<&'a str> = "FromZip",
        /// Of `From`: `US`.
        from_country: Option<&'a str> = "FromCountry",
        /// Of `To`.
        to_city: Option<&'a str> = "ToCity",
        /// Of `To`.
        to_state: Option<&'a str> = "ToState",
        /// Of `To`.
        to_zip: Option<&'a str> = "ToZip",
        /// Of `To`.
        to_country: Option<&'a str> = "ToCountry",
        /// Of `Caller`.
        caller_city: Option<&'a str> = "CallerCity",
        /// Of `Caller`.
        caller_state: Option<&'a str> = "CallerState",
        /// Of `Caller`.
        caller_zip: Option<&'a str> = "CallerZip",
        /// Of `Caller`.
        caller_country: Option<&'a str> = "CallerCountry",
        /// Of `Called`.
        called_city: Option<&'a str> = "CalledCity",
        /// Of `Called`.
        called_state: Option<&'a str> = "CalledState",
        /// Of `Called`.
        called_zip: Option<&'a str> = "CalledZip",
        /// Of `Called`.
        called_country: Option<&'a str> = "CalledCountry",
    }
}

webhook! {
    /// A call comes in, one of ours is answered, or the primary URL failed and this is the fallback.
    IncomingCall {
        /// The call.
        call: Call<'a>,
        /// `Call-ID` of a SIP call.
        sip_call_id: Option<&'a str> = "SipCallId",
        /// The SIP domain it came to.
        sip_domain: Option<&'a str> = "SipDomain",
        /// `SD…`.
        sip_domain_sid: Option<&'a str> = "SipDomainSid",
        /// Where it came from.
        sip_source_ip: Option<&'a str> = "SipSourceIp",
        /// SIP headers, by name.
        sip_headers: Prefixed<'a> = "SipHeader_",
        /// Who answered an outbound call, if detection held it up.
        answered_by: Option<AnsweredBy> = "AnsweredBy",
        /// How long that took, ms.
        detection_ms: Option<u32> = "MachineDetectionDuration",
        /// In a fallback: why the primary URL failed.
        error_code: Option<u32> = "ErrorCode",
        /// In a fallback: which URL failed.
        error_url: Option<&'a str> = "ErrorUrl",
    }

    /// Machine detection that did not hold up the call is done.
    MachineDetected {
        /// The call; only its SIDs come along.
        call: Call<'a>,
        /// Who or what answered.
        answered_by: Option<AnsweredBy> = "AnsweredBy",
        /// How long that took, ms.
        detection_ms: Option<u32> = "MachineDetectionDuration",
    }
}
