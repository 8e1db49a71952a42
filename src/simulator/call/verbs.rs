//! Executes a document, verb by verb, from top to bottom.

use super::run::{Ended, Fetch, Next, Role, Run};
use super::speak::UNKNOWN_SOUND;
use super::stage::HungUp;
use crate::simulator::http::Reading;
use crate::simulator::transcript::Actor;
use crate::twiml::{Parsed, Redirect, Reject, RejectReason, Verb};

impl Run<'_, '_> {
    pub(super) async fn execute(&mut self, reading: Reading) -> Result<Next, HungUp> {
        let is_first = std::mem::replace(&mut self.is_first, false);
        match reading {
            Reading::Document(parsed) => self.execute_document(*parsed, is_first).await,
            Reading::Words(words) => {
                self.pick_up();
                self.speak(&words, 1).await?;
                Ok(Next::End(Ended::NoMoreVerbs))
            }
            Reading::Audio => {
                self.pick_up();
                self.stage.did(Actor::Line, "plays the answer, which is a sound");
                self.stage.pass(UNKNOWN_SOUND).await?;
                Ok(Next::End(Ended::NoMoreVerbs))
            }
        }
    }

    async fn execute_document(&mut self, parsed: Parsed, is_first: bool) -> Result<Next, HungUp> {
        for warning in parsed.warnings {
            self.stage.warn(warning.code, warning.message);
        }
        for (place, verb) in parsed.response.verbs.iter().enumerate() {
            if let (Verb::Reject(reject), true, 0) = (verb, is_first, place) {
                return Ok(self.reject(reject));
            }
            self.pick_up();
            match self.verb(verb).await? {
                Next::Verb => {}
                next => return Ok(next),
            }
        }
        self.pick_up();
        Ok(Next::Verb)
    }

    /// Any verb but a first `<Reject>` answers the call.
    fn pick_up(&mut self) {
        if self.role == Role::Caller && self.leg.status == "ringing" {
            self.leg.status = "in-progress";
            self.stage.answer(&self.leg.sid);
        }
    }

    async fn verb(&mut self, verb: &Verb) -> Result<Next, HungUp> {
        match verb {
            Verb::Say(say) => self.say(say).await,
            Verb::Play(play) => self.play(play).await,
            Verb::PlayDigits(play) => self.play_digits(play).await,
            Verb::Pause(pause) => self.pause(pause).await,
            Verb::Gather(gather) => self.gather(gather).await,
            Verb::Record(record) => self.record(record).await,
            Verb::Dial(dial) => self.dial(dial).await,
            Verb::Redirect(redirect) => Ok(Self::redirect(redirect)),
            Verb::Connect(connect) => self.connect(connect).await,
            Verb::Start(start) => {
                self.start(start).await;
                Ok(Next::Verb)
            }
            Verb::Stop(stop) => {
                self.stop(stop).await;
                Ok(Next::Verb)
            }
            // Anywhere but first, a Reject ends a call that was answered (and is paid for).
            Verb::Hangup(_) | Verb::Reject(_) => {
                let whom = if self.role == Role::Callee { "lets go of whoever picked up" } else { "hangs up" };
                self.stage.did(Actor::Line, whom);
                Ok(Next::End(Ended::LineHungUp))
            }
            Verb::Leave(_) if self.role == Role::Waiting => Ok(Next::End(Ended::LeftQueue)),
            Verb::Leave(_) => {
                self.stage.warn(0, "<Leave> outside of a queue does nothing");
                Ok(Next::Verb)
            }
            Verb::Enqueue(enqueue) => self.enqueue(enqueue).await,
            Verb::Refer(_) => Ok(self.not_simulated("Refer")),
            Verb::Pay(_) => Ok(self.not_simulated("Pay")),
            Verb::Sms(_) => Ok(self.not_simulated("Sms")),
        }
    }

    fn reject(&mut self, reject: &Reject) -> Next {
        let busy = reject.reason == Some(RejectReason::Busy);
        let words = if busy { "a busy tone" } else { "that the number is not in service" };
        self.stage.did(Actor::Carrier, format!("does not answer; the caller hears {words}"));
        Next::End(Ended::Rejected { busy })
    }

    fn redirect(redirect: &Redirect) -> Next {
        let to = Some(redirect.url.trim().to_owned());
        Next::Fetch(Fetch::action("redirect", to.as_ref(), redirect.method, Vec::new()))
    }

    /// Says plainly what is left out, and goes on with the next verb.
    pub(super) fn not_simulated(&mut self, what: &str) -> Next {
        self.stage.warn(0, format!("<{what}> is not simulated by this version; going on with the next verb"));
        Next::Verb
    }
}
