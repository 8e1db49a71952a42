//! Who is let in.

use super::stand::{SDP, Stand, caller, code_of, invite, message, zone};
use crate::base::Secret;
use crate::config::paging::Paging;
use crate::sip::digest::{Account, Answers};
use std::sync::Arc;

fn with_password(stand: &mut Stand, challenge: &str, password: &str, cseq: u32) -> u16 {
    let password = Secret::new(password);
    let account = Account { user: "desk", password: &password };
    let mut answers = Answers::to(challenge).expect("a challenge");
    let (_, header) = answers.header(account, ("INVITE", "sip:701@127.0.0.1"), "n").expect("a header");
    let text =
        invite("701", &format!("p{cseq}"), cseq, SDP).replace("Max-", &format!("Authorization: {header}\r\nMax-"));
    let answers = stand.calls(&text);
    answers.last().map_or(0, |answer| code_of(answer))
}

#[tokio::test]
async fn passwords_are_asked_for_and_strangers_hear_the_same() {
    let mut stand = Stand::new();
    stand.source = "127.0.0.4:5999".parse().expect("an address");
    let challenges = |texts: &[String]| -> Vec<String> {
        texts
            .last()
            .expect("an answer")
            .lines()
            .filter_map(|line| line.strip_prefix("WWW-Authenticate: "))
            .map(str::to_owned)
            .collect()
    };
    let asked = challenges(&stand.says(&invite("799", "c1", 1, SDP)));
    assert!(
        asked[0].contains("SHA-256") && asked[1].contains("MD5"),
        "also for extensions that there are not: {asked:?}"
    );
    assert_eq!(with_password(&mut stand, &asked[0], "guess", 2), 401);
    assert_eq!(with_password(&mut stand, &asked[1], "let-me-page", 3), 200);
    assert_eq!(stand.log(), ["take 701 both", "begin"]);
    // A network of the file is never locked out.
    (4..20).for_each(|n| assert_eq!(with_password(&mut stand, &asked[0], "guess", n), 401));
    stand.source = "192.0.2.66:5999".parse().expect("an address");
    let asked = challenges(&stand.says(&invite("701", "c30", 30, SDP)));
    (31..36).for_each(|n| assert_eq!(with_password(&mut stand, &asked[0], "guess", n), 401));
    assert_eq!(with_password(&mut stand, &asked[0], "guess", 36), 603, "locked out");
    stand.ms += 31_000;
    assert_eq!(with_password(&mut stand, &asked[0], "guess", 37), 401);
}

#[tokio::test]
async fn strangers_hear_nothing() {
    let mut stand = Stand::new();
    let callers = vec![caller("pinned", &["127.0.0.3/32"], None)];
    let paging = Paging { zones: vec![zone("701", 5)], callers, ..Paging::none() };
    *stand.book.config.lock().expect("a lock") = Arc::new(paging);
    stand.source = "192.0.2.66:5999".parse().expect("an address");
    assert!(stand.says(&invite("701", "b1", 1, SDP)).is_empty());
    assert!(stand.says("REGISTER nonsense").is_empty());
    assert!(stand.log().is_empty());
}

#[tokio::test]
async fn who_is_not_named_is_heard_ten_times_a_second_and_answered_nothing_beyond() {
    let options = |n: usize| message("OPTIONS", ("<sip:701@127.0.0.1>", &format!("f{n}")), 1, ("", ""));
    let answered = |stand: &mut Stand, many: usize| (0..many).filter(|n| !stand.says(&options(*n)).is_empty()).count();
    let mut stand = Stand::new();
    stand.source = "192.0.2.66:5999".parse().expect("an address");
    assert_eq!(answered(&mut stand, 500), 60);
    stand.ms += 1_000;
    // Each is another request: their branches are those of the second run.
    assert_eq!((500..600).filter(|n| !stand.says(&options(*n)).is_empty()).count(), 10);
    for named in ["127.0.0.1:5999", "127.0.0.3:5999", "127.0.0.4:5999"] {
        let mut stand = Stand::new();
        stand.source = named.parse().expect("an address");
        assert_eq!(answered(&mut stand, 500), 500, "{named}");
    }
}

#[tokio::test]
async fn syntax_locks_nobody_out() {
    let mut stand = Stand::new();
    stand.source = "192.0.2.66:5999".parse().expect("an address");
    let broken = invite("701", "s", 1, SDP).replace("CSeq: 1", "CSeq: one");
    let garbled = |n: u32| {
        let text = invite("701", &format!("g{n}"), n, SDP);
        text.replace("Max-", "Authorization: Digest username=\"desk\", nonce=\nMax-")
    };
    for n in 2..30 {
        stand.ms += 1_000;
        assert_eq!(stand.says(&broken).last().map(|answer| code_of(answer)), Some(400));
        // Credentials that cannot be read are none: they are asked for again.
        let answer = stand.says(&garbled(n)).last().map(|answer| code_of(answer));
        assert!(matches!(answer, Some(400 | 401)), "{answer:?}");
    }
    stand.ms += 1_000;
    let answers = stand.says(&invite("701", "h", 40, SDP));
    assert_eq!(answers.last().map(|answer| code_of(answer)), Some(401), "not 603");
}
