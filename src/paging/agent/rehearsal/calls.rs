//! Calls from their INVITE to their end.

use super::super::leg::{News, What};
use super::super::pages::Over;
use super::stand::{SDP, Stand, code_of, header, invite, lines, message, tag, within};

#[tokio::test]
async fn a_call_pages_its_zone_until_it_hangs_up() {
    let mut stand = Stand::new();
    let answers = stand.calls(&invite("701", "b1", 1, SDP));
    let ok = &answers[1];
    assert!(ok.contains("\r\nContact: <sip:701@127.0.0.1:5060>\r\n") && ok.contains("\r\nX-Page-Id: pg_1\r\n"), "{ok}");
    assert!(ok.contains("a=recvonly") && ok.contains("RTP/AVP 0 101"), "{ok}");
    let tag = tag(ok);
    assert!(stand.says(&invite("701", "b1", 1, SDP)).is_empty(), "a copy opens nothing, and the 200 repeats itself");
    assert_eq!(stand.waits(1_600).iter().map(|(ms, _)| *ms).collect::<Vec<_>>(), [520, 1_520]);
    assert!(stand.says(&within("ACK", &tag, "b2", 1, "")).is_empty());
    assert!(stand.waits(10_000).is_empty());
    assert_eq!(lines(&stand.says(&within("OPTIONS", &tag, "b3", 2, ""))), ["SIP/2.0 200 OK"]);
    let bye = within("BYE", &tag, "b4", 3, "");
    assert_eq!(lines(&stand.hangs_up(&bye).await), ["SIP/2.0 200 OK"]);
    assert_eq!(lines(&stand.says(&bye)), ["SIP/2.0 200 OK"], "a copy gets the same");
    assert_eq!(lines(&stand.says(&within("BYE", &tag, "b5", 4, ""))), ["SIP/2.0 481 Call/Transaction Does Not Exist"]);
    assert_eq!(stand.settled().await, ["take 701 house", "begin", "end Hangup"]);
    stand.waits(40_000);
    let core = &stand.core;
    assert!(core.calls.is_empty() && core.dialogs.is_empty() && core.servers.is_empty() && core.first_seen.is_empty());
}

#[tokio::test]
async fn a_missing_ack_ends_the_call_after_32_seconds() {
    let mut stand = Stand::new();
    stand.call();
    let sent = stand.waits(33_000);
    let repeats = sent.iter().filter(|(_, line)| line == "SIP/2.0 200 OK").count();
    let bye = sent.iter().find(|(_, line)| line.starts_with("BYE sip:desk@127.0.0.1:5999 ")).expect("a BYE");
    assert_eq!((repeats, bye.0), (10, 32_020));
    assert_eq!(stand.settled().await, ["take 701 house", "begin", "end NoAck"]);
}

#[tokio::test]
async fn refusals_are_repeated_until_their_ack_and_open_nothing() {
    let mut stand = Stand::new();
    let busy = |stand: &Stand, code| stand.refuses(code);
    for (n, code) in [(1, 486), (2, 480), (3, 503), (4, 603)] {
        busy(&stand, code);
        let answers = stand.says(&invite("701", &format!("x{n}"), n, SDP));
        assert!(answers[1].starts_with(&format!("SIP/2.0 {code} ")), "{}", answers[1]);
        assert_eq!(stand.waits(600).len(), 1, "repeated");
        let tag = tag(&answers[1]);
        assert!(stand.says(&within("ACK", &tag, &format!("x{n}"), n, "")).is_empty());
        assert!(stand.waits(10_000).is_empty(), "and no more");
    }
    assert!(stand.settled().await.is_empty());
}

#[tokio::test]
async fn checks_stand_in_their_order() {
    let mut stand = Stand::new();
    let code = |stand: &mut Stand, text: &str| {
        let answers = stand.calls(text);
        answers.last().map_or(0, |answer| code_of(answer))
    };
    assert_eq!(code(&mut stand, &invite("799", "a1", 1, "nonsense")), 404);
    let kind = invite("701", "a2", 2, SDP).replace("application/sdp", "text/plain");
    assert_eq!(code(&mut stand, &kind), 415);
    assert_eq!(code(&mut stand, &invite("701", "a3", 3, "nonsense")), 488);
    assert_eq!(code(&mut stand, &invite("701", "a4", 4, &SDP.replace("RTP/AVP 0 101", "RTP/SAVP 0"))), 488);
    let short = invite("701", "a5", 5, SDP).replace("Max-", "Supported: timer\r\nSession-Expires: 60\r\nMax-");
    assert_eq!(code(&mut stand, &short), 422);
    assert_eq!(code(&mut stand, &within("BYE", "nobody", "a6", 6, "")), 481);
    assert_eq!(code(&mut stand, &message("CANCEL", ("<sip:701@127.0.0.1>", "a7"), 7, ("", ""))), 481);
    assert_eq!(code(&mut stand, &message("OPTIONS", ("<sip:701@127.0.0.1>", "a8"), 8, ("", ""))), 200);
    stand.source = "127.0.0.3:5999".parse().expect("an address");
    assert_eq!(code(&mut stand, &invite("700", "a9", 9, SDP)), 403, "not the pinned caller's zone");
    assert!(stand.log().is_empty());
    assert_eq!(code(&mut stand, &invite("701", "a10", 10, SDP)), 200);
    assert_eq!(stand.log(), ["take 701 pinned", "begin"]);
}

