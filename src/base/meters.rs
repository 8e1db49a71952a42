//! What is counted, as handles made once: counting on the hot path is an atomic addition, never a look-up of labels.
//!
//! Every series exists, at zero, from the moment the handles are made. No label ever holds a number or a SID: all
//! label values are the words of this file.

use super::Outcome;
use super::counters::{Family, Sum};
use super::registrar::Registrar;
use super::sip_meters::SipMeters;
use super::stream_meters::StreamMeters;
use metrics::{Counter, Gauge, Histogram, Recorder, Unit};
use std::sync::Arc;
use std::time::Duration;

/// What became of a webhook: the label `result` of `webhook_requests_total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebhookResult {
    /// Decided, stored, answered.
    Answered,
    /// A copy of one seen before; it got the same bytes.
    Copy,
    /// Signed, but not understood; the caller heard an apology.
    Malformed,
    /// Our own fault; the caller heard an apology.
    Fault,
    /// Answered, but what happened could not be stored.
    Unstored,
    /// Unsigned, forged, or from an address over its limit.
    Refused,
    /// Over the size limit.
    TooLarge,
    /// A new call when there were too many, or the carrier's last word on such a one: not stored.
    TurnedAway,
}

impl WebhookResult {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Answered, "answered"),
        (Self::Copy, "copy"),
        (Self::Malformed, "malformed"),
        (Self::Fault, "fault"),
        (Self::Unstored, "unstored"),
        (Self::Refused, "refused"),
        (Self::TooLarge, "too_large"),
        (Self::TurnedAway, "turned_away"),
    ];
}

/// Why a signature did not fit, in the words of the wire room's diagnosis.
const SIGNATURE_REASONS: [&str; 18] = [
    "missing",
    "scheme",
    "host",
    "port",
    "slash",
    "path",
    "query",
    "fragment",
    "method",
    "content_type",
    "order",
    "fields",
    "encoding",
    "blanks",
    "body_hash",
    "token",
    "header",
    "other",
];

/// What is asked of the carrier's REST API, in the words of the carrier room.
pub const CARRIER_OPERATIONS: [&str; 29] = [
    "number_search",
    "number_list",
    "number_buy",
    "number_fetch",
    "number_update",
    "number_release",
    "account_create",
    "account_list",
    "account_fetch",
    "account_update",
    "call_create",
    "call_list",
    "call_fetch",
    "call_update",
    "recording_list",
    "recording_fetch",
    "recording_update",
    "recording_delete",
    "media",
    "transcription_list",
    "transcription_fetch",
    "transcription_delete",
    "message_send",
    "message_list",
    "message_fetch",
    "portability",
    "port_in_create",
    "port_in_fetch",
    "port_in_cancel",
];

/// How one request to the carrier ended.
const CARRIER_RESULTS: [&str; 6] = ["ok", "refused", "slow_down", "fault", "no_answer", "unreachable"];

