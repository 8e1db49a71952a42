//! Enqueue: a caller waits, hears what `waitUrl` says again and again, and leaves in one of several ways (PROTOCOL.md 2.9);
//! and a Dial that takes somebody out of a queue.

use super::dial::DialResult;
use super::leg::Leg;
use super::run::{Ended, Fetch, Next, Role, Run, Source};
use super::stage::HungUp;
use crate::simulator::http::Fields;
use crate::simulator::script::{Callee, Person, Waiting};
use crate::simulator::transcript::{Actor, Dialled};
use crate::twiml::{Dial, Enqueue, Method, Queue, Waiting as Joined};
use std::time::Duration;

const SECOND: Duration = Duration::from_secs(1);
/// How long somebody waited whom a Dial takes out of a queue.
const HAS_WAITED_S: u64 = 31;

/// How a caller left the queue.
enum Left {
    /// Twilio's QueueResult.
    Result(&'static str),
    /// The call is over.
    Over(Ended),
    /// He hung up, or was led elsewhere.
    HungUp,
}

impl Run<'_, '_> {
    pub(super) async fn enqueue(&mut self, enqueue: &Enqueue) -> Result<Next, HungUp> {
        let Joined::Queue(name) = &enqueue.waiting else { return Ok(self.not_simulated("Task")) };
        let refused = match self.stage.script.waiting {
            Waiting::Full => Some("queue-full"),
            Waiting::Failed => Some("system-error"),
            Waiting::Taken { .. } | Waiting::Nobody => None,
        };
        if let Some(result) = refused {
            self.stage.did(Actor::Carrier, format!("does not let the caller into the queue {name}: {result}"));
            return Ok(after(enqueue, vec![("QueueResult", result.to_owned())]));
        }
        let (sid, began) = (self.stage.sids.next("QU"), self.stage.clock.at());
        self.stage.did(Actor::Carrier, format!("puts the caller into the queue {name}"));
        if let Waiting::Taken { after, .. } = self.stage.script.waiting {
            self.stage.taken_at = Some(began + after);
        }
        let left = self.wait(enqueue, &sid, began).await;
        self.stage.taken_at = None;
        let fields = |result: &str, waited: Duration| {
            let waited = waited.as_secs().to_string();
            vec![("QueueResult", result.to_owned()), ("QueueSid", sid.clone()), ("QueueTime", waited)]
        };
        let waited = self.stage.clock.at().saturating_sub(began);
        match left {
            Left::Result("bridged") => {
                self.talk_to_staff(name).await;
                let fields = fields("bridged", waited);
                if self.stage.has_hung_up() {
                    Err(self.gone(enqueue, fields).await)
                } else {
                    Ok(after(enqueue, fields))
                }
            }
            Left::Result(result) => {
                self.stage.did(Actor::Carrier, format!("lets the caller out of the queue: {result}"));
                Ok(after(enqueue, fields(result, waited)))
            }
            Left::Over(ended) => Ok(Next::End(ended)),
            Left::HungUp if self.stage.has_hung_up() => Err(self.gone(enqueue, fields("hangup", waited)).await),
            Left::HungUp => Err(HungUp),
        }
    }

    /// Plays the waiting documents until something ends the wait.
    async fn wait(&mut self, enqueue: &Enqueue, sid: &str, began: Duration) -> Left {
        loop {
            let at = self.stage.clock.at();
            let ended = match enqueue.wait_url.as_ref().filter(|url| !url.is_empty()) {
                Some(url) => self.hear(enqueue, url, position(sid, at.saturating_sub(began))).await,
                None => match self.stage.pass(10 * SECOND).await {
                    Ok(()) => Ended::NoMoreVerbs,
                    Err(HungUp) => Ended::CallerHungUp,
                },
            };
            match ended {
                Ended::LeftQueue => return Left::Result("leave"),
                Ended::CallerHungUp if self.stage.must_stop() => return Left::HungUp,
                Ended::CallerHungUp => return Left::Result("bridged"),
                Ended::NoMoreVerbs if self.stage.clock.at() < at + SECOND => {
                    // A document without a sound is asked for again, but not without end in one moment.
                    if self.stage.pass(SECOND).await.is_err() {
                        return if self.stage.must_stop() { Left::HungUp } else { Left::Result("bridged") };
                    }
                }
                Ended::NoMoreVerbs => {}
                over => return Left::Over(over),
            }
        }
    }

