//! The few ports through which rooms meet: who decides for the gate, who answers the operators' questions.

use crate::base::{AudioLinks, Clock, Meters, Seal, Secret, Time};
use crate::callers::Callers;
use crate::calls::{self, Reconciler, ReconcilerParts};
use crate::carrier::{Account, Carrier, CarrierError, House};
use crate::config::line::Line;
use crate::config::recordings::S3;
use crate::config::{Loaded, Settings};
use crate::db::Db;
use crate::gate::{Door, Gate, Parts as GateParts, Refusals, Route, Streams};
use crate::ledger::{Keeping, Ledger, Phase};
use crate::numbers::{Numbers, Parts as NumbersParts, Reach};
use crate::openings::Openings;
use crate::ops::{
    self, Check, CheckStatus, Exporter, Guests, Keys, Ops, Parts as OpsParts, Probe, Spool, Steering, Storage,
    StorageState,
};
use crate::paging::Paging;
use crate::recordings::{Parts as RecorderParts, Recorder};
use crate::shelf::{Bucket, BucketError, Shelf};
use crate::speech::{Parts as SpeechParts, Speech};
use crate::texts::{Parts as TextsParts, Texts};
use crate::world::{World, Worlds};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Names of the webhook routes, in the order of [`Route::ALL`]: the labels of their meters.
pub(super) fn endpoints() -> [&'static str; Route::ALL.len()] {
    Route::ALL.map(Route::name)
}

/// The world that a configuration describes.
pub(super) fn world(settings: &Settings, lines: Vec<Line>) -> World {
    let tokens = settings.carrier.tokens.clone();
    let mut key = Sha256::new();
    key.update(b"switchboard stream token");
    key.update(tokens.first().map_or("", |token| token.expose()));
    let mut world = World::new(settings.server.public_url.clone(), lines);
    world.stream_key = key.finalize().to_vec();
    world.tokens = tokens;
    world.pin.clone_from(&settings.paging.pin);
    world.hours_pin.clone_from(&settings.hours.pin);
    world.account_sid.clone_from(&settings.carrier.account_sid);
    world
}

impl From<Loaded> for World {
    fn from(loaded: Loaded) -> Self {
        world(&loaded.settings, loaded.lines)
    }
}

pub(super) fn gate(
    settings: &Settings,
    worlds: &Worlds,
    ledger: &Ledger,
    clock: &Clock,
    (refusals, meters, streams): (&Arc<Refusals>, &Arc<Meters>, Streams),
) -> Gate {
    Gate::new(GateParts {
        worlds: worlds.clone(),
        ledger: ledger.clone(),
        clock: clock.clone(),
        decide: Box::new(calls::decide),
        fault: Box::new(|world, webhook| calls::fault(world, webhook, "the decision failed")),
        busy: Box::new(calls::full_house),
        door: Door::default(),
        trusted_proxies: settings.server.trusted_proxies.clone(),
        check_signatures: settings.server.signature_check,
        refusals: Arc::clone(refusals),
        meters: Arc::clone(meters),
        streams,
    })
}

pub(super) fn ops(
    settings: &Settings,
    db: &Db,
    clock: &Clock,
    probe: Probe,
    (exporter, meters, carrier, steering, shelf, streams): OpsFrom<'_>,
) -> Ops {
    Ops::new(OpsParts {
        keys: Keys::new(settings.auth.admin_token.as_ref(), settings.auth.jwt_secret.as_ref()),
        clock: clock.clone(),
        probe,
        meters: Arc::clone(meters),
        exporter,
        metrics_public: settings.auth.metrics_public,
        db: db.clone(),
        carrier,
        steering: Some(steering),
        shelf,
        links: links(settings),
        streams,
    })
}

/// What the operators' side gets from its neighbours.
pub(super) type OpsFrom<'a> = (Exporter, &'a Arc<Meters>, Option<Carrier>, Steering, Shelf, ops::Streams);

/// Where recordings are kept: a folder, and a bucket beside it where one is configured. Its requests are signed by the
/// system's time, whatever the house goes by.
///
/// # Errors
/// [`BucketError::Unusable`].
pub fn shelf(settings: &Settings, s3: Option<&S3>, seed: u64) -> Result<Shelf, BucketError> {
    let folder = Shelf::new(settings.storage.data_dir.join("audio"));
    let Some((s3, keys)) = s3.zip(settings.storage.s3_keys.as_ref()) else { return Ok(folder) };
    // Commands come here without a start; a provider that is installed already is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(folder.with_bucket(Bucket::new(s3, keys, Clock::System, seed)?))
}