/// Requests to the carrier: `carrier_requests_total{operation,result}` and `carrier_request_duration_seconds`.
#[derive(Clone, Debug)]
pub struct CarrierMeter {
    requests: Vec<(&'static str, Family)>,
    duration: Histogram,
}

impl CarrierMeter {
    /// Counts one request on the wire, repetitions included, and how long its answer took.
    pub fn done(&self, (operation, result): (&str, &str), took: Duration) {
        if let Some((_, results)) = self.requests.iter().find(|(name, _)| *name == operation) {
            results.count(result);
        }
        self.duration.record(took.as_secs_f64());
    }
}

/// One webhook route.
#[derive(Clone, Debug)]
pub struct WebhookMeter {
    results: Vec<Counter>,
    duration: Histogram,
}

impl WebhookMeter {
    /// Counts one request and how long it took from arrival to answer.
    pub fn done(&self, result: WebhookResult, took: Duration) {
        if let Some(counter) = self.results.get(result as usize) {
            counter.increment(1);
        }
        self.duration.record(took.as_secs_f64());
    }
}

/// Numbers and tenants.
#[derive(Clone, Debug)]
pub struct NumberMeters {
    /// `transactions_total{state}`: transactions that ended, or whose undoing failed.
    pub transactions: Family,
    /// `numbers_drifted`: numbers that the carrier does not bring here as it should, when last looked.
    pub drifted: Gauge,
}

impl NumberMeters {
    fn new(made: &Registrar<'_>) -> Self {
        let transactions = "Transactions at the carrier that ended, or whose undoing failed.";
        let drifted = "Numbers that the carrier does not bring here as it should, when last looked.";
        Self {
            transactions: made.family(
                "transactions_total",
                transactions,
                "state",
                &["done", "rolled_back", "failed_undo"],
            ),
            drifted: made.gauge("numbers_drifted", drifted, &[]),
        }
    }
}

/// What happens while the database is away.
#[derive(Clone, Debug)]
pub struct SpoolMeters {
    /// `spooled_total`: units that went to the spool.
    pub spooled: Counter,
    /// `replayed_total{result}`: units that came out of it.
    pub replayed: Family,
    /// `spool_bytes`: what waits in it; set when read.
    pub bytes: Gauge,
    /// `spool_oldest_seconds`: since when; set when read.
    pub oldest: Gauge,
    /// `breaker_open`: 1 while units go to the spool and not to the database; set when read.
    pub breaker_open: Gauge,
}

/// Counts of rows, the same on every instance.
#[derive(Clone, Debug)]
pub struct RowGauges {
    /// `voicemail_backlog`: messages that nobody has played or marked yet.
    pub voicemail_backlog: Gauge,
    /// `errors_last_minute`: rows of `errors`.
    pub errors_last_minute: Gauge,
    /// `violations_last_hour`: calls and requests that a limit refused.
    pub violations_last_hour: Gauge,
    /// `failed_transactions_last_hour`.
    pub failed_transactions_last_hour: Gauge,
    /// `recordings_retried`.
    pub recordings_retried: Gauge,
}

/// All handles. Cheap to share, never locked.
#[derive(Clone, Debug)]
pub struct Meters {
    webhooks: Vec<WebhookMeter>,
    /// `calls_active`: set when read.
    pub calls_active: Gauge,
    /// `calls_total{result}`: ended calls by outcome.
    pub calls: Family,
    /// `call_duration_seconds`: ended calls.
    pub call_duration: Histogram,
    /// `signature_failures_total{reason}`: what would have mended it, if one thing would.
    pub signature_failures: Family,
    /// `token_matches_total{slot}`.
    pub token_matches: Family,
    /// Numbers and tenants.
    pub numbers: NumberMeters,
    /// `voicemails_total{state}`: messages that reached a state.
    pub voicemails: Family,
    /// `voicemail_oldest_seconds`: age of the oldest unread message; set when read.
    pub voicemail_oldest: Gauge,
    /// `recordings_total{result}`.
    pub recordings: Family,
    /// `consent_total{outcome}`.
    pub consents: Family,
    /// `rate_limited_total{rule}`.
    pub rate_limited: Family,
    /// `turned_away_total{reason}`: new calls that found too many before them.
    pub turned_away: Family,
    /// `limits_failed_open_total`: calls let in before the limits could be asked.
    pub limits_failed_open: Sum,
    /// `idempotency_hits_total{outcome}`: where a copy found its answer.
    pub idempotency_hits: Family,
    /// `commit_units`: webhooks stored by one transaction of a lane.
    pub commit_units: Histogram,
    /// `commit_statements`: statements of one such transaction, its begin and commit included.
    pub commit_statements: Histogram,
    /// Requests to the carrier's REST API.
    pub carrier: CarrierMeter,
    /// What only the tables know; set when read.
    pub rows: RowGauges,
    /// `health`: 2 healthy, 1 degraded, 0 unhealthy; set when read.
    pub health: Gauge,
    /// `relay_lag_seconds`: age of the oldest event without a number; set at every look.
    pub relay_lag: Gauge,
    /// `events_numbered_total`: events that got their number here.
    pub events_numbered: Counter,
    /// `unstored_total`: units that were answered and could not be stored.
    pub unstored: Counter,
    /// What went to the spool and came out of it.
    pub spool: SpoolMeters,
    /// Live streams.
    pub streams: StreamMeters,
    /// Telephones that speak SIP.
    pub sip: SipMeters,
    /// `mails_total{result}`: attempts to hand mails over, and mails that ended without.
    pub mails: Family,
    /// `db_pool_in_use`: set when read.
    pub db_pool_in_use: Gauge,
    /// `storage_up`: 1 while what happens can be stored; set when read.
    pub storage_up: Gauge,
    /// `draining`: 1 from the stop signal on; set when read.
    pub draining: Gauge,
}

impl Meters {
    /// Registers every series with `recorder`. `endpoints` are the webhook routes' names, in the order in which
    /// [`Meters::webhook`] counts them.
    #[must_use]
    pub fn new(recorder: &dyn Recorder, endpoints: &[&'static str]) -> Self {
        let made = Registrar(recorder);
        made.build_info();
        Self {
            webhooks: made.webhooks(endpoints),
            calls_active: made.gauge("calls_active", "Calls that have not ended.", &[]),
            calls: made.family("calls_total", "Ended calls.", "result", &Outcome::ALL.map(Outcome::as_str)),
            call_duration: made.histogram(
                "call_duration_seconds",
                "Ended calls, as the carrier counts.",
                Some(Unit::Seconds),
            ),
            signature_failures: made.family(
                "signature_failures_total",
                "Refused webhooks, by what alone would have made the signature fit.",
                "reason",
                &SIGNATURE_REASONS,
            ),
            token_matches: made.family(
                "token_matches_total",
                "Webhooks by the auth token that signed them.",
                "slot",
                &["primary", "secondary", "other"],
            ),
            numbers: NumberMeters::new(&made),
            voicemails: made.family(
                "voicemails_total",
                "Messages that reached a state.",
                "state",
                &["expected", "recorded", "ready", "absent", "failed"],
            ),
            voicemail_oldest: made.gauge("voicemail_oldest_seconds", "Age of the oldest unread message.", &[]),
            recordings: made.family(
                "recordings_total",
                "Recordings as the carrier reported them.",
                "result",
                &["completed", "absent", "failed", "other"],
            ),
            consents: made.family("consent_total", "Consent rows.", "outcome", &["given", "refused"]),
            rate_limited: made.rate_limited(),
            turned_away: made.turned_away(),
            limits_failed_open: Sum(
                made.counter(
                    "limits_failed_open_total",
                    "Calls let in before the limits could be asked, because the database was away or late.",
                    &[],
                ),
                Arc::default(),
            ),
            idempotency_hits: made.idempotency_hits(),
            commit_units: made.histogram("commit_units", "Webhooks stored by one transaction.", None),
            commit_statements: made.histogram(
                "commit_statements",
                "Statements of such a transaction, begin and commit included.",
                None,
            ),
            carrier: made.carrier(),
            rows: made.rows(),
            health: made.gauge("health", "2 healthy, 1 degraded, 0 unhealthy.", &[]),
            relay_lag: made.gauge("relay_lag_seconds", "Age of the oldest event that has no number yet.", &[]),
            events_numbered: made.counter("events_numbered_total", "Events that got their number here.", &[]),
            unstored: made.counter("unstored_total", "Webhooks answered without being stored.", &[]),
            spool: made.spool(),
            streams: StreamMeters::new(&made),
            sip: SipMeters::new(&made),
            mails: made.mails(),
            db_pool_in_use: made.gauge("db_pool_in_use", "Database connections in use outside the lanes.", &[]),
            storage_up: made.gauge("storage_up", "1 while what happens can be stored.", &[]),
            draining: made.gauge("draining", "1 from the stop signal on.", &[]),
        }
    }

    /// Handles that count nothing.
    #[must_use]
    pub fn silent() -> Self {
        Self::new(&metrics::NoopRecorder, &[])
    }

    /// The handles of the route at `place` of the list given to [`Meters::new`].
    #[must_use]
    pub fn webhook(&self, place: usize) -> Option<&WebhookMeter> {
        self.webhooks.get(place)
    }

    /// Counts a call that ended.
    pub fn call_ended(&self, outcome: Outcome, duration_s: Option<i64>) {
        self.calls.count(outcome.as_str());
        if let Some(seconds) = duration_s.and_then(|s| u32::try_from(s).ok()) {
            self.call_duration.record(f64::from(seconds));
        }
    }
}

impl Registrar<'_> {
    fn build_info(&self) {
        let version = ("version", env!("CARGO_PKG_VERSION"));
        self.gauge("build_info", "Always 1; the label names the version.", &[version]).set(1.0);
    }