    /// One waiting document, heard by the caller.
    async fn hear(&mut self, enqueue: &Enqueue, url: &str, extra: Fields) -> Ended {
        let method = enqueue.wait_url_method.unwrap_or(Method::Post);
        let fetch = Fetch { purpose: "wait", method, to: Some(url.to_owned()), extra };
        let person = std::mem::take(&mut self.person);
        let mut waiting = Run::new(self.stage, self.leg.clone(), person, Role::Waiting, self.here.clone());
        waiting.is_first = false;
        let ended = Box::pin(waiting.follow(Source::Fetch(fetch))).await;
        self.person = waiting.into_person();
        ended
    }

    /// Somebody phoned in and takes the call.
    async fn talk_to_staff(&mut self, queue: &str) {
        let Waiting::Taken { talk, .. } = self.stage.script.waiting else { return };
        self.stage
            .did(Actor::Callee, format!("takes the caller out of the queue {queue}, talks for {} s", talk.as_secs()));
        if self.stage.pass(talk).await.is_ok() {
            self.stage.did(Actor::Callee, "hangs up");
        }
    }

    /// Tells the action that nobody is there any more.
    async fn gone(&mut self, enqueue: &Enqueue, fields: Fields) -> HungUp {
        self.leg.status = "completed";
        if let Next::Fetch(fetch) = after(enqueue, fields) {
            self.tell(fetch).await;
        }
        HungUp
    }

    /// Takes whoever waits longest; the script's callees say whether somebody does.
    pub(super) async fn dequeue(&mut self, dial: &Dial, queue: &Queue) -> DialResult {
        let patience = Duration::from_secs(dial.timeout.unwrap_or(30).into());
        let Callee::Answers { talk } = self.stage.next_callee() else {
            self.stage
                .did(Actor::Carrier, format!("finds nobody in the queue {} for {} s", queue.name, patience.as_secs()));
            let _ = self.stage.pass(patience).await;
            return DialResult::unanswered("no-answer", None);
        };
        if self.stage.pass(2 * SECOND).await.is_err() {
            return DialResult::unanswered("canceled", None);
        }
        let sid = self.stage.sids.next("CA");
        let who =
            Leg { status: "in-progress", ..Leg::inbound(sid.clone(), "+15875550119".to_owned(), self.leg.to.clone()) };
        self.stage.did(Actor::Carrier, format!("takes {} out of the queue {}", who.from, queue.name));
        self.announce(queue, &who).await;
        let began = self.stage.clock.at();
        self.stage.did(Actor::Callee, format!("talks for {} s", talk.as_secs()));
        if self.stage.pass(talk).await.is_ok() {
            self.stage.did(Actor::Callee, "hangs up");
        }
        let seconds = (self.stage.clock.at() - began).as_secs();
        let (to, status) = (who.from, "completed");
        self.stage.dialled.push(Dialled { sid: sid.clone(), to, status, bridged: true, duration_s: seconds });
        DialResult { status, sid: Some(sid), duration: Some(seconds), bridged: true, recording: None }
    }

    /// The noun's `url`, asked on the leg of the one who waited.
    async fn announce(&mut self, queue: &Queue, who: &Leg) {
        let Some(url) = queue.url.clone().filter(|url| !url.is_empty()) else { return };
        let method = queue.method.unwrap_or(Method::Post);
        let waited = HAS_WAITED_S.to_string();
        let sids = [("QueueSid", self.stage.sids.next("QU")), ("DequeingCallSid", self.leg.sid.clone())];
        let extra = sids.into_iter().chain([("QueueTime", waited)]).collect();
        let mut other = Run::new(self.stage, who.clone(), Person::default(), Role::Callee, self.here.clone());
        other.is_first = false;
        let fetch = Fetch { purpose: "queue whisper", method, to: Some(url), extra };
        Box::pin(other.follow(Source::Fetch(fetch))).await;
    }
}

/// Where the call goes on: the action, or the next verb.
fn after(enqueue: &Enqueue, fields: Fields) -> Next {
    let action = enqueue.action.as_ref().filter(|url| !url.is_empty());
    action.map_or(Next::Verb, |url| Next::Fetch(Fetch::action("queue action", Some(url), enqueue.method, fields)))
}

/// Second at first, then the next one.
fn position(sid: &str, waited: Duration) -> Fields {
    let place = if waited < 20 * SECOND { 2 } else { 1 };
    vec![
        ("QueuePosition", place.to_string()),
        ("QueueSid", sid.to_owned()),
        ("QueueTime", waited.as_secs().to_string()),
        ("AvgQueueTime", "44".to_owned()),
        ("CurrentQueueSize", place.to_string()),
        ("MaxQueueSize", "1000".to_owned()),
    ]
}
