//! `[paging]`: what every key means, what is said about mistakes, and what there is without a file.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use switchboard::config::line::Action;
use switchboard::config::paging::*;
use switchboard::config::{BUILTIN, FixedSource, Loaded, load, to_toml};

const LINE: &str = "[[lines]]\nname = \"a\"\nnumbers = [\"+15875550100\"]\n";
const HALL: &str = "[paging.outputs.hall]\nkind = \"multicast\"\naddress = \"239.255.7.1\"\n";
const ZONE: &str = "[paging.zones.701]\noutputs = [\"hall\"]\n";

fn with(variables: &[(&str, &str)], text: &str) -> Result<Loaded, String> {
    let source = FixedSource::new(variables.iter().copied());
    load(&source, Some(("s.toml", text))).map_err(|all| all.iter().map(|one| format!("{one}\n")).collect())
}

fn refused(paging: &str) -> String {
    with(&[], &format!("{paging}{LINE}")).unwrap_err()
}

/// What the template shows in comments, uncommented.
fn example() -> String {
    let from = BUILTIN.find("# [paging]").unwrap();
    let rows = BUILTIN.split_at(from).1.lines().take_while(|row| row.starts_with("# "));
    rows.map(|row| format!("{}\n", row.trim_start_matches("# "))).collect::<String>() + LINE
}

#[test]
fn the_example_of_the_template_is_right_and_reads_back() {
    let variables =
        [("SIP_PASSWORD_RECEPTION", "s3cret-word"), ("SIP_PASSWORD_PBX", "s3cret-word"), ("PAGING_PIN", "4711")];
    let first = with(&variables, &example()).unwrap();
    let printed = to_toml(&first);
    assert!(!printed.contains("s3cret-word") && !printed.contains("4711"), "{printed}");
    assert_eq!(with(&variables, &printed).unwrap().paging, first.paging);
    let paging = first.paging;
    let zone = paging.zone("701").unwrap();
    assert_eq!((zone.chime.clone(), zone.limit_s, zone.priority), (Chime::TwoTone, 60, 5));
    let hall = &zone.outputs[0];
    assert_eq!(hall.contact.as_ref().unwrap().name, "amplifier");
    assert_eq!(paging.callers[0].password.as_ref().unwrap().value.expose(), "s3cret-word");
    assert_eq!(paging.bells.len(), 1);
    let pbx = &paging.registrations[0];
    assert_eq!((pbx.registrar.as_str(), pbx.user.as_str(), pbx.expires_s), ("sip:192.0.2.5", "paging", 300));
    assert_eq!(pbx.zones, ["701"]);
    assert_eq!(paging.tls.as_ref().unwrap().bind_addr.port(), 5061);
}

#[test]
fn without_a_file_there_are_five_zones_where_the_sip_side_is() {
    let source = FixedSource::new([("SIP_BIND_ADDR", "192.0.2.10:5060"), ("PAGING_PIN", "4711")]);
    let loaded = load(&source, None).unwrap();
    let zones: Vec<&str> = loaded.paging.zones.iter().map(|zone| zone.extension.as_str()).collect();
    assert_eq!(zones, ["700", "701", "702", "703", "704"]);
    let all = loaded.paging.zone("700").unwrap();
    assert_eq!((all.outputs.len(), all.priority, all.limit_s, all.chime.clone()), (4, 7, 60, Chime::Off));
    let OutputKind::Multicast(third) = &loaded.paging.zone("703").unwrap().outputs[0].kind else { panic!("multicast") };
    assert_eq!((third.group.to_string().as_str(), third.port, third.ttl), ("239.255.7.3", 5004, 1));
    assert_eq!((third.packets, third.interface), (Packets::default(), Some([192, 0, 2, 10].into())));
    let page = Action::Page { zone: "701".to_owned(), listed: Vec::new() };
    assert_eq!(loaded.lines[0].menus["main"].keys.get(&'7'), Some(&page));
    let printed = with(&[("SIP_BIND_ADDR", "192.0.2.10:5060"), ("PAGING_PIN", "4711")], &to_toml(&loaded)).unwrap();
    assert_eq!(printed.paging, loaded.paging);
}

#[test]
fn the_page_key_needs_zones_and_a_way_to_know_who_may() {
    let key = "menus.main = { prompt = \"x\", keys = { 7 = { page = \"701\" }, 9 = \"voicemail\" } }\n";
    let offered = |variables: &[(&str, &str)], paging: &str| {
        let loaded = with(variables, &format!("{paging}{LINE}{key}")).unwrap();
        let notes: Vec<String> = loaded.notes.iter().map(|note| note.what.clone()).collect();
        (loaded.lines[0].menus["main"].keys.contains_key(&'7'), notes)
    };
    let no_zones = offered(&[("PAGING_PIN", "4711")], "");
    assert!(!no_zones.0 && no_zones.1.iter().any(|note| note.contains("there are no zones")), "{no_zones:?}");
    let no_pin = offered(&[], &format!("{HALL}{ZONE}"));
    assert!(!no_pin.0 && no_pin.1.iter().any(|note| note.contains("neither a PIN")), "{no_pin:?}");
    assert!(offered(&[("PAGING_PIN", "4711")], &format!("{HALL}{ZONE}")).0);
    let list = "[paging.callers.ana]\nnumbers = [\"+15875550111\"]\n";
    assert!(offered(&[], &format!("{HALL}{ZONE}{list}")).0);
    let other = with(&[("PAGING_PIN", "4711")], &format!("{HALL}{ZONE}{LINE}{}", key.replace("701", "702")));
    assert!(other.unwrap_err().contains("there is no zone `702`; write [paging.zones.702], or one of: 701"));
}

