//! A PBX that we are a telephone of, played by hand.

use super::stand::{SDP, Stand, header, invite, zone};
use crate::base::Secret;
use crate::config::paging::{Paging, Password, Registration};
use crate::sip::digest::Guard;
use crate::sip::{Transport, Uri};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

const PBX: &str = "192.0.2.5:5060";

fn registration(registrar: &str) -> Arc<Registration> {
    Arc::new(Registration {
        name: "pbx".to_owned(),
        registrar: registrar.to_owned(),
        user: "paging".to_owned(),
        auth_user: Some("4711".to_owned()),
        password: Some(Password { variable: "X".to_owned(), value: Secret::new("let-us-in") }),
        expires_s: 300,
        zones: vec!["701".to_owned()],
        priority: 5,
    })
}

fn stand(registrar: &str) -> Stand {
    let paging = Paging {
        zones: vec![zone("700", 7), zone("701", 5)],
        registrations: vec![registration(registrar)],
        ..Paging::none()
    };
    Stand::with(paging)
}

impl Stand {
    /// What was sent to the PBX.
    fn asks(&mut self) -> Vec<String> {
        let now = self.now();
        self.core.wake(now);
        let pbx: SocketAddr = PBX.parse().expect("an address");
        let out = std::mem::take(&mut self.core.out);
        assert!(out.iter().all(|(target, _)| target.address == pbx), "nobody else hears of it");
        out.into_iter().map(|(_, bytes)| String::from_utf8(bytes).expect("text")).collect()
    }

    fn asks_once(&mut self) -> String {
        let mut all = self.asks();
        assert_eq!(all.len(), 1, "{all:?}");
        all.remove(0)
    }

    /// The PBX answers.
    fn pbx_says(&mut self, request: &str, code: u16, headers: &str) {
        let kept: Vec<&str> = request
            .lines()
            .filter(|line| ["Via:", "From:", "To:", "Call-ID:", "CSeq:"].iter().any(|name| line.starts_with(name)))
            .collect();
        let text = format!("SIP/2.0 {code} X\r\n{}\r\n{headers}Content-Length: 0\r\n\r\n", kept.join("\r\n"));
        let (source, now) = (PBX.parse().expect("an address"), self.now());
        self.core.receive(text.as_bytes(), source, Transport::Udp, now);
    }

    fn after(&mut self, seconds: u64) -> Vec<String> {
        self.ms += seconds * 1_000;
        self.asks()
    }
}

fn registered(stand: &mut Stand) -> String {
    let first = stand.asks_once();
    stand.pbx_says(&first, 200, "Contact: <sip:paging@127.0.0.1:5060>;expires=120\r\n");
    first
}

#[tokio::test]
async fn it_registers_refreshes_and_leaves() {
    let mut stand = stand("sip:192.0.2.5");
    let first = registered(&mut stand);
    assert!(first.starts_with("REGISTER sip:192.0.2.5 SIP/2.0\r\n"), "{first}");
    assert_eq!(header(&first, "Contact: "), "<sip:paging@127.0.0.1:5060>");
    assert_eq!((header(&first, "Expires: "), header(&first, "CSeq: ")), ("300", "1 REGISTER"));
    assert_eq!(header(&first, "To: "), "<sip:paging@192.0.2.5>");
    assert_eq!(stand.log(), ["pbx registered"]);
    assert!(stand.after(59).is_empty());
    let again = stand.after(1);
    assert_eq!(header(&again[0], "CSeq: "), "2 REGISTER", "at half of what was granted");
    assert_eq!(header(&again[0], "Call-ID: "), header(&first, "Call-ID: "));
    stand.pbx_says(&again[0], 200, "Expires: 60\r\n");
    assert!(stand.after(29).is_empty());
    let third = stand.after(1).remove(0);
    stand.pbx_says(&third, 200, "");
    assert_eq!(stand.after(150).len(), 1, "without a word it is what was asked for");
    let now = stand.now();
    stand.core.out.clear();
    stand.core.hang_up_all(now);
    let last = stand.asks_once();
    assert_eq!(header(&last, "Expires: "), "0");
    stand.pbx_says(&last, 200, "");
    assert!(stand.core.trunks.values().all(|trunk| !trunk.is_leaving()));
}