/// Links to messages. Their secret follows from one that every instance has; a change of it ends all links.
pub(super) fn links(settings: &Settings) -> AudioLinks {
    let auth = &settings.auth;
    let known = auth.jwt_secret.as_ref().or(auth.admin_token.as_ref()).or(settings.carrier.tokens.first());
    let derived = |known: &Secret| {
        let digest = Sha256::digest(format!("switchboard audio link/{}", known.expose()));
        Secret::new(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    };
    AudioLinks::new(known.map(derived), &settings.server.public_url)
}

/// Who says texts and hears messages, by the engines of the lines.
pub(super) fn speech(settings: &Settings, clock: &Clock) -> Speech {
    let folder = settings.storage.data_dir.join("prompts");
    Speech::new(SpeechParts { keys: settings.speech.clone(), folder, clock: clock.clone() })
}

/// Who makes recordings ours.
pub(super) fn recorder(
    (db, ledger, clock): (&Db, &Ledger, &Clock),
    carrier: Option<Carrier>,
    shelf: &Shelf,
    holder: &Arc<str>,
) -> Recorder {
    Recorder::new(RecorderParts {
        db: db.clone(),
        ledger: ledger.clone(),
        carrier,
        shelf: shelf.clone(),
        clock: clock.clone(),
        holder: Arc::clone(holder),
    })
}

/// The carrier's REST API, where an account and a token are configured.
pub(super) fn carrier(settings: &Settings, house: House) -> Result<Option<Carrier>, CarrierError> {
    let carrier = &settings.carrier;
    let Some(sid) = carrier.account_sid.clone().filter(|_| !carrier.tokens.is_empty()) else { return Ok(None) };
    let client = Carrier::new(&carrier.api_base_url, Account { sid, tokens: carrier.tokens.clone() })?;
    Ok(Some(client.at_home(house)))
}

/// Numbers and tenants.
pub(super) fn numbers(settings: &Settings, db: &Db, clock: &Clock, parts: NumbersFrom<'_>) -> Numbers {
    let carrier = &settings.carrier;
    let reach = Reach::new(&settings.server.public_url, carrier.fallback_url.clone(), &carrier.api_base_url);
    Numbers::new(NumbersParts {
        db: db.clone(),
        carrier: parts.carrier.cloned(),
        clock: clock.clone(),
        seal: parts.seal.clone(),
        worlds: parts.worlds.clone(),
        reach,
        holder: Arc::clone(parts.holder),
        meters: Arc::clone(parts.meters),
    })
}

/// What the numbers room gets from its neighbours.
pub(super) struct NumbersFrom<'a> {
    pub carrier: Option<&'a Carrier>,
    pub seal: &'a Seal,
    pub worlds: &'a Worlds,
    pub holder: &'a Arc<str>,
    pub meters: &'a Arc<Meters>,
}

/// Routes of rooms beside the operators', behind the operators' door.
pub(super) fn guests(
    (db, worlds, clock): (&Db, &Worlds, &Clock),
    numbers: &Numbers,
    paging: &Paging,
    texts: &Texts,
) -> Guests {
    let openings = Openings::new(db.clone(), worlds.clone(), clock.clone());
    let callers = Callers::new(db.clone(), worlds.clone(), clock.clone());
    let operator = numbers.routes().merge(paging.routes()).merge(openings.routes());
    let operator = operator.merge(callers.routes()).merge(texts.routes());
    let viewer = paging.open_routes().merge(openings.open_routes());
    let viewer = viewer.merge(callers.open_routes()).merge(texts.open_routes());
    Guests { viewer, operator, admin: numbers.admin_routes() }
}

/// Who sends texts, and shows them.
pub(super) fn texts(
    db: &Db,
    clock: &Clock,
    (carrier, worlds, holder): (Option<&Carrier>, &Worlds, &Arc<str>),
) -> Texts {
    Texts::new(TextsParts {
        db: db.clone(),
        carrier: carrier.cloned(),
        worlds: worlds.clone(),
        clock: clock.clone(),
        holder: Arc::clone(holder),
        report_to: calls::reports_of_text,
    })
}