#[tokio::test]
async fn the_same_request_by_two_ways_opens_once() {
    let mut stand = Stand::new();
    stand.call();
    assert_eq!(lines(&stand.says(&invite("701", "other", 1, SDP))), ["SIP/2.0 482 Loop Detected"]);
    let cancel = message("CANCEL", ("<sip:701@127.0.0.1>", "b1"), 1, ("", ""));
    assert_eq!(lines(&stand.says(&cancel)), ["SIP/2.0 200 OK"], "too late, and known");
    assert_eq!(stand.log(), ["take 701 house", "begin"]);
}

#[tokio::test]
async fn a_caller_who_gives_up_in_time_never_began() {
    let mut stand = Stand::new();
    let cancel = message("CANCEL", ("<sip:701@127.0.0.1>", "b1"), 1, ("", ""));
    assert_eq!(lines(&stand.says(&invite("701", "b1", 1, SDP))), ["SIP/2.0 100 Trying"]);
    stand.ms += 19;
    stand.core.wake(stand.now());
    assert_eq!(lines(&stand.says(&invite("701", "b1", 1, SDP))), ["SIP/2.0 100 Trying"], "a copy takes nothing");
    let ends = stand.says(&cancel);
    assert_eq!(lines(&ends), ["SIP/2.0 487 Request Terminated"]);
    assert!(stand.says(&cancel).is_empty(), "a copy, before the answer");
    stand.ms += 5;
    stand.core.wake(stand.now());
    let answered = stand.out();
    assert_eq!(lines(&answered), ["SIP/2.0 200 OK"], "apart from the end of the call");
    assert_eq!(tag(&ends[0]), tag(&answered[0]));
    assert_eq!(stand.log(), ["take 701 house", "give back"]);
    assert_eq!(lines(&stand.says(&cancel)), ["SIP/2.0 200 OK"], "a copy");
    assert_eq!(lines(&stand.says(&invite("701", "b1", 1, SDP))), ["SIP/2.0 487 Request Terminated"], "a copy");
    let repeated: Vec<u64> = stand.waits(1_600).iter().map(|(ms, _)| *ms).collect();
    assert_eq!(repeated, [524, 1_524], "until its ACK");
    assert!(stand.says(&within("ACK", &tag(&ends[0]), "b1", 1, "")).is_empty());
    assert!(stand.waits(40_000).is_empty());
    assert_eq!(stand.settled().await, ["take 701 house", "give back"]);
    assert!(
        stand.core.early.is_empty()
            && stand.core.cancelled.is_empty()
            && stand.core.servers.is_empty()
            && stand.core.first_seen.is_empty()
    );
}

#[tokio::test]
async fn an_emergency_is_not_held() {
    let mut stand = Stand::new();
    let answers = stand.says(&invite("709", "b1", 1, SDP));
    assert_eq!(lines(&answers), ["SIP/2.0 100 Trying", "SIP/2.0 200 OK"]);
    assert_eq!(stand.log(), ["take 709 house", "begin"]);
    let cancel = message("CANCEL", ("<sip:701@127.0.0.1>", "b1"), 1, ("", ""));
    assert_eq!(lines(&stand.says(&cancel)), ["SIP/2.0 200 OK"], "too late");
}

#[tokio::test]
async fn a_stop_turns_away_who_waits_for_the_answer() {
    let mut stand = Stand::new();
    stand.says(&invite("701", "b1", 1, SDP));
    let now = stand.now();
    stand.core.hang_up_all(now);
    assert_eq!(lines(&stand.out()), ["SIP/2.0 503 Service Unavailable"]);
    stand.ms += 20;
    stand.core.wake(stand.now());
    assert!(stand.out().is_empty());
    assert_eq!(stand.settled().await, ["take 701 house", "give back"]);
}

