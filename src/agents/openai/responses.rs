//! Which answers run, which were thrown away, and which functions they called.

use serde_json::Value;
use std::collections::VecDeque;

/// Answers that are remembered.
const MOST: usize = 32;

/// A call of a function.
#[derive(Debug, PartialEq)]
pub(super) struct Call {
    pub(super) id: String,
    /// What is answered, once that is known.
    pub(super) output: Option<Value>,
}

/// One answer of the model.
#[derive(Debug)]
struct Response {
    id: String,
    done: bool,
    /// Interrupted: what still comes of it is dropped.
    discarded: bool,
    sounded: bool,
    items: Vec<(String, u32)>,
    calls: Vec<Call>,
}

/// All answers.
#[derive(Debug, Default)]
pub(super) struct Responses {
    list: VecDeque<Response>,
}

impl Responses {
    pub(super) fn created(&mut self, id: &str) {
        if self.of(id).is_none() {
            let (done, discarded, sounded) = (false, false, false);
            self.list.push_back(Response {
                id: id.to_owned(),
                done,
                discarded,
                sounded,
                items: Vec::new(),
                calls: Vec::new(),
            });
        }
        while self.list.len() > MOST {
            self.list.pop_front();
        }
    }

    /// The answer that runs; there is one at most.
    pub(super) fn active(&self) -> Option<&str> {
        self.list.iter().rev().find(|response| !response.done).map(|response| response.id.as_str())
    }

    pub(super) fn is_discarded(&self, id: &str) -> bool {
        self.list.iter().any(|response| response.id == id && response.discarded)
    }

    /// A piece of sound of an item. Whether it is the item's first.
    pub(super) fn sounded(&mut self, id: &str, item: &str, content_index: u32) -> bool {
        let Some(response) = self.of(id) else { return false };
        response.sounded = true;
        let first = !response.items.iter().any(|(known, _)| known == item);
        if first && response.items.len() < MOST {
            response.items.push((item.to_owned(), content_index));
        }
        first
    }

    /// Where the sound of an item stands in it.
    pub(super) fn content_index(&self, item: &str) -> u32 {
        let mut items = self.list.iter().flat_map(|response| &response.items);
        items.find(|(known, _)| known == item).map_or(0, |(_, index)| *index)
    }

    /// A function was called.
    pub(super) fn called(&mut self, id: &str, call: &str) {
        let Some(response) = self.of(id) else { return };
        if response.calls.len() < MOST && !response.calls.iter().any(|known| known.id == call) {
            response.calls.push(Call { id: call.to_owned(), output: None });
        }
    }

    /// What became of a function.
    pub(super) fn answered(&mut self, call: &str, output: Value) {
        let mut calls = self.list.iter_mut().flat_map(|response| &mut response.calls);
        if let Some(known) = calls.find(|known| known.id == call && known.output.is_none()) {
            known.output = Some(output);
        }
    }

    /// Outputs that may be sent now: their answer is done and all its functions have one. Given once.
    pub(super) fn outputs(&mut self) -> Vec<Call> {
        let ready = |response: &&mut Response| {
            response.done && !response.calls.is_empty() && response.calls.iter().all(|call| call.output.is_some())
        };
        self.list.iter_mut().find(ready).map(|response| std::mem::take(&mut response.calls)).unwrap_or_default()
    }

    /// Playback was cut: what runs is not wanted any more, nor what these items are part of. Gives what runs.
    pub(super) fn discard(&mut self, items: &[String]) -> Option<String> {
        for response in &mut self.list {
            response.discarded |= response.items.iter().any(|(item, _)| items.contains(item));
        }
        let running = self.list.iter_mut().rev().find(|response| !response.done)?;
        running.discarded = true;
        Some(running.id.clone())
    }

    /// An answer is done. Its items, and whether it had any sound.
    pub(super) fn done(&mut self, id: &str) -> (Vec<String>, bool) {
        let Some(response) = self.of(id) else { return (Vec::new(), false) };
        response.done = true;
        (response.items.iter().map(|(item, _)| item.clone()).collect(), response.sounded)
    }

    /// The connection is gone, and with it whatever ran.
    pub(super) fn forget(&mut self) {
        self.list.clear();
    }

    fn of(&mut self, id: &str) -> Option<&mut Response> {
        self.list.iter_mut().find(|response| response.id == id)
    }
}
