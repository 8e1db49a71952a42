//! The good lines, and what is beside their files.

use super::file::judged;
use switchboard::calls::prover::prove_together;
use switchboard::calls::prover::{Finding, prove};
use switchboard::config::{BUILTIN, FixedSource, load};
use switchboard::world::World;

/// Whole files on which `check` has nothing to say.
pub(super) const GOOD: [(&str, &str); 17] = [
    ("builtin", BUILTIN),
    ("answering-machine", include_str!("../../../fixtures/flows/answering-machine.toml")),
    ("dentist", include_str!("../../../fixtures/flows/dentist.toml")),
    ("pizzeria", include_str!("../../../fixtures/flows/pizzeria.toml")),
    ("agency", include_str!("../../../fixtures/flows/agency.toml")),
    ("salon", include_str!("../../../fixtures/flows/salon.toml")),
    ("warehouse", include_str!("../../../fixtures/flows/warehouse.toml")),
    ("assistant", include_str!("../../../fixtures/flows/assistant.toml")),
    ("text-agent", include_str!("../../../fixtures/flows/text-agent.toml")),
    ("lawyer", include_str!("../../../fixtures/flows/lawyer.toml")),
    ("townhall", include_str!("../../../fixtures/flows/townhall.toml")),
    ("many", include_str!("../../../fixtures/flows/many.toml")),
    ("people", include_str!("../../../fixtures/flows/people.toml")),
    ("bakery", include_str!("../../../../src/cli/demo/bakery.toml")),
    ("workshop", include_str!("../../../../src/cli/demo/workshop.toml")),
    ("languages", include_str!("../../../../src/cli/demo/townhall.toml")),
    ("clinic", include_str!("../../../../src/cli/demo/clinic.toml")),
];

pub(super) fn good(name: &str) -> &'static str {
    GOOD.iter().find(|(known, _)| *known == name).map(|(_, text)| *text).unwrap_or_else(|| panic!("no flow {name}"))
}

/// The files beside a flow.
pub(super) fn source() -> FixedSource {
    FixedSource::new([("PUBLIC_URL", "https://phone.example.com"), ("TWILIO_AUTH_TOKEN", "token")])
        .with_file("holidays.ics", include_str!("../../../fixtures/flows/holidays.ics"))
        .with_file("card.ics", "BEGIN:VCARD\nEND:VCARD\n")
}

pub(super) fn world(name: &str) -> World {
    match load(&source(), Some(("switchboard.toml", good(name)))) {
        Ok(loaded) => World::from(loaded),
        Err(mistakes) => panic!("{name}: {mistakes:?}"),
    }
}

#[test]
fn good_flows_are_let_through() {
    let mut refused: Vec<Finding> = Vec::new();
    let (mut documents, mut paths) = (0, 0);
    for (name, _) in GOOD {
        let world = world(name);
        let reports: Vec<_> = world.lines().iter().map(|line| prove(&world, line)).collect();
        refused.extend(prove_together(&world, &reports));
        for report in reports {
            assert!(report.documents > 10 && report.paths > report.documents, "{name}: {report:?}");
            (documents, paths) = (documents + report.documents, paths + report.paths);
            refused.extend(report.findings);
        }
        let verdict = judged(good(name));
        assert!(verdict.ok && verdict.warnings.is_empty(), "{name}: {}", verdict.text());
    }
    println!(
        "{} good flows, {} false refusals ({paths} paths through {documents} documents)",
        GOOD.len(),
        refused.len()
    );
    assert_eq!(refused, []);
}
