//! One request, ready to be sent and sent again.

use super::operation::Operation;
use super::wire::Pairs;
use super::{CarrierError, Processed};
use reqwest::{Method, RequestBuilder, Url};
use serde_json::Value;

/// What sending it twice does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// The same as sending it once.
    Same,
    /// A second one of what it creates.
    Double,
}

#[derive(Clone, Debug)]
enum Body {
    None,
    Form(Pairs),
    Json(Value),
}

/// A request without its credentials.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) operation: Operation,
    pub(super) method: Method,
    pub(super) url: Url,
    body: Body,
    effect: Effect,
}

impl Request {
    pub(super) fn get(operation: Operation, mut url: Url, query: &Pairs) -> Self {
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        Self { operation, method: Method::GET, url, body: Body::None, effect: Effect::Same }
    }

    pub(super) const fn delete(operation: Operation, url: Url) -> Self {
        Self { operation, method: Method::DELETE, url, body: Body::None, effect: Effect::Same }
    }

    /// A change of something that is there: the same however often it is sent.
    pub(super) const fn update(operation: Operation, url: Url, form: Pairs) -> Self {
        Self { operation, method: Method::POST, url, body: Body::Form(form), effect: Effect::Same }
    }

    pub(super) const fn create(operation: Operation, url: Url, form: Pairs) -> Self {
        Self { operation, method: Method::POST, url, body: Body::Form(form), effect: Effect::Double }
    }

    pub(super) const fn create_json(operation: Operation, url: Url, json: Value) -> Self {
        Self { operation, method: Method::POST, url, body: Body::Json(json), effect: Effect::Double }
    }

    pub(super) fn fill(&self, builder: RequestBuilder) -> RequestBuilder {
        match &self.body {
            Body::None => builder,
            Body::Form(form) => builder.form(form),
            Body::Json(json) => builder.json(json),
        }
    }

    /// Whether it may be sent again after this.
    pub(super) fn may_repeat(&self, error: &CarrierError) -> bool {
        error.may_retry() && (self.effect == Effect::Same || error.processed() == Processed::No)
    }

    /// What the caller hears in the end: whatever may have come about must be looked up first.
    pub(super) fn verdict(&self, error: CarrierError) -> CarrierError {
        let open = self.effect == Effect::Double && error.processed() != Processed::No;
        if open { CarrierError::Unknown(Box::new(error)) } else { error }
    }
}
