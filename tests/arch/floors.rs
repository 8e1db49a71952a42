//! Imports go down: a room uses rooms of lower floors only.

use super::imports::{Import, imports};
use super::source::{Source, Tree};
use super::{Finding, plant};

/// The floors of docs/ARCHITECTURE.md.
const FLOORS: [(&str, u8); 31] = [
    ("base", 0),
    ("asks", 1),
    ("audio", 1),
    ("rtp", 1),
    ("sip", 1),
    ("twilio", 1),
    ("twiml", 1),
    ("words", 1),
    ("config", 2),
    ("db", 2),
    ("shelf", 3),
    ("world", 3),
    ("carrier", 3),
    ("speech", 3),
    ("ledger", 4),
    ("gate", 5),
    ("agents", 5),
    ("callers", 6),
    ("calls", 6),
    ("mail", 6),
    ("media", 6),
    ("ops", 6),
    ("numbers", 6),
    ("openings", 6),
    ("recordings", 6),
    ("texts", 6),
    ("paging", 6),
    ("prompts", 6),
    ("app", 7),
    ("simulator", 8),
    ("cli", 9),
];

/// The simulator knows the wire and none of our rules, or it would agree with our mistakes.
const SIMULATOR_MAY_USE: [&str; 4] = ["audio", "base", "twilio", "twiml"];
/// It may make and read sound, but has no ear of ours: it would hear what our detector hears.
const OF_AUDIO: [&str; 4] = ["g711", "resample", "tone", "wav"];

fn floor(room: &str) -> Option<u8> {
    FLOORS.iter().find(|(name, _)| *name == room).map(|(_, floor)| *floor)
}

/// An import may only go to a lower floor; tests beside the code are held to it too.
pub(crate) fn imports_go_down(tree: &Tree) -> Vec<Finding> {
    let each =
        |(room, file)| imports(file, &file.code).into_iter().filter_map(move |import| judge(room, file, &import));
    tree.rooms().flat_map(each).collect()
}

fn judge(room: &str, file: &Source, import: &Import) -> Option<Finding> {
    let used = import.path.first()?.as_str();
    let (from, to) = (floor(room)?, floor(used)?);
    if room == used {
        return None;
    }
    if room == "simulator" && !SIMULATOR_MAY_USE.contains(&used) {
        return Some(Finding::at(
            file,
            import.line,
            format!("the simulator uses `{used}`; it may use only audio, base, twilio and twiml"),
            "let the simulator learn it from the wire, or move the shared word to a room of the wire floor",
        ));
    }
    let part = import.path.get(1).map_or("", String::as_str);
    if room == "simulator" && used == "audio" && !OF_AUDIO.contains(&part) {
        return Some(Finding::at(
            file,
            import.line,
            format!("the simulator uses `audio::{part}`; of audio it may use only g711, resample, tone and wav"),
            "let the simulator judge sound by means of its own, or it agrees with our mistakes",
        ));
    }
    (from <= to).then(|| {
        Finding::at(
            file,
            import.line,
            format!("`{room}` (floor {from}) uses `{used}` (floor {to})"),
            "move the shared word to a lower floor, take the value as an argument, or plug in a port where app wires",
        )
    })
}

/// Every folder of src has a floor, and every floor a folder.
pub(crate) fn every_room_has_a_floor(tree: &Tree) -> Vec<Finding> {
    let mend = "keep FLOORS in tests/arch/floors.rs, the table in src/lib.rs and docs/ARCHITECTURE.md in step with src";
    let finding = |room: &str, wrong: String| Finding { path: format!("src/{room}"), line: 1, wrong, mend };
    let folders = tree.paths.iter().filter_map(|path| path.strip_prefix("src/")?.strip_suffix('/'));
    let homeless = folders.filter(|room| !room.contains('/') && floor(room).is_none());
    let empty = FLOORS.iter().map(|(room, _)| *room).filter(|room| !tree.has(&format!("src/{room}")));
    let homeless = homeless.map(|room| finding(room, format!("room `{room}` has no floor")));
    homeless.chain(empty.map(|room| finding(room, format!("floor without its room: `{room}`")))).collect()
}

#[test]
fn an_import_upstairs_or_next_door_is_found() {
    let up = plant(imports_go_down, &[("src/base/a.rs", "//! a\nuse crate::ledger::Unit;\n")]);
    assert_eq!(up.iter().map(|f| (f.path.as_str(), f.line)).collect::<Vec<_>>(), [("src/base/a.rs", 2)]);
    for text in [
        "use crate::{base::Time, ops::health};",
        "fn f() { crate::ops::health() }",
        "use super::super::ops;",
        "mod tests { use super::super::super::ops; }",
        "use crate::{\n    base::{Time, mask},\n    app::Build,\n};",
        "use switchboard::app::Build;",
    ] {
        assert_eq!(plant(imports_go_down, &[("src/calls/routes.rs", text)]).len(), 1, "{text}");
    }
}

#[test]
fn an_import_downstairs_is_fine() {
    let text = "use crate::base::Time; use crate::{gate::Webhook, calls::flow}; // use crate::app\nuse super::flow;";
    assert_eq!(plant(imports_go_down, &[("src/calls/routes.rs", text)]), []);
    assert_eq!(plant(imports_go_down, &[("src/cli/serve.rs", "use crate::{app, simulator};")]), []);
}

#[test]
fn the_simulator_knows_only_the_wire() {
    assert_eq!(plant(imports_go_down, &[("src/simulator/a.rs", "use crate::{base::Time, twiml::Verb};")]), []);
    assert_eq!(plant(imports_go_down, &[("src/simulator/a.rs", "use crate::config::line::Line;")]).len(), 1);
    assert_eq!(plant(imports_go_down, &[("src/simulator/a.rs", "use crate::audio::{g711, wav::Sound};")]), []);
    assert_eq!(plant(imports_go_down, &[("src/simulator/a.rs", "use crate::audio::{g711, Ear};")]).len(), 1);
    assert_eq!(plant(imports_go_down, &[("src/app/a.rs", "use crate::simulator::call;")]).len(), 1);
}

#[test]
fn a_room_without_a_floor_is_found() {
    let found = plant(every_room_has_a_floor, &[("src/attic/mod.rs", "")]);
    assert!(found.iter().any(|f| f.wrong == "room `attic` has no floor"));
    assert!(found.iter().any(|f| f.wrong == "floor without its room: `base`"));
}
