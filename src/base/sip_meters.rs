//! What is counted of telephones that speak SIP.

use super::counters::Family;
use super::registrar::Registrar;
use metrics::Counter;

/// SIP.
#[derive(Clone, Debug)]
pub struct SipMeters {
    /// `sip_messages_total{fate}`: messages that came, by what became of them.
    pub messages: Family,
    /// `sip_calls_total{result}`: calls to zones, by how they were answered.
    pub calls: Family,
    /// `sip_registrations_total{result}`: answers to our registrations with PBXes.
    pub registrations: Family,
    /// `sip_lockouts_total`: addresses that were locked out after wrong passwords.
    pub lockouts: Counter,
}

impl SipMeters {
    pub(super) fn new(made: &Registrar<'_>) -> Self {
        Self {
            messages: made.family(
                "sip_messages_total",
                "SIP messages and connections that came, by what became of them.",
                "fate",
                &["request", "response", "refused", "unreadable", "stranger", "flood"],
            ),
            calls: made.family(
                "sip_calls_total",
                "SIP calls to zones, by how they were answered.",
                "result",
                &["answered", "cancelled", "busy", "challenged", "refused"],
            ),
            registrations: made.family(
                "sip_registrations_total",
                "Attempts to register with PBXes, refreshes included.",
                "result",
                &["registered", "failed"],
            ),
            lockouts: made.counter("sip_lockouts_total", "Addresses locked out after wrong passwords over SIP.", &[]),
        }
    }
}
