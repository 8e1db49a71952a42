//! How a conversation with an agent, or a page, can end: what its document cannot know, because the socket decides.

use super::document::Branch;
use super::request::spoken;
use crate::calls::calls_for_help;
use crate::config::line::Line;
use crate::ledger::{StreamEnd, StreamNext};
use crate::twiml::{Gather, GatherInput, Response, Verb};

/// Calls for help that need no explanation; which of them a line knows depends on its language and its lists.
const HELP: [&str; 4] = ["call an ambulance", "appelez une ambulance", "llame a una ambulancia", "fire"];

/// What else may happen behind a document of this line.
pub(super) fn of(document: &Response, line: &Line) -> Vec<Branch> {
    let mut branches = Vec::new();
    for verb in &document.verbs {
        match verb {
            Verb::Connect(connect) => {
                branches.extend(connect.action.as_deref().into_iter().flat_map(|url| ends(url, line)))
            }
            Verb::Gather(gather) => branches.extend(help(gather, line)),
            _ => {}
        }
    }
    branches
}

/// The socket tells where its caller goes.
fn ends(url: &str, line: &Line) -> Vec<Branch> {
    let zone = || "701".to_owned();
    let usual = [
        ("goes on", StreamNext::Line),
        ("fails", StreamNext::Failed),
        ("leads to the mailbox", StreamNext::Voicemail),
        ("ends the call", StreamNext::Hangup),
        ("breaks off", StreamNext::Again),
        ("is closed by the carrier", StreamNext::Closed),
        ("calls for help", StreamNext::Emergency { said: String::new() }),
        ("pages nobody", StreamNext::NotPaged { zone: zone(), why: "taken".to_owned() }),
    ];
    let usual = usual.into_iter().map(|(label, next)| (format!("the conversation {label}"), next));
    let named = line.agent.targets.keys();
    let named = named.map(|to| (format!("the agent puts through to {to}"), StreamNext::Transfer { to: to.clone() }));
    usual.chain(named).map(|(label, next)| end(label, url, next)).collect()
}

fn end(label: String, url: &str, next: StreamNext) -> Branch {
    let end = StreamEnd { next, reason: "walked".to_owned(), say: None };
    // A document of our own type cannot fail to be written.
    let told = serde_json::to_string(&end).unwrap_or_default();
    Branch {
        label,
        url: url.to_owned(),
        fields: vec![("SessionStatus", "ended".to_owned()), ("HandoffData", told)],
        spoken: false,
        heard: true,
    }
}

/// Somebody calls for help in words that the line knows without being told.
fn help(gather: &Gather, line: &Line) -> Option<Branch> {
    let listens = gather.input.is_some_and(|input| input != GatherInput::Dtmf);
    let query = gather.action.as_deref().and_then(|url| url.split_once('?')).map_or("", |(_, query)| query);
    let line = spoken(query, line);
    let words = HELP.into_iter().find(|words| listens && calls_for_help(line, words))?;
    Some(Branch {
        label: format!("\"{words}\""),
        url: gather.action.clone().unwrap_or_default(),
        fields: vec![("SpeechResult", words.to_owned())],
        spoken: true,
        heard: true,
    })
}
