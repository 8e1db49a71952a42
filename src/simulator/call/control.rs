//! What the REST API asks of a call that runs (PROTOCOL.md 7.8): it goes before whatever the call is doing.

use super::run::{Ended, Fetch, Run, Source};
use super::stage::Stage;
use super::streaming::STEP;
use crate::simulator::archive::Order;
use crate::simulator::http::{self, Answer, Reading};
use crate::simulator::transcript::Actor;
use reqwest::Url;
use std::time::Duration;

impl Stage<'_> {
    /// Lets time pass; whether an order came first. Who listens to the sound gets it as it goes.
    pub(super) async fn wait_until(&mut self, end: Duration) -> bool {
        while !self.asides.is_empty() && self.told.is_none() && self.clock.at() < end {
            self.wait_in_silence_until(end.min(self.clock.at() + STEP)).await;
            self.feed_asides().await;
        }
        self.wait_in_silence_until(end).await
    }

    async fn wait_in_silence_until(&mut self, end: Duration) -> bool {
        if self.told.is_none() {
            let orders = &mut self.orders;
            let order = async {
                match orders {
                    Some(orders) => orders.recv().await,
                    None => None,
                }
            };
            self.told = self.clock.pass_until_told(end, order).await;
            self.obey();
        }
        self.told.is_some()
    }

    /// The next order, if anybody can give one; the verb that runs is over then.
    pub(super) async fn order(&mut self) {
        self.told = match &mut self.orders {
            Some(orders) => orders.recv().await,
            None => None,
        };
        if self.told.is_none() {
            std::future::pending::<()>().await;
        }
    }

    /// The order that the call has to follow now.
    pub(super) fn take_order(&mut self) -> Option<Order> {
        if self.told.is_none() {
            self.told = self.orders.as_mut().and_then(|orders| orders.try_recv().ok());
            self.obey();
        }
        self.told.take()
    }

    /// Whether the verb that runs has to come to an end.
    pub(super) const fn must_stop(&self) -> bool {
        self.has_hung_up() || self.told.is_some()
    }

    pub(super) fn obey(&mut self) {
        match &self.told {
            Some(Order::HangUp) => {
                self.cut_off();
                self.did(Actor::Carrier, "ends the call, as it is asked over the REST API");
            }
            Some(_) => self.did(Actor::Carrier, "leads the call elsewhere, as it is asked over the REST API"),
            None => {}
        }
    }
}

impl Run<'_, '_> {
    /// The document to go on with, if an order names one; `Err`: the call is over.
    pub(super) fn led_elsewhere(&mut self) -> Result<Option<Source>, Ended> {
        match self.stage.take_order() {
            None => Ok(None),
            Some(Order::HangUp) => Err(Ended::ByRequest),
            Some(Order::Fetch(url, method)) => {
                let (purpose, to) = ("redirect", Some(url.to_string()));
                Ok(Some(Source::Fetch(Fetch { purpose, method, to, extra: Vec::new() })))
            }
            Some(Order::Document(text)) => Ok(Some(Source::Document(text))),
        }
    }

    /// Reads a document that came as a parameter. Its URLs have to be whole: it has no address of its own.
    pub(super) async fn read_document(&mut self, text: String) -> Result<Reading, Ended> {
        self.here = nowhere().unwrap_or_else(|| self.here.clone());
        let content_type = Some("text/xml".to_owned());
        let answer = Answer { status: 200, content_type, chunked: false, body: text.into_bytes() };
        match http::read(&answer) {
            Ok(reading) => Ok(reading),
            Err(fault) => {
                self.stage.blame(fault);
                Err(self.application_error().await)
            }
        }
    }
}

/// A URL that nothing is relative to.
fn nowhere() -> Option<Url> {
    Url::parse("data:,").ok()
}
