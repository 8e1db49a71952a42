//! What is sent, now and later, and what goes wrong with it on purpose.

use super::due::{Due, First, Why};
use super::hook::Hook;
use super::stage::Stage;
use crate::simulator::chaos::{Accident, Fate, Sent, contrary};
use crate::simulator::http::{Exchange, Fault, Webhook};
use crate::simulator::transcript::{Actor, Kind, RequestLine, Step};
use std::time::Duration;

/// From a report to the one that contradicts it.
const SECOND_THOUGHT: Duration = Duration::from_secs(1);

/// One delivery, for the record.
struct Noted {
    copy_of: Option<usize>,
    is_false: bool,
    on_purpose: bool,
}

const ORIGINAL: Noted = Noted { copy_of: None, is_false: false, on_purpose: false };

impl Stage<'_> {
    /// Sends a report once `delay` has passed.
    pub(super) fn later(&mut self, delay: Duration, hook: Hook) {
        self.report_at(self.clock.at() + delay, hook);
    }

    /// Sends a report before everything that is still due.
    pub(super) fn now(&mut self, hook: Hook) {
        self.report_at(Duration::ZERO, hook);
    }

    fn report_at(&mut self, at: Duration, hook: Hook) {
        let accident = self.chaos.report();
        let at = match accident {
            Some(Accident::Lost) => {
                self.did(Actor::Carrier, format!("loses the {} callback", hook.purpose));
                self.note(&hook, Fate::NeverSent, None, Noted { on_purpose: true, ..ORIGINAL });
                return;
            }
            Some(Accident::Late(by)) => at.max(self.clock.at()) + by,
            _ => at,
        };
        self.due.push(Due { at, hook, why: Why::Report(accident) });
    }

    /// Delivers all that is still due, each at its time.
    pub(super) async fn settle(&mut self) {
        self.deliver_until(Duration::MAX).await;
    }

    pub(super) async fn deliver_until(&mut self, end: Duration) {
        loop {
            let next = self.due.iter().enumerate().min_by_key(|(_, due)| due.at);
            let Some((place, at)) = next.map(|(place, due)| (place, due.at)).filter(|(_, at)| *at <= end) else {
                return;
            };
            let due = self.due.remove(place);
            self.clock.pass_until(at).await;
            match due.why {
                Why::Report(accident) => self.deliver(due.hook, accident).await,
                Why::Again(first) => self.again(&due.hook, first).await,
                Why::Contradiction => self.contradict(&due.hook).await,
            }
        }
    }

    /// Sends a status-type callback: the answer's body says nothing, and the call does not wait for it.
    async fn deliver(&mut self, hook: Hook, accident: Option<Accident>) {
        let exchange = self.send(&hook, accident, false).await;
        let arrived = self.judge(&hook, exchange);
        if arrived
            && accident == Some(Accident::Contradicted)
            && let Some(fields) = contrary(&hook.fields)
        {
            let at = self.clock.at() + SECOND_THOUGHT;
            self.due.push(Due { at, hook: Hook { fields, ..hook }, why: Why::Contradiction });
        }
    }

    /// Whether a report arrived.
    fn judge(&mut self, hook: &Hook, exchange: Exchange) -> bool {
        let mut failure = match exchange.answer {
            Ok(answer) if (200..300).contains(&answer.status) => return true,
            Ok(answer) => Fault::new(11200, format!("HTTP retrieval failure: the answer is {}", answer.status)),
            Err(fault) => fault,
        };
        failure.why = format!("{} callback: {}", hook.purpose, failure.why);
        self.blame(failure);
        false
    }

    async fn contradict(&mut self, hook: &Hook) {
        self.did(Actor::Carrier, format!("contradicts the {} callback", hook.purpose));
        let token = self.sids.delivery_token();
        let exchange = self.exchange(hook, &token, None).await;
        self.sent(hook.line(&exchange));
        self.note(hook, Fate::of(&exchange), None, Noted { is_false: true, ..ORIGINAL });
        self.judge(hook, exchange);
    }

    async fn again(&mut self, hook: &Hook, first: First) {
        let copy = self.exchange(hook, &first.token, None).await;
        self.compare(hook, &first, &copy);
    }

    /// Asks for a document: the caller waits for it.
    pub(super) async fn ask(&mut self, hook: &Hook) -> Exchange {
        self.documents += 1;
        let accident = self.chaos.document(hook.purpose == "fallback");
        let exchange = self.send(hook, accident, true).await;
        self.clock.charge(exchange.took);
        exchange
    }

    async fn send(&mut self, hook: &Hook, accident: Option<Accident>, wants_document: bool) -> Exchange {
        let token = self.sids.delivery_token();
        let (exchange, twin) = if accident == Some(Accident::Twice) {
            let (first, second) = self.exchange_twice(hook, &token).await;
            (first, Some(second))
        } else {
            (self.exchange(hook, &token, accident).await, None)
        };
        let body = exchange.answer.as_ref().ok().map(|answer| answer.body.clone());
        let text = body.as_deref().map(|body| String::from_utf8_lossy(body).into_owned());
        self.sent(RequestLine { twiml: text.clone().filter(|_| wants_document), ..hook.line(&exchange) });
        let on_purpose = exchange.answer.as_ref().is_err_and(|fault| fault.on_purpose);
        let number = self.note(hook, Fate::of(&exchange), text, Noted { on_purpose, ..ORIGINAL });
        let first = First { token, number, body };
        if let Some(twin) = twin {
            self.compare(hook, &first, &twin);
        }
        if let Some(Accident::Again(after)) = accident {
            let at = self.clock.at() + after;
            self.due.push(Due { at, hook: hook.clone(), why: Why::Again(first.clone()) });
        }
        if self.twice && first.body.is_some() {
            self.again(hook, first).await;
        }
        exchange
    }

    /// The transcript's line of a copy, and a complaint unless it was answered like the first.
    fn compare(&mut self, hook: &Hook, first: &First, copy: &Exchange) {
        let body = copy.answer.as_ref().ok().map(|answer| &answer.body);
        let same = first.body.as_ref().zip(body).map(|(first, copy)| first == copy);
        self.sent(RequestLine { copy_same: same, ..hook.line(copy) });
        let text = body.map(|body| String::from_utf8_lossy(body).into_owned());
        self.note(hook, Fate::of(copy), text, Noted { copy_of: Some(first.number), ..ORIGINAL });
        if same == Some(false) {
            self.fail(0, format!("two deliveries of one webhook ({}) were answered differently", hook.purpose));
        }
    }

    async fn exchange(&mut self, hook: &Hook, token: &str, accident: Option<Accident>) -> Exchange {
        let Hook { method, url, fields, .. } = hook;
        let turn = self.turn;
        self.turn = turn.wrapping_add(1);
        let (cookies, mishap) = (&mut self.cookies, accident.and_then(Accident::mishap));
        let webhook = Webhook { method: *method, url, fields, token, cookies, turn, mishap };
        self.carrier.client.send(webhook, self.clock.wall()).await
    }

    /// At the same moment, to two instances where there are several.
    async fn exchange_twice(&mut self, hook: &Hook, token: &str) -> (Exchange, Exchange) {
        let Hook { method, url, fields, .. } = hook;
        let turn = self.turn;
        self.turn = turn.wrapping_add(2);
        let mut copied = self.cookies.clone();
        let (mishap, cookies) = (None, &mut self.cookies);
        let first = Webhook { method: *method, url, fields, token, cookies, turn, mishap };
        let (turn, cookies) = (turn.wrapping_add(1), &mut copied);
        let second = Webhook { method: *method, url, fields, token, cookies, turn, mishap };
        let (client, wall) = (&self.carrier.client, self.clock.wall());
        tokio::join!(client.send(first, wall), client.send(second, wall))
    }

    fn sent(&mut self, request: RequestLine) {
        let mut step = Step::new(self.clock.at(), Actor::Carrier, Kind::Request, request.purpose);
        step.request = Some(request);
        self.transcript.add(step);
    }

    /// Puts a delivery on the record, if there is one; returns its number.
    fn note(&mut self, hook: &Hook, fate: Fate, body: Option<String>, noted: Noted) -> usize {
        let number = self.record.as_ref().map_or(0, Vec::len);
        if let Some(record) = &mut self.record {
            record.push(Sent {
                at_ms: u64::try_from(self.clock.at().as_millis()).unwrap_or(u64::MAX),
                purpose: hook.purpose,
                url: hook.public_url(),
                fields: hook.fields.clone(),
                fate,
                copy_of: noted.copy_of,
                body,
                is_false: noted.is_false,
                on_purpose: noted.on_purpose,
            });
        }
        number
    }
}

impl Fate {
    fn of(exchange: &Exchange) -> Self {
        match &exchange.answer {
            Ok(answer) => Self::Answered(answer.status),
            Err(_) if exchange.may_have_arrived => Self::Unanswered,
            Err(_) => Self::NeverSent,
        }
    }
}
