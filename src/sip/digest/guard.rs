//! Nonces: made without being remembered, recognised by their MAC, and used once per count.

use super::credentials::{Account, Algorithm, Credentials, hex};
use crate::base::same;
use crate::sip::Uri;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long a nonce is good for.
const LIFE: Duration = Duration::from_secs(300);
/// Nonces remembered because somebody proved to know a password with them.
const USED: usize = 10_000;

/// Challenges, and judges what comes back.
#[derive(Debug)]
pub struct Guard {
    realm: String,
    key: [u8; 32],
    start: Instant,
    made: u32,
    used: HashMap<String, Used>,
}

/// Counts of a nonce that have been used: the highest, and which of the 64 below it.
#[derive(Debug)]
struct Used {
    at: Instant,
    highest: u32,
    below: u64,
}

/// What credentials are worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The caller knows the password.
    Proved,
    /// The caller knows the password, but the nonce is old or was used: ask again.
    Stale,
    /// A guess.
    Wrong,
}

impl Guard {
    /// `key` is random, and of this process only.
    #[must_use]
    pub fn new(realm: &str, key: [u8; 32], start: Instant) -> Self {
        Self { realm: realm.to_owned(), key, start, made: 0, used: HashMap::new() }
    }

    /// Values of WWW-Authenticate, the strongest first.
    pub fn challenge(&mut self, md5_only: bool, stale: bool, now: Instant) -> Vec<String> {
        let nonce = self.nonce(now);
        let algorithms: &[Algorithm] = if md5_only { &[Algorithm::Md5] } else { &[Algorithm::Sha256, Algorithm::Md5] };
        let stale = if stale { ", stale=true" } else { "" };
        let challenge = |algorithm: &Algorithm| {
            let name = algorithm.as_str();
            format!("Digest realm=\"{}\", nonce=\"{nonce}\", algorithm={name}, qop=\"auth\"{stale}", self.realm)
        };
        algorithms.iter().map(challenge).collect()
    }

    /// Judges credentials for one request. `account` is the user that they name, if there is one.
    pub fn prove(
        &mut self,
        credentials: &Credentials,
        asked: (&str, &Uri),
        account: Option<Account<'_>>,
        now: Instant,
    ) -> Proof {
        if !credentials.are_right(asked, &self.realm, account) {
            return Proof::Wrong;
        }
        // Only who knows the password gets this far, so nobody else can use up a nonce.
        if self.is_fresh(&credentials.nonce, now) && self.first_use(credentials, now) {
            Proof::Proved
        } else {
            Proof::Stale
        }
    }

    fn nonce(&mut self, now: Instant) -> String {
        self.made = self.made.wrapping_add(1);
        let age = u64::try_from(now.saturating_duration_since(self.start).as_millis()).unwrap_or(u64::MAX);
        let said = format!("{age:012x}{:08x}", self.made);
        let mac = self.mac(&said);
        said + &mac
    }

    fn mac(&self, said: &str) -> String {
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else { return String::new() };
        mac.update(said.as_bytes());
        hex(mac.finalize().into_bytes().get(..16).unwrap_or_default())
    }

    fn is_fresh(&self, nonce: &str, now: Instant) -> bool {
        let (Some(said), Some(mac), Some(age)) = (nonce.get(..20), nonce.get(20..), nonce.get(..12)) else {
            return false;
        };
        let Ok(age) = u64::from_str_radix(age, 16) else { return false };
        let made = Duration::from_millis(age);
        let present = now.saturating_duration_since(self.start);
        same(self.mac(said).as_bytes(), mac.as_bytes()) && made <= present && present - made < LIFE
    }

    fn first_use(&mut self, credentials: &Credentials, now: Instant) -> bool {
        if self.used.len() >= USED {
            self.used.retain(|_, used| now.saturating_duration_since(used.at) < LIFE);
        }
        // Full of nonces that are all in use: whoever comes is asked again, which is safe.
        let count = credentials.count();
        if count == 0 || self.used.len() >= USED && !self.used.contains_key(&credentials.nonce) {
            return false;
        }
        let used = self.used.entry(credentials.nonce.clone()).or_insert(Used { at: now, highest: 0, below: 0 });
        used.take(count)
    }
}

impl Used {
    fn take(&mut self, count: u32) -> bool {
        if count > self.highest {
            let by = count - self.highest;
            self.below = if by < 64 { self.below << by | 1 << (by - 1) } else { 0 };
            if self.highest == 0 && by <= 64 {
                self.below &= !(1u64.checked_shl(by - 1).unwrap_or(0));
            }
            self.highest = count;
            return true;
        }
        let Some(bit) = (self.highest - count).checked_sub(1).and_then(|behind| 1u64.checked_shl(behind)) else {
            return false;
        };
        let first = self.below & bit == 0;
        self.below |= bit;
        first
    }
}

