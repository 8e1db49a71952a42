//! Where the carrier shall ask, and whether it does.

use super::saga::Urls;
use crate::carrier::{NumberSettings, OwnedNumber};
use url::Url;

/// How the carrier shall ask: 2 s to connect, 4 s for an answer, twice more when it cannot connect, hears nothing or
/// meets a fault. Three tries take 12 s at most, so the fallback URL is asked within the 15 s that a call may wait.
const OVERRIDES: &str = "#ct=2000&rt=4000&tt=12000&rc=2&rp=ct,rt,5xx";

/// Where the carrier reaches this service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reach {
    /// PUBLIC_URL, no slash at the end.
    pub public_url: String,
    /// TWILIO_FALLBACK_URL: what answers when this service does not; its own fallback route when absent.
    pub fallback_url: Option<String>,
    /// Whether the carrier understands connection overrides.
    pub overrides: bool,
    /// Whether the carrier is a pretended one, here.
    pub on_this_machine: bool,
}

impl Reach {
    /// `api_base_url` is TWILIO_API_BASE_URL: Twilio understands connection overrides, and so does a pretend carrier on
    /// this machine; others would take them for a part of the URL.
    #[must_use]
    pub fn new(public_url: &str, fallback_url: Option<String>, api_base_url: &str) -> Self {
        let base = Url::parse(api_base_url).ok();
        let on_this_machine = base.as_ref().is_some_and(is_loopback);
        let is_twilio = |name: &str| name == "twilio.com" || name.ends_with(".twilio.com");
        let overrides = on_this_machine || base.as_ref().and_then(Url::domain).is_some_and(is_twilio);
        let public_url = public_url.trim_end_matches('/').to_owned();
        Self { public_url, fallback_url, overrides, on_this_machine }
    }

    /// Whether the carrier can come here at all.
    #[must_use]
    pub fn is_fit(&self) -> bool {
        self.public_url.starts_with("https://") || self.on_this_machine
    }