    fn carrier(&self) -> CarrierMeter {
        let requests = |operation, result| {
            self.counter(
                "carrier_requests_total",
                "Requests to the carrier's REST API, each repetition counted.",
                &[("operation", operation), ("result", result)],
            )
        };
        let family =
            |operation| Family(CARRIER_RESULTS.iter().map(|word| (*word, requests(operation, *word))).collect());
        CarrierMeter {
            requests: CARRIER_OPERATIONS.iter().map(|operation| (*operation, family(*operation))).collect(),
            duration: self.durations(
                "carrier_request_duration_seconds",
                "From a request to the carrier to the end of its answer.",
                &[],
            ),
        }
    }

    fn spool(&self) -> SpoolMeters {
        SpoolMeters {
            spooled: self.counter("spooled_total", "Webhooks kept in the spool until they can be stored.", &[]),
            replayed: self.family(
                "replayed_total",
                "Webhooks that came out of the spool.",
                "result",
                &["stored", "elsewhere", "refused", "unread", "unreadable"],
            ),
            bytes: self.gauge("spool_bytes", "What waits in the spool.", &[]),
            oldest: self.gauge("spool_oldest_seconds", "Age of the oldest webhook in the spool.", &[]),
            breaker_open: self.gauge("breaker_open", "1 while webhooks go to the spool first.", &[]),
        }
    }

