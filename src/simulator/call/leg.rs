//! One leg of a call, and the fields every webhook about it carries (PROTOCOL.md 2.3).

use crate::simulator::http::Fields;

/// A leg: the caller's, or one that was dialled.
#[derive(Clone, Debug)]
pub(super) struct Leg {
    pub(super) sid: String,
    pub(super) from: String,
    pub(super) to: String,
    /// SID of the caller's leg, for one that was dialled.
    pub(super) parent: Option<String>,
    /// `inbound`, `outbound-api`, `outbound-dial`
    pub(super) direction: &'static str,
    /// Twilio's CallStatus.
    pub(super) status: &'static str,
}

impl Leg {
    pub(super) const fn inbound(sid: String, from: String, to: String) -> Self {
        Self { sid, from, to, parent: None, direction: "inbound", status: "ringing" }
    }

    pub(super) const fn outbound(sid: String, from: String, to: String) -> Self {
        Self { sid, from, to, parent: None, direction: "outbound-api", status: "queued" }
    }

    pub(super) fn dialled(&self, sid: String, from: String, to: String) -> Self {
        Self { sid, from, to, parent: Some(self.sid.clone()), direction: "outbound-dial", status: "queued" }
    }

    pub(super) fn fields(&self, account_sid: &str) -> Fields {
        let mut fields: Fields = vec![
            ("AccountSid", account_sid.to_owned()),
            ("ApiVersion", "2010-04-01".to_owned()),
            ("CallSid", self.sid.clone()),
            ("CallStatus", self.status.to_owned()),
            ("Called", self.to.clone()),
            ("Caller", self.from.clone()),
            ("Direction", self.direction.to_owned()),
            ("From", self.from.clone()),
            ("To", self.to.clone()),
        ];
        fields.extend(geography(&self.from, &self.to));
        if let Some(parent) = &self.parent {
            fields.push(("ParentCallSid", parent.clone()));
        }
        fields
    }

    /// What only the first webhook of a call carries. The token is in the form of Twilio's and stands for nothing.
    pub(super) fn arrival_fields(&self) -> Fields {
        let token = format!("%7B%22parentCallInfoToken%22%3A%22simulated.{}%22%7D", self.sid);
        vec![("StirVerstat", "TN-Validation-Passed-A".to_owned()), ("CallToken", token)]
    }
}

/// Where the two numbers are from; for SIP addresses and clients nobody knows.
fn geography(from: &str, to: &str) -> Fields {
    const NAMES: [[&str; 4]; 4] = [
        ["FromCity", "FromState", "FromZip", "FromCountry"],
        ["ToCity", "ToState", "ToZip", "ToCountry"],
        ["CallerCity", "CallerState", "CallerZip", "CallerCountry"],
        ["CalledCity", "CalledState", "CalledZip", "CalledCountry"],
    ];
    let place = |number: &str| match number {
        "+266696687" => [""; 4],
        _ if number.starts_with("+1") => ["CALGARY", "AB", "T2P", "CA"],
        _ => [""; 4],
    };
    if !from.starts_with('+') {
        return Vec::new();
    }
    let (here, there) = (place(from), place(to));
    let each = NAMES.iter().zip([here, there, here, there]);
    each.flat_map(|(names, values)| names.iter().copied().zip(values.map(str::to_owned))).collect()
}
