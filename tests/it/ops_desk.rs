//! An operators' side to ask, without a socket.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use chrono::{TimeDelta, TimeZone, Utc};
use serde_json::Value;
use std::sync::Arc;
use switchboard::base::{AudioLinks, Clock, Meters, Secret, Time};
use switchboard::carrier::Carrier;
use switchboard::db::Db;
use switchboard::ops::{Claims, Exporter, Guests, Keys, Ops, Parts, Probe, Role, Streams, mint, router_with};
use switchboard::shelf::Shelf;
use tower::ServiceExt;

const ADMIN_TOKEN: &str = "an-admin-token-of-tests-0123";
const JWT_SECRET: &str = "a-signing-secret-of-tests-4567";

pub(crate) fn noon() -> Time {
    Utc.with_ymd_and_hms(2026, 11, 20, 12, 0, 0).single().expect("an instant")
}

/// Leave to hear single messages, as mails carry it.
pub(crate) fn links() -> AudioLinks {
    AudioLinks::new(Some(Secret::new("a-secret-of-links")), "https://phone.example.com")
}

/// What a test wants to be different.
pub(crate) struct Wishes {
    pub(crate) keys: Keys,
    pub(crate) probe: Probe,
    pub(crate) metrics_public: bool,
    pub(crate) carrier: Option<Carrier>,
    pub(crate) shelf: Shelf,
    pub(crate) guests: Guests,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            keys: Keys::new(Some(&Secret::new(ADMIN_TOKEN)), Some(&Secret::new(JWT_SECRET))),
            probe: Probe::well(noon() - TimeDelta::seconds(90)),
            metrics_public: false,
            carrier: None,
            shelf: Shelf::new("/nowhere".into()),
            guests: Guests::default(),
        }
    }
}

pub(crate) struct Desk {
    pub(crate) router: Router,
    pub(crate) clock: Clock,
    pub(crate) meters: Arc<Meters>,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Desk {
    pub(crate) fn new(db: &Db) -> Self {
        Self::with(db, Wishes::default())
    }

    pub(crate) fn with(db: &Db, wishes: Wishes) -> Self {
        let clock = Clock::manual(noon());
        let (exporter, meters) = Exporter::new(&["voice", "dtmf"]).expect("good buckets");
        let meters = Arc::new(meters);
        let ops = Ops::new(Parts {
            keys: wishes.keys,
            clock: clock.clone(),
            probe: wishes.probe,
            meters: Arc::clone(&meters),
            exporter,
            metrics_public: wishes.metrics_public,
            db: db.clone(),
            carrier: wishes.carrier,
            steering: None,
            shelf: wishes.shelf,
            links: links(),
            streams: Streams(Box::new(std::collections::HashMap::new)),
        });
        Self { router: router_with(ops, wishes.guests), clock, meters }
    }

    /// One request; `bearer` is the whole credential.
    pub(crate) async fn ask(&self, method: Method, path: &str, bearer: Option<&str>, extra: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(credential) = bearer {
            request = request.header("authorization", format!("Bearer {credential}"));
        }
        for (name, value) in extra {
            request = request.header(*name, *value);
        }
        self.answer(request.body(Body::empty()).expect("a request")).await
    }

    /// One request with a JSON body.
    pub(crate) async fn send(&self, method: Method, path: &str, bearer: &str, body: &'static str) -> Answer {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {bearer}")).body(body.into());
        self.answer(request.expect("a request")).await
    }

    async fn answer(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.expect("the router always answers");
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.map(|bytes| bytes.to_vec()).unwrap_or_default();
        Answer { status: head.status, headers: head.headers, body }
    }

    /// A request with a JSON body.
    pub(crate) async fn put(&self, method: Method, path: &str, who: Role, body: &Value) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("authorization", format!("Bearer {}", credential(who)));
        let request = request.header("content-type", "application/json").body(Body::from(body.to_string()));
        let response = self.router.clone().oneshot(request.expect("a request")).await.expect("the router answers");
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.map(|bytes| bytes.to_vec()).unwrap_or_default();
        Answer { status: head.status, headers: head.headers, body }
    }

    pub(crate) async fn get(&self, path: &str, who: Role) -> Answer {
        self.ask(Method::GET, path, Some(&credential(who)), &[]).await
    }

    pub(crate) async fn open(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, None, &[]).await
    }
}

/// The admin token, or a JWT of `ana`.
pub(crate) fn credential(who: Role) -> String {
    if who == Role::Admin {
        return ADMIN_TOKEN.to_owned();
    }
    let claims = Claims {
        sub: "ana@example.com".to_owned(),
        role: who,
        exp: noon().timestamp() + 86_400,
        iat: noon().timestamp(),
    };
    mint(&claims, &Secret::new(JWT_SECRET))
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    /// A problem document of this status about `path`.
    pub(crate) fn is_problem(&self, status: u16, path: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{path}: {}", self.text());
        assert_eq!(self.header("content-type"), "application/problem+json", "{path}");
        let document = self.json();
        assert_eq!(document["status"], status);
        assert_eq!(document["instance"], path);
        assert!(document["type"].as_str().is_some_and(|t| t.starts_with("urn:switchboard:problem:")), "{document}");
        assert!(document["title"].is_string() && document["detail"].is_string(), "{document}");
        document
    }
}