    fn rate_limited(&self) -> Family {
        self.family(
            "rate_limited_total",
            "Refusals by a limit.",
            "rule",
            &["caller", "line", "account", "custom", "overload", "address", "api_client", "other"],
        )
    }

    fn turned_away(&self) -> Family {
        self.family(
            "turned_away_total",
            "New calls turned away because too many came, by what there was too little of.",
            "reason",
            &["crowd", "storage", "spool"],
        )
    }

    fn mails(&self) -> Family {
        self.family(
            "mails_total",
            "Mails: handed over, put off, refused for good, given up, or not wanted any more.",
            "result",
            &["sent", "put_off", "refused", "expired", "dropped"],
        )
    }

    fn idempotency_hits(&self) -> Family {
        self.family(
            "idempotency_hits_total",
            "Copies of a webhook, by where their answer was found.",
            "outcome",
            &["in_flight", "memory", "stored"],
        )
    }

    fn rows(&self) -> RowGauges {
        let count = |name, about| self.gauge(name, about, &[]);
        RowGauges {
            voicemail_backlog: count("voicemail_backlog", "Messages that nobody has played or marked yet."),
            errors_last_minute: count("errors_last_minute", "Errors written down, over all instances."),
            violations_last_hour: count("violations_last_hour", "Refusals by a limit, over all instances."),
            recordings_retried: count("recordings_retried", "Recordings whose copy failed and is tried again."),
            failed_transactions_last_hour: count(
                "failed_transactions_last_hour",
                "Transactions that failed, over all instances.",
            ),
        }
    }

    fn webhooks(&self, endpoints: &[&'static str]) -> Vec<WebhookMeter> {
        let requests = |endpoint, result| {
            self.counter(
                "webhook_requests_total",
                "Webhooks by route and by what became of them.",
                &[("endpoint", endpoint), ("result", result)],
            )
        };
        let meter = |endpoint: &&'static str| WebhookMeter {
            results: WebhookResult::ALL.iter().map(|(_, word)| requests(endpoint, *word)).collect(),
            duration: self.durations(
                "webhook_duration_seconds",
                "From a webhook's arrival to its answer.",
                &[("endpoint", endpoint)],
            ),
        };
        endpoints.iter().map(meter).collect()
    }
}
