//! Any messages through the whole agent: nothing panics, answers are answers, and nothing stays behind.

use super::stand::Stand;
use crate::sip::{Transport, Verdict, judge};
use std::net::SocketAddr;

impl Stand {
    /// Takes a message, lets time pass, and looks at what is said to it.
    pub(super) async fn endures(
        &mut self,
        bytes: &[u8],
        (source, transport): (SocketAddr, Transport),
        ms: u64,
    ) -> usize {
        let now = self.now();
        self.core.receive(bytes, source, transport, now);
        self.ms += ms;
        self.core.wake(self.now());
        let mut answers = 0;
        for (_, sent) in std::mem::take(&mut self.core.out) {
            if sent.starts_with(b"SIP/2.0 ") {
                answers += 1;
                let read = judge(&sent, source, transport);
                assert!(matches!(read, Verdict::Silence | Verdict::Response(_)), "{}", String::from_utf8_lossy(&sent));
            }
        }
        // Legs are tasks: they get their turn.
        tokio::task::yield_now().await;
        self.hears_legs();
        answers
    }

    fn hears_legs(&mut self) {
        while let Ok(news) = self.news.try_recv() {
            let now = self.now();
            self.core.heard(news, now);
        }
    }

    /// Ends everything, and gives what became of pages. Nothing of anybody is left.
    pub(super) async fn ends(mut self) -> Vec<String> {
        let now = self.now();
        self.core.hang_up_all(now);
        let log = self.settled().await;
        self.hears_legs();
        for _ in 0..3 {
            self.ms += 40_000;
            self.core.wake(self.now());
        }
        let count = |word: &str| log.iter().filter(|line| line.starts_with(word)).count();
        assert_eq!(count("take"), count("begin") + count("give back"), "{log:?}");
        assert_eq!(count("begin"), count("end"), "{log:?}");
        let core = &self.core;
        assert!(core.calls.is_empty() && core.dialogs.is_empty() && core.early.is_empty() && core.clients.is_empty());
        assert!(core.servers.is_empty() && core.first_seen.is_empty() && core.goodbyes.is_empty());
        log
    }
}

/// Any messages for a fuzzer: in front of each one byte says where it comes from and how, and one its length in words of
/// eight.
#[cfg(fuzzing)]
pub fn endure(input: &[u8]) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let (mut stand, mut rest) = (Stand::new(), input);
        while let [how, length, after @ ..] = rest {
            let (message, next) = after.split_at(after.len().min(usize::from(*length) * 8));
            let source = SOURCES[usize::from(*how & 3)].parse().expect("an address");
            let transport = if how & 4 == 0 { Transport::Udp } else { Transport::Tcp };
            stand.endures(message, (source, transport), u64::from(how >> 3)).await;
            rest = next;
        }
        stand.ends().await;
    });
}

/// Somebody here, two callers of the file, and one whom it does not name.
const SOURCES: [&str; 4] = ["127.0.0.1:5999", "127.0.0.3:5060", "127.0.0.4:5060", "192.0.2.66:5060"];

#[cfg(test)]
mod tests {
    use super::super::mutate::{Dice, mutated, torture};
    use super::super::stand::{SDP, invite, message, within};
    use super::*;

    /// What a telephone says in a call, and what the RFC's authors thought of.
    fn seeds() -> Vec<Vec<u8>> {
        let said = [
            invite("701", "n1", 1, SDP),
            invite("709", "n2", 2, ""),
            message("CANCEL", ("<sip:701@127.0.0.1>", "n1"), 1, ("", "")),
            message("CANCEL", ("<sip:701@127.0.0.1>", "n1"), 1, ("", "")),
            message("OPTIONS", ("<sip:701@127.0.0.1>", "n3"), 3, ("", "")),
            within("ACK", "TAG", "n4", 1, ""),
            within("ACK", "TAG", "n4", 2, SDP),
            within("INVITE", "TAG", "n5", 5, SDP),
            within("UPDATE", "TAG", "n6", 6, SDP),
            within("BYE", "TAG", "n7", 7, ""),
            "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bKx\r\nCSeq: 1 BYE\r\n\r\n".to_owned(),
        ];
        torture().into_iter().chain(said.into_iter().cycle().take(40).map(String::into_bytes)).collect()
    }

    #[tokio::test]
    async fn twenty_thousand_mutated_messages_leave_nothing_behind() {
        let (mut stand, mut dice, seeds) = (Stand::new(), Dice(471_100), seeds());
        let mut answers = 0;
        for n in 0..20_000 {
            let mut bytes = mutated(&seeds, &mut dice);
            // Every forty messages are another call's; what is meant within it finds it.
            if let Ok(text) = std::str::from_utf8(&bytes) {
                let name = format!("c{}", n / 40);
                let call = stand.core.calls.values().find(|call| call.dialog.call_id == name);
                let tag = call.map_or("TAG", |call| call.dialog.our_tag.as_str());
                let text = text.replace("TAG", tag).replace("Call-ID: c1", &format!("Call-ID: {name}"));
                bytes = text.replace("z9hG4bKn", &format!("z9hG4bK{name}n")).into_bytes();
            }
            let source = dice.one(&SOURCES).parse().expect("an address");
            let transport = if dice.roll(4) == 0 { Transport::Tcp } else { Transport::Udp };
            let ms = u64::try_from(dice.roll(25)).expect("small");
            answers += stand.endures(&bytes, (source, transport), ms).await;
        }
        assert!(answers > 5_000, "most of it was broken beyond an answer: {answers}");
        let log = stand.ends().await;
        assert!(log.iter().filter(|line| *line == "begin").count() > 100, "calls came about");
        assert!(log.iter().any(|line| line == "give back"), "some of them were given up in time");
    }
}