#[cfg(test)]
mod tests {
    use super::super::answer::Answers;
    use super::*;
    use crate::base::Secret;

    const URI: &str = "sip:701@192.0.2.1";

    struct Stand {
        guard: Guard,
        start: Instant,
        password: Secret,
    }

    impl Stand {
        fn new() -> Self {
            let start = Instant::now();
            Self { guard: Guard::new("paging", [7; 32], start), start, password: Secret::new("let-me-page") }
        }

        fn challenge(&mut self, s: u64) -> Vec<String> {
            self.guard.challenge(false, false, self.start + Duration::from_secs(s))
        }

        fn header(challenge: &str, password: &str) -> String {
            let password = Secret::new(password);
            let account = Account { user: "desk", password: &password };
            let mut answers = Answers::to(challenge).expect("a challenge");
            answers.header(account, ("INVITE", URI), "abc").expect("a header").1
        }

        fn judge(&mut self, header: &str, s: u64) -> Proof {
            let credentials = Credentials::parse(header).expect("credentials");
            let (uri, password) = (Uri::parse(URI).expect("a URI"), self.password.clone());
            let account = Some(Account { user: "desk", password: &password }).filter(|a| a.user == credentials.user);
            self.guard.prove(&credentials, ("INVITE", &uri), account, self.start + Duration::from_secs(s))
        }
    }

    #[test]
    fn both_algorithms_prove_once() {
        let mut stand = Stand::new();
        let challenges = stand.challenge(1);
        assert!(challenges[0].contains("algorithm=SHA-256") && challenges[1].contains("algorithm=MD5"));
        for challenge in stand.challenge(1).iter().chain(&challenges[..1]) {
            let header = Stand::header(challenge, "let-me-page");
            let other_nonce = challenge == &challenges[0];
            let first = stand.judge(&header, 2);
            assert!(first == Proof::Proved || !other_nonce && first == Proof::Stale, "{challenge}");
            assert_eq!(stand.judge(&header, 2), Proof::Stale, "a replay");
        }
    }

    #[test]
    fn old_nonces_are_stale_and_guesses_use_none_up() {
        let mut stand = Stand::new();
        let challenge = stand.challenge(1).remove(0);
        assert_eq!(stand.judge(&Stand::header(&challenge, "guess"), 2), Proof::Wrong);
        let header = Stand::header(&challenge, "let-me-page");
        assert_eq!(stand.judge(&header, 2), Proof::Proved);
        let another = Stand::header(&stand.challenge(10).remove(0), "let-me-page");
        assert_eq!(stand.judge(&another, 311), Proof::Stale);
        let foreign = Stand::header("Digest realm=\"paging\", nonce=\"mine\", qop=\"auth\"", "let-me-page");
        assert_eq!(stand.judge(&foreign, 2), Proof::Stale);
        let elsewhere = header.replace("realm=\"paging\"", "realm=\"bank\"");
        assert_eq!(stand.judge(&elsewhere, 2), Proof::Wrong);
    }

    #[test]
    fn counts_of_a_nonce_are_hexadecimal_and_may_come_out_of_order() {
        let mut used = Used { at: Instant::now(), highest: 0, below: 0 };
        for count in [1, 2, 9, 10, 16, 15, 3, 256] {
            assert!(used.take(count), "{count}");
        }
        for count in [1, 2, 9, 10, 15, 16, 256, 100] {
            assert!(!used.take(count), "{count} again, or too old");
        }
        assert!(used.take(255));
    }

    #[test]
    fn what_we_never_offered_is_not_read() {
        let good = Stand::header(&Stand::new().challenge(0).remove(0), "x");
        assert!(Credentials::parse(&good).is_some());
        for (from, to) in
            [("qop=auth", "qop=auth-int"), ("SHA-256", "SHA-512-256"), ("nc=00000001", "nc=1"), ("Digest", "Basic")]
        {
            assert!(Credentials::parse(&good.replace(from, to)).is_none(), "{to}");
        }
    }

    #[test]
    fn the_example_of_rfc_7616_is_right() {
        let header = "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", algorithm=MD5, \
            nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
            cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, \
            response=\"8ca523f5e9506fed4657c9700eebdbec\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
        let credentials = Credentials::parse(header).expect("credentials");
        let password = Secret::new("Circle of Life");
        let mut uri = Uri::parse("sip:x").expect("a URI");
        uri.text = "/dir/index.html".to_owned();
        let account = Some(Account { user: "Mufasa", password: &password });
        assert!(credentials.are_right(("GET", &uri), "http-auth@example.org", account));
        assert!(!credentials.are_right(("PUT", &uri), "http-auth@example.org", account));
        assert!(!credentials.are_right(("GET", &uri), "http-auth@example.org", None));
    }
}
