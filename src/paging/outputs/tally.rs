//! What an output has played: written by the clock's thread, read by whoever asks.

use crate::paging::PlayedOutput;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

/// Failures in a row after which an output counts as failed: 1 s of packets.
const PATIENCE: u64 = 50;

/// One output of one page.
#[derive(Debug)]
pub(crate) struct Tally {
    name: String,
    packets: AtomicU64,
    misses: AtomicU64,
    failed: AtomicBool,
    /// A speaker that was called and has not answered.
    expected: AtomicBool,
    fault: Mutex<Option<String>>,
}

impl Tally {
    pub(crate) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            packets: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            failed: AtomicBool::new(false),
            expected: AtomicBool::new(false),
            fault: Mutex::new(None),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// It is called: it plays when it answers.
    pub(crate) fn expect(&self) {
        self.expected.store(true, Ordering::Relaxed);
    }

    /// It answered.
    pub(crate) fn answered(&self) {
        self.expected.store(false, Ordering::Relaxed);
    }

    /// A packet left.
    pub(crate) fn sent(&self) {
        self.packets.fetch_add(1, Ordering::Relaxed);
        self.misses.store(0, Ordering::Relaxed);
    }

    /// A packet did not leave. Networks recover; a second of this is a failure.
    pub(crate) fn missed(&self, why: &dyn std::fmt::Display) {
        if self.misses.fetch_add(1, Ordering::Relaxed) + 1 >= PATIENCE {
            self.fail(why.to_string());
        }
    }

    /// Nothing more will leave. The first reason stays.
    pub(crate) fn fail(&self, why: String) {
        if !self.failed.swap(true, Ordering::Relaxed) {
            tracing::warn!(output = self.name, fault = why, "an output failed");
            self.remark(why);
        }
    }

    /// Nothing more will leave, and nothing is wrong with that.
    pub(crate) fn retire(&self) {
        self.failed.store(true, Ordering::Relaxed);
    }

    /// Something is wrong beside the sound.
    pub(crate) fn remark(&self, what: String) {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(what);
    }

    pub(crate) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::Relaxed)
    }

    pub(crate) fn played(&self) -> PlayedOutput {
        let waits = self.expected.load(Ordering::Relaxed) && !self.has_failed();
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone();
        PlayedOutput {
            output: self.name.clone(),
            packets: self.packets.load(Ordering::Relaxed),
            fault: fault.or_else(|| waits.then(|| "it had not answered when the page ended".to_owned())),
        }
    }
}