/// Who asks about silent calls, where somebody can be asked.
pub(super) fn reconciler(
    carrier: Option<&Carrier>,
    (db, ledger, clock): (&Db, &Ledger, &Clock),
    worlds: &Worlds,
    holder: &Arc<str>,
) -> Option<Reconciler> {
    let parts = ReconcilerParts {
        db: db.clone(),
        carrier: carrier?.clone(),
        ledger: ledger.clone(),
        worlds: worlds.clone(),
        clock: clock.clone(),
        holder: Arc::clone(holder),
    };
    Some(Reconciler::new(parts))
}

/// What the operators' side may ask.
pub(super) fn probe(
    started_at: Time,
    ledger: Ledger,
    draining: CancellationToken,
    (meters, gate, speech): (&Arc<Meters>, &Gate, Speech),
) -> Probe {
    let (meters, turned_away) = (Arc::clone(meters), Arc::clone(gate.turned_away()));
    Probe {
        started_at,
        storage: Box::new(move || storage(&ledger)),
        // A world is compiled before the listener opens, so whoever can ask is past that.
        world_loaded: Box::new(|| true),
        draining: Box::new(move || draining.is_cancelled()),
        more: vec![
            Box::new(move || limits_check(meters.limits_failed_open.sum())),
            Box::new(move || admission_check(turned_away.lately())),
            Box::new(move || speech_check(&speech.engines())),
        ],
    }
}

fn storage(ledger: &Ledger) -> Storage {
    let (condition, backlog) = (ledger.condition(), ledger.backlog());
    Storage {
        state: match condition.phase() {
            Phase::Starting => StorageState::Starting,
            Phase::Up => StorageState::Up,
            Phase::Behind => StorageState::Behind,
            Phase::Down => StorageState::Down { since: condition.since().0 },
        },
        unstored: condition.unstored_lately(),
        spool: match backlog.keeping {
            Keeping::Spool => Spool::InPlace,
            Keeping::SecondSpool => Spool::Elsewhere,
            Keeping::Memory => Spool::Nowhere,
        },
        waiting: backlog.units,
        waiting_bytes: backlog.bytes,
        waiting_since: backlog.oldest,
    }
}

/// Limits never keep a caller out because the house cannot ask them; it says so.
fn limits_check(let_in: u64) -> Check {
    let detail = match let_in {
        0 => "every call was counted before it was let in".to_owned(),
        calls => format!("{calls} calls of this process were let in before their limits could be asked"),
    };
    Check { name: "limits", status: CheckStatus::Healthy, detail, needed: false }
}

/// Whoever speaks and listens for us: without them callers hear the carrier's voice, and messages have no words for a while.
fn speech_check((asked, resting): &(usize, Vec<String>)) -> Check {
    let (status, detail) = match (asked, resting.as_slice()) {
        (0, _) => (CheckStatus::Healthy, "no engine was asked yet".to_owned()),
        (asked, []) => (CheckStatus::Healthy, format!("{asked} engines answer")),
        (_, resting) => (CheckStatus::Degraded, format!("failing, and left alone for a while: {}", resting.join(", "))),
    };
    Check { name: "speech", status, detail, needed: false }
}

/// PBXes that this house is a telephone of: one that does not have us cannot call here.
pub(super) fn pbx(paging: Paging) -> Box<dyn Fn() -> Check + Send + Sync> {
    Box::new(move || {
        let trunks = paging.trunks();
        let away: Vec<String> =
            trunks.iter().filter_map(|trunk| Some(format!("{}: {}", trunk.name, trunk.cause.as_deref()?))).collect();
        let (status, detail) = match (trunks.len(), away.as_slice()) {
            (0, _) => (CheckStatus::Healthy, "no PBX is registered with".to_owned()),
            (all, []) => {
                let having = trunks.iter().filter(|trunk| trunk.registered).count();
                (CheckStatus::Healthy, format!("registered with {having} of {all} PBXes"))
            }
            _ => (CheckStatus::Degraded, away.join(", ")),
        };
        Check { name: "pbx", status, detail, needed: false }
    })
}

/// Callers who were told that the line is busy because the house was full: somebody should look.
fn admission_check(turned_away: u64) -> Check {
    let (status, detail) = match turned_away {
        0 => (CheckStatus::Healthy, "every call finds a place".to_owned()),
        calls => {
            let detail = format!("more calls than can be served: {calls} were turned away by this process");
            (CheckStatus::Degraded, detail)
        }
    };
    Check { name: "admission", status, detail, needed: true }
}
