//! All rooms, on one ground and plugged into each other.

use super::audio::Audio;
use super::ends::Ends;
use super::error::StartError;
use super::ground::Ground;
use super::mail::{self, Mails};
use super::paging::{self, Beside};
use super::reload::{Keeping, Reloadable};
use super::steering::steering;
use super::streams;
use super::wiring::{self, NumbersFrom};
use super::workers::Workers;
use super::worlds::WorldMaker;
use crate::carrier::Carrier;
use crate::config::Loaded;
use crate::gate::{Gate, Refusals};
use crate::ledger::Ledger;
use crate::media::Media;
use crate::numbers::Numbers;
use crate::ops::{Guests, Ops};
use crate::paging::{Paging, Ports};
use std::sync::Arc;

/// What a start puts to work.
pub(super) struct Rooms {
    pub ledger: Ledger,
    pub media: Media,
    pub gate: Gate,
    pub ops: Ops,
    pub guests: Guests,
    pub reloadable: Reloadable,
    pub paging: Paging,
    /// Where sound comes in from callers, and leaves for speakers that are called.
    pub ports: Ports,
    pub beside: Beside,
    pub audio: Audio,
    pub mails: Mails,
    pub workers: Workers,
}

impl Rooms {
    /// Builds them from the floor up.
    pub(super) fn build(ground: &Ground, loaded: Loaded, ends: &Ends) -> Result<Self, StartError> {
        let Ground { settings, clock, db, meters, .. } = ground;
        let ports = Ports::new(&settings.paging.rtp_ports);
        let paging = paging::paging(ground, loaded.paging.clone(), (&ports, ends))?;
        let reloadable = reloadable(ground, loaded, &paging);
        let worlds = reloadable.worlds.worlds();
        let (ledger, carrier) = (ground.ledger(), ground.carrier()?);
        let speech = wiring::speech(settings, clock);
        let from =
            streams::From { settings, worlds, ledger: &ledger, db, clock, meters, speech: &speech, paging: &paging };
        let media = streams::media(&from);
        let refusals = Arc::new(Refusals::default());
        let gate = wiring::gate(settings, worlds, &ledger, clock, (&refusals, meters, streams::for_gate(&media)));
        let numbers = numbers(ground, carrier.as_ref(), &reloadable.worlds);
        let mut probe =
            wiring::probe(clock.now(), ledger.clone(), ends.draining.clone(), (meters, &gate, speech.clone()));
        probe.more.push(wiring::pbx(paging.clone()));
        let shelf = wiring::shelf(settings, reloadable.s3.as_ref(), ground.instance)?;
        let post = mail::post(ground, worlds, &shelf);
        probe.more.push(mail::check(post.watch()));
        let recorder = wiring::recorder((db, &ledger, clock), carrier.clone(), &shelf, &ground.holder);
        let reconciler = wiring::reconciler(carrier.as_ref(), (db, &ledger, clock), worlds, &ground.holder);
        let texts = wiring::texts(db, clock, (carrier.as_ref(), worlds, &ground.holder));
        let steered = steering(settings, db, (&ledger, &reloadable.worlds));
        let operators = (ground.exporter.clone(), meters, carrier, steered, shelf, streams::for_operators(&media));
        let ops = wiring::ops(settings, db, clock, probe, operators);
        let guests = wiring::guests((db, worlds, clock), &numbers, &paging, &texts);
        let beside = Beside {
            paging: paging.clone(),
            clock: clock.clone(),
            condition: ledger.condition().clone(),
            stop: ends.stop.clone(),
        };
        let workers = Workers {
            db: db.clone(),
            clock: clock.clone(),
            condition: ledger.condition().clone(),
            refusals,
            unstored: Arc::clone(gate.unstored()),
            turned_away: Arc::clone(gate.turned_away()),
            ops: ops.clone(),
            retention: reloadable.retention.clone(),
            holder: Arc::clone(&ground.holder),
            worlds: reloadable.worlds.clone(),
            numbers,
            texts,
            reconciler,
            meters: Arc::clone(meters),
            stop: ends.stop.clone(),
        };
        let audio = Audio::beside(&workers, recorder, &reloadable.recordings, speech);
        let mails = Mails { post, condition: ledger.condition().clone(), stop: ends.stop.clone() };
        Ok(Self { ledger, media, gate, ops, guests, reloadable, paging, ports, beside, audio, mails, workers })
    }
}

fn reloadable(ground: &Ground, loaded: Loaded, paging: &Paging) -> Reloadable {
    Reloadable {
        worlds: WorldMaker::new(Arc::clone(&ground.settings), loaded.lines, ground.seal.clone()),
        retention: Keeping::new(loaded.retention),
        recordings: Keeping::new(loaded.recordings),
        s3: loaded.s3,
        paging: paging.clone(),
    }
}

fn numbers(ground: &Ground, carrier: Option<&Carrier>, worlds: &WorldMaker) -> Numbers {
    let Ground { settings, clock, db, seal, holder, meters, .. } = ground;
    wiring::numbers(settings, db, clock, NumbersFrom { carrier, seal, worlds: worlds.worlds(), holder, meters })
}