#[test]
fn all_zones_are_every_output_once() {
    let text = format!(
        "{HALL}[paging.outputs.yard]\nkind = \"unicast\"\naddress = \"192.0.2.7\"\n{ZONE}\
         [paging.zones.702]\noutputs = [\"yard\", \"hall\"]\n[paging.zones.700]\n{LINE}"
    );
    let paging = with(&[], &text).unwrap().paging;
    let names: Vec<&str> = paging.zone("700").unwrap().outputs.iter().map(|output| output.name.as_str()).collect();
    assert_eq!(names, ["hall", "yard"]);
}

#[test]
fn mistakes_say_where_and_how_to_mend_them() {
    let out = |rest: &str| format!("[paging.outputs.hall]\nkind = \"multicast\"\n{rest}\n{ZONE}");
    for (text, said) in [
        (
            out("address = \"224.0.0.5\""),
            "s.toml:3:11: 224.0.0.5 belongs to the network's own protocols; write one of 239",
        ),
        (out("address = \"192.0.2.1\""), "s.toml:3:11: 192.0.2.1 is not a multicast address"),
        (out("address = \"239.1.1.1\"\nport = 5005"), "s.toml:4:8: `port` is odd: 5005; write an even port, like 5004"),
        (out("address = \"239.1.1.1\"\npacket_ms = 30"), "s.toml:4:13: packets of 30 ms are no whole frames"),
        (out("address = \"239.1.1.1\"\ncolour = 1"), "s.toml:4:1: unknown key `colour`"),
        (out(""), "s.toml:1:1: the output has no address"),
        (
            format!("{HALL}[paging.zones.701]\noutputs = [\"hal\"]\n"),
            "s.toml:5:12: there is no output `hal`; did you mean `hall`?",
        ),
        (format!("{HALL}[paging.zones.801]\noutputs = [\"hall\"]\n"), "`801` is not a zone; write 701 to 799"),
        (format!("{HALL}[paging.zones.701]\nname = \"x\"\n"), "s.toml:4:1: the zone plays nowhere"),
        (format!("{HALL}{ZONE}chime = \"gong\"\n"), "there is no chime `gong`"),
        (format!("{HALL}{ZONE}priority = 10\n"), "`priority` is 10; write a whole number from 0 to 9"),
        (format!("{HALL}{ZONE}schedule = [{{ time = \"8-9\" }}]\n"), "`8-9` is not a range of time"),
        (format!("{HALL}{ZONE}callers = [\"ana\"]\n"), "there is no caller `ana`"),
        (format!("{HALL}{ZONE}[paging.callers.ana]\n"), "nobody is this caller"),
        (format!("{HALL}{ZONE}[paging.callers.ana]\nuser = \"ana\"\n"), "the user has no password"),
        (format!("{HALL}{ZONE}[paging.callers.ana]\nuser = \"ana\"\npassword_env = \"ANA_PW\"\n"), "ANA_PW is not set"),
        (format!("{HALL}{ZONE}[paging.callers.ana]\nuser = \"ana\"\npassword = \"x\"\n"), "looks like a secret"),
        (format!("{HALL}{ZONE}[paging.callers.ana]\nnetworks = [\"0.0.0.0/0\"]\n"), "0.0.0.0/0 is everybody"),
        (
            format!("{HALL}[paging.outputs.two]\nkind = \"multicast\"\naddress = \"239.255.7.1\"\n{ZONE}"),
            "another output sends to 239.255.7.1:5004 too",
        ),
        (format!("[paging.outputs.hall]\nkind = \"process\"\n{ZONE}"), "`command` names no program"),
        (format!("[paging.outputs.hall]\nkind = \"siren\"\n{ZONE}"), "`siren` is no kind of output"),
        (format!("{HALL}{ZONE}[[paging.bells]]\nzone = \"702\"\nat = [\"08:00\"]\n"), "there is no zone `702`"),
        (format!("{HALL}{ZONE}[[paging.bells]]\nzone = \"701\"\nat = [\"25:00\"]\n"), "`25:00` is not a time"),
        (format!("{HALL}{ZONE}[paging.sip]\ntls_cert = \"a\"\n"), "s.toml:6:1: `tls_key` is missing; write tls_key"),
        (format!("{HALL}{ZONE}[paging.sip]\ntls_cert = \"a\"\ntls_key = \"b\"\n"), "s.toml:6:1: TLS has no address"),
        (format!("{HALL}{ZONE}[paging.sip]\ntls_bind_addr = \"5061\"\n"), "`5061` is not an address and port"),
        (
            format!("{HALL}{ZONE}[paging.register.pbx]\nuser = \"a\"\n"),
            "s.toml:6:1: `registrar` is missing; write registrar",
        ),
        (
            format!("{HALL}{ZONE}[paging.register.pbx]\nregistrar = \"pbx\"\n"),
            "`pbx` is not the address of a registrar",
        ),
        ("[paging]\nsiren = true\n".to_owned(), "s.toml:2:1: unknown key `siren`"),
    ] {
        let all = refused(&text);
        assert!(all.contains(said), "{text}\n{all}");
    }
}

#[test]
fn an_announcement_that_is_not_there_is_a_warning_and_refuses_nothing() {
    let file = format!("{HALL}{ZONE}[paging.announcements]\nclosing = \"sounds/closing.wav\"\n{LINE}");
    let warned = |source: FixedSource| load(&source, Some(("s.toml", &file))).unwrap().warnings;
    let said: Vec<String> = warned(FixedSource::new([])).iter().map(ToString::to_string).collect();
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("s.toml:7:"), "{said:?}");
    assert!(said[0].contains("announcement `closing`: `sounds/closing.wav` cannot be read: "), "{said:?}");
    assert!(warned(FixedSource::new([]).with_file("sounds/closing.wav", "RIFF")).is_empty());
}
