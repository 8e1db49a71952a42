//! Which resource a request is about.

use super::ask::{self, Ask};
use super::{accounts, available, calls, messages, numbers, porting, recordings, transcriptions, usage};
use crate::simulator::twin::books::Books;
use crate::simulator::twin::wire::{Answer, Refusal, Request};

/// Does what is asked.
pub(crate) fn answer(books: &mut Books, request: &Request) -> Answer {
    books.settle();
    route(books, request).unwrap_or_else(Answer::from)
}

fn route(books: &mut Books, request: &Request) -> Result<Answer, Refusal> {
    let caller = &ask::authenticate(books, request)?;
    let segments = request.segments();
    match segments.as_slice() {
        ["2010-04-01", "Accounts", rest @ ..] => {
            let account = rest.first().copied().unwrap_or(caller);
            account_route(books, Ask { request, caller, account }, rest.get(1..).unwrap_or_default(), rest.is_empty())
        }
        ["v1", "Porting", rest @ ..] => porting::porting(books, Ask { request, caller, account: caller }, rest),
        _ => Err(Refusal::not_found(&request.path)),
    }
}

fn account_route(books: &mut Books, ask: Ask<'_>, rest: &[&str], all: bool) -> Result<Answer, Refusal> {
    match rest {
        [] if all => accounts::all(books, ask),
        [] => {
            ask::may_see(books, &ask)?;
            accounts::one(books, ask)
        }
        _ => {
            ask::may_use(books, &ask)?;
            resource(books, ask, rest)
        }
    }
}

fn resource(books: &mut Books, ask: Ask<'_>, rest: &[&str]) -> Result<Answer, Refusal> {
    match rest {
        ["AvailablePhoneNumbers"] => available::countries(ask),
        ["AvailablePhoneNumbers", country, kind] => available::search(books, ask, country, kind),
        ["IncomingPhoneNumbers"] => numbers::all(books, ask, ""),
        ["IncomingPhoneNumbers", kind @ ("Local" | "TollFree" | "Mobile")] => numbers::all(books, ask, kind),
        ["IncomingPhoneNumbers", sid] => numbers::one(books, ask, sid),
        ["Calls"] => calls::all(books, ask),
        ["Calls", sid] => calls::one(books, ask, sid),
        ["Calls", sid, "Recordings"] => recordings::all(books, ask, Some(sid)),
        ["Calls", call, "Recordings", file] => recordings::of_call(books, ask, call, file),
        ["Recordings", file] => recordings::one(books, ask, file),
        ["Recordings"] => recordings::all(books, ask, None),
        ["Recordings", sid, "Transcriptions"] => transcriptions::all(books, ask, Some(sid)),
        ["Recordings", _, "Transcriptions", sid] | ["Transcriptions", sid] => transcriptions::one(books, ask, sid),
        ["Transcriptions"] => transcriptions::all(books, ask, None),
        ["Messages"] => messages::all(books, ask),
        ["Messages", sid] => messages::one(books, ask, sid),
        ["Balance"] => usage::balance(books, ask),
        ["Usage", "Records", ..] => usage::records(books, ask),
        _ => Err(ask.not_found()),
    }
}