    /// What every number of ours shall have.
    #[must_use]
    pub fn wanted(&self) -> Urls {
        let at = |route: &str| format!("{}/twilio/{route}", self.public_url);
        let overrides = if self.overrides { OVERRIDES } else { "" };
        Urls {
            voice: at("voice") + overrides,
            voice_fallback: self.fallback_url.clone().unwrap_or_else(|| at("fallback")),
            status: at("status") + overrides,
            sms: at("sms") + overrides,
        }
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

impl Urls {
    /// As the carrier has them.
    #[must_use]
    pub fn of(number: &OwnedNumber) -> Self {
        let text = |value: &Option<String>| value.clone().unwrap_or_default();
        Self {
            voice: text(&number.voice_url),
            voice_fallback: text(&number.voice_fallback_url),
            status: text(&number.status_callback),
            sms: text(&number.sms_url),
        }
    }

    /// Each by the carrier's name for it.
    #[must_use]
    pub fn named(&self) -> [(&'static str, &str); 4] {
        [
            ("voice_url", &self.voice),
            ("voice_fallback_url", &self.voice_fallback),
            ("status_callback", &self.status),
            ("sms_url", &self.sms),
        ]
    }

    /// Replaces one, by the carrier's name for it; other names are passed over.
    pub(super) fn set(&mut self, name: &str, url: &str) {
        let place = match name {
            "voice_url" => &mut self.voice,
            "voice_fallback_url" => &mut self.voice_fallback,
            "status_callback" => &mut self.status,
            "sms_url" => &mut self.sms,
            _ => return,
        };
        url.clone_into(place);
    }

    /// The settings that make it so.
    #[must_use]
    pub fn settings(&self) -> NumberSettings {
        let post = || Some("POST".to_owned());
        NumberSettings {
            voice_url: Some(self.voice.clone()),
            voice_method: post(),
            voice_fallback_url: Some(self.voice_fallback.clone()),
            // A static document is fetched; our own route is posted to.
            voice_fallback_method: Some(self.fallback_method().to_owned()),
            status_callback: Some(self.status.clone()),
            status_callback_method: post(),
            sms_url: Some(self.sms.clone()),
            sms_method: post(),
            // Both would take precedence over the voice URL.
            voice_application_sid: Some(String::new()),
            trunk_sid: Some(String::new()),
            // This one over the SMS URL.
            sms_application_sid: Some(String::new()),
            ..NumberSettings::default()
        }
    }

    fn fallback_method(&self) -> &'static str {
        let own = |url: &str| {
            url.split('#').next().and_then(|url| url.rsplit_once("/twilio/")).map(|(base, _)| base.to_owned())
        };
        if own(&self.voice_fallback) == own(&self.voice) { "POST" } else { "GET" }
    }

    /// What differs at the carrier: its name, what is wanted, what is there.
    #[must_use]
    pub fn drift(&self, number: &OwnedNumber) -> Vec<(&'static str, String, String)> {
        let actual = Self::of(number);
        let urls =
            self.named().into_iter().zip(actual.named()).map(|((name, wanted), (_, there))| (name, wanted, there));
        let text = |value: &'_ Option<String>| value.clone().unwrap_or_default();
        let rest = [
            ("voice_method", "POST", text(&number.voice_method)),
            ("voice_application_sid", "", text(&number.voice_application_sid)),
            ("trunk_sid", "", text(&number.trunk_sid)),
            ("sms_application_sid", "", text(&number.sms_application_sid)),
        ];
        // Carriers that speak the same API leave some of these out: what is not told is as we set it.
        let methods = [
            ("voice_fallback_method", self.fallback_method(), &number.voice_fallback_method),
            ("status_callback_method", "POST", &number.status_callback_method),
            ("sms_method", "POST", &number.sms_method),
        ];
        let methods = methods.into_iter().filter_map(|(name, wanted, there)| Some((name, wanted, there.clone()?)));
        let urls = urls.map(|(name, wanted, there)| (name, wanted.to_owned(), there.to_owned()));
        let rest = rest.into_iter().chain(methods).map(|(name, wanted, there)| (name, wanted.to_owned(), there));
        urls.chain(rest).filter(|(_, wanted, there)| wanted != there).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reach(api: &str) -> Reach {
        Reach::new("https://phone.example.com/", None, api)
    }

    #[test]
    fn overrides_are_for_carriers_that_understand_them() {
        for (api, overrides) in [
            ("https://api.twilio.com", true),
            ("https://api.sydney.au1.twilio.com", true),
            ("http://127.0.0.1:8090", true),
            ("https://example.signalwire.com/api/laml", false),
            ("https://eviltwilio.com", false),
        ] {
            let wanted = reach(api).wanted();
            assert_eq!(wanted.voice.contains('#'), overrides, "{api}");
            assert!(wanted.voice.starts_with("https://phone.example.com/twilio/voice"));
            assert_eq!(wanted.voice_fallback, "https://phone.example.com/twilio/fallback");
        }
    }

    #[test]
    fn three_tries_leave_time_for_the_fallback() {
        let value = |key: &str| {
            let pairs = OVERRIDES.trim_start_matches('#').split('&').filter_map(|pair| pair.split_once('='));
            pairs.clone().find(|(name, _)| *name == key).and_then(|(_, value)| value.parse::<u32>().ok())
        };
        assert!(value("rt").unwrap() * (value("rc").unwrap() + 1) <= value("tt").unwrap());
        assert!(value("tt").unwrap() < 15_000);
    }

    #[test]
    fn drift_names_each_difference_and_what_takes_precedence() {
        let wanted = reach("https://api.twilio.com").wanted();
        let mut number = OwnedNumber {
            voice_url: Some(wanted.voice.clone()),
            voice_method: Some("POST".to_owned()),
            voice_fallback_url: Some(wanted.voice_fallback.clone()),
            status_callback: Some(wanted.status.clone()),
            sms_url: Some(wanted.sms.clone()),
            ..OwnedNumber::default()
        };
        assert_eq!(wanted.drift(&number), []);
        number.voice_url = Some("https://old.example.com/twilio/voice".to_owned());
        number.trunk_sid = Some("TK1".to_owned());
        number.sms_application_sid = Some("AP1".to_owned());
        number.status_callback_method = Some("GET".to_owned());
        number.sms_method = Some("POST".to_owned());
        let names: Vec<_> = wanted.drift(&number).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, ["voice_url", "trunk_sid", "sms_application_sid", "status_callback_method"]);
        assert_eq!(wanted.settings().sms_application_sid.as_deref(), Some(""));
    }

    #[test]
    fn a_static_document_elsewhere_is_fetched() {
        let own = reach("https://api.twilio.com").wanted();
        assert_eq!(own.settings().voice_fallback_method.as_deref(), Some("POST"));
        let elsewhere = Reach { fallback_url: Some("https://static.example.net/sorry.xml".to_owned()), ..reach("x") };
        assert_eq!(elsewhere.wanted().settings().voice_fallback_method.as_deref(), Some("GET"));
    }
}