#[tokio::test]
async fn it_proves_its_password_and_says_when_that_is_wrong() {
    let mut stand = stand("sip:192.0.2.5:5060");
    let mut guard = Guard::new("pbx", [9; 32], stand.now());
    let challenges = |guard: &mut Guard, now| -> String {
        let values = guard.challenge(false, false, now);
        values.iter().map(|value| format!("WWW-Authenticate: {value}\r\n")).collect()
    };
    let first = stand.asks_once();
    let now = stand.now();
    stand.pbx_says(&first, 401, &challenges(&mut guard, now));
    let proved = stand.asks_once();
    let proof = header(&proved, "Authorization: ");
    assert!(proof.starts_with("Digest username=\"4711\", realm=\"pbx\"") && proof.contains("SHA-256"), "{proof}");
    let credentials = crate::sip::digest::Credentials::parse(proof).expect("credentials");
    let password = Secret::new("let-us-in");
    let account = Some(crate::sip::digest::Account { user: "4711", password: &password });
    let uri = Uri::parse("sip:192.0.2.5:5060").expect("a URI");
    let judged = guard.prove(&credentials, ("REGISTER", &uri), account, now);
    assert_eq!(judged, crate::sip::digest::Proof::Proved);
    stand.pbx_says(&proved, 200, "");
    let refresh = stand.after(150).remove(0);
    assert!(header(&refresh, "Authorization: ").contains("nc=00000002"), "the challenge is still good: {refresh}");
    // The password was changed there.
    let now = stand.now();
    stand.pbx_says(&refresh, 401, &challenges(&mut guard, now));
    let second = stand.asks_once();
    stand.pbx_says(&second, 401, &challenges(&mut guard, now));
    let third = stand.asks_once();
    stand.pbx_says(&third, 401, &challenges(&mut guard, now));
    assert!(stand.asks().is_empty(), "no third guess");
    let log = stand.log();
    assert_eq!(log, ["pbx registered", "pbx failing: the password is not the right one"]);
    assert!(stand.after(44).is_empty(), "a minute, give or take");
    assert_eq!(stand.after(31).len(), 1);
}

#[tokio::test]
async fn a_longer_time_is_taken_and_silence_is_waited_for_ever_longer() {
    let mut stand = stand("sip:192.0.2.5");
    let first = stand.asks_once();
    stand.pbx_says(&first, 423, "Min-Expires: 600\r\n");
    let longer = stand.asks_once();
    assert_eq!(header(&longer, "Expires: "), "600");
    stand.pbx_says(&longer, 200, "");
    let refresh = stand.after(300);
    assert_eq!(refresh.len(), 1);
    // It is gone: repeats, then waits of 5, 10, 20 seconds, with a quarter more or less.
    let mut asked = Vec::new();
    for tick in 0..4_000u64 {
        stand.ms += 100;
        asked.extend(stand.asks().iter().map(|text| (tick, header(text, "CSeq: ").to_owned())));
    }
    let mut firsts: Vec<u64> = Vec::new();
    let mut known = vec![header(&refresh[0], "CSeq: ").to_owned()];
    for (tick, cseq) in asked {
        if !known.contains(&cseq) {
            known.push(cseq);
            firsts.push(tick);
        }
    }
    let gaps: Vec<u64> = firsts.windows(2).map(|two| (two[1] - two[0]) / 10).collect();
    assert!(gaps.len() >= 3 && gaps.windows(2).all(|two| two[0] < two[1]), "{gaps:?}");
    assert_eq!(stand.log(), ["pbx registered", "pbx failing: it does not answer"], "said once");
}

#[tokio::test]
async fn calls_of_the_pbx_are_its_callers_and_others_stay_strangers() {
    let mut stand = stand("sip:192.0.2.5");
    registered(&mut stand);
    stand.source = "192.0.2.6:5060".parse().expect("an address");
    assert!(stand.says(&invite("701", "s1", 1, SDP)).is_empty(), "a stranger");
    stand.source = PBX.parse().expect("an address");
    let sdp = SDP.replace("127.0.0.1", "192.0.2.5");
    let to_account = stand.calls(&invite("paging", "p1", 2, &sdp));
    assert!(to_account.last().is_some_and(|text| text.starts_with("SIP/2.0 200 ")), "{to_account:?}");
    let elsewhere = stand.calls(&invite("700", "p2", 3, &sdp));
    assert!(elsewhere.last().is_some_and(|text| text.starts_with("SIP/2.0 403 ")), "{elsewhere:?}");
    assert_eq!(stand.log(), ["pbx registered", "take 701 pbx", "begin"]);
}

#[tokio::test]
async fn names_are_looked_up_and_the_file_decides_with_whom() {
    let mut stand = stand("sip:pbx.example.com:5070;transport=tcp");
    assert!(stand.asks().is_empty());
    let lookup = stand.core.lookups.remove(0);
    assert_eq!((lookup.host.as_str(), lookup.port), ("pbx.example.com", 5070));
    let now = stand.now();
    stand.core.located(lookup.trunk, None, now);
    assert_eq!(stand.log(), ["pbx failing: its name is not known"]);
    stand.ms += 7_000;
    stand.asks();
    let now = stand.now();
    stand.core.located(lookup.trunk, Some(PBX.parse().expect("an address")), now);
    let (target, bytes) = stand.core.out.remove(0);
    assert_eq!(target.transport, Transport::Tcp);
    let text = String::from_utf8(bytes).expect("text");
    assert!(text.starts_with("REGISTER sip:pbx.example.com:5070 SIP/2.0\r\nVia: SIP/2.0/TCP "), "{text}");
    assert!(header(&text, "Contact: ").ends_with(";transport=tcp>"), "{text}");
    stand.pbx_says(&text, 200, "");
    // The file names it no more.
    *stand.book.config.lock().expect("a lock") = Arc::new(Paging { zones: vec![zone("701", 5)], ..Paging::none() });
    let now = stand.now();
    stand.core.follow_file(now);
    let left = stand.asks_once();
    assert_eq!(header(&left, "Expires: "), "0");
    stand.ms += u64::try_from(Duration::from_secs(600).as_millis()).expect("small");
    stand.asks();
    assert!(stand.core.trunks.is_empty(), "nobody waits for its word for ever");
}