#[tokio::test]
async fn hold_and_resume_and_what_may_not_be_asked_now() {
    let mut stand = Stand::new();
    let tag = stand.call();
    assert_eq!(lines(&stand.says(&within("INVITE", &tag, "r1", 2, SDP))), ["SIP/2.0 500 Server Internal Error"]);
    stand.says(&within("ACK", &tag, "b2", 1, ""));
    let hold = stand.says(&within("INVITE", &tag, "r2", 3, &format!("{SDP}a=inactive\r\n")));
    assert!(hold[0].contains("a=inactive") && hold[0].contains(" 2 IN IP4 127.0.0.1"), "{}", hold[0]);
    assert_eq!(lines(&stand.says(&within("INVITE", &tag, "r3", 4, SDP))), ["SIP/2.0 491 Request Pending"]);
    stand.says(&within("ACK", &tag, "r2a", 3, ""));
    let resume = stand.says(&within("UPDATE", &tag, "r4", 5, SDP));
    assert!(resume[0].contains("a=recvonly") && resume[0].contains(" 3 IN IP4 127.0.0.1"), "{}", resume[0]);
    let bad = stand.says(&within("UPDATE", &tag, "r5", 6, "nonsense"));
    assert_eq!(lines(&bad), ["SIP/2.0 488 Not Acceptable Here"]);
    assert_eq!(
        lines(&stand.says(&within("OPTIONS", &tag, "r6", 2, ""))),
        ["SIP/2.0 500 Server Internal Error"],
        "an old number"
    );
    assert_eq!(lines(&stand.hangs_up(&within("BYE", &tag, "r7", 7, "")).await), ["SIP/2.0 200 OK"]);
    assert_eq!(stand.settled().await, ["take 701 house", "begin", "end Hangup"]);
}

#[tokio::test]
async fn a_late_offer_is_ours_and_needs_an_answer() {
    let mut stand = Stand::new();
    let answers = stand.calls(&invite("701", "b1", 1, ""));
    assert!(answers[1].contains("m=audio") && answers[1].contains("RTP/AVP 0 8 101"), "{}", answers[1]);
    stand.says(&within("ACK", &tag(&answers[1]), "b2", 1, SDP));
    assert!(stand.waits(40_000).is_empty(), "it stays");
    let mut empty = Stand::new();
    let answers = empty.calls(&invite("701", "b1", 1, ""));
    let bye = empty.says(&within("ACK", &tag(&answers[1]), "b2", 1, ""));
    assert!(bye[0].starts_with("BYE "), "{bye:?}");
    assert_eq!(empty.settled().await, ["take 701 house", "begin", "end NoAck"]);
}

#[tokio::test]
async fn a_page_that_gives_way_tells_its_caller_why() {
    let mut stand = Stand::new();
    let tag = stand.call();
    stand.says(&within("ACK", &tag, "b2", 1, ""));
    let number = *stand.core.calls.keys().next().expect("a call");
    let now = stand.now();
    stand.core.heard(News { call: number, what: What::Over(Over::Preempted) }, now);
    let bye = stand.out();
    assert_eq!(header(&bye[0], "Reason: "), "SIP;cause=503;text=\"Preempted\"");
    assert_eq!(stand.waits(600).len(), 1, "repeated until it is answered");
    let answer = bye[0]
        .lines()
        .filter(|line| !line.starts_with("BYE") && !line.starts_with("Max"))
        .collect::<Vec<_>>()
        .join("\r\n");
    stand.says(&format!("SIP/2.0 200 OK\r\n{answer}\r\n\r\n"));
    assert!(stand.waits(40_000).is_empty());
    assert!(stand.core.clients.is_empty());
}

#[tokio::test]
async fn a_session_that_is_not_refreshed_ends() {
    let mut stand = Stand::new();
    let timed = invite("701", "b1", 1, SDP).replace("Max-", "Supported: timer\r\nSession-Expires: 90\r\nMax-");
    let answers = stand.calls(&timed);
    assert_eq!(header(&answers[1], "Session-Expires: "), "90;refresher=uac");
    assert_eq!(header(&answers[1], "Require: "), "timer");
    stand.says(&within("ACK", &tag(&answers[1]), "b2", 1, ""));
    let sent = stand.waits(61_000);
    assert_eq!(sent.first().map(|(ms, line)| (*ms, line.starts_with("BYE"))), Some((60_020, true)));
}
