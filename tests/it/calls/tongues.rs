//! Callers of a line that speaks several languages.

use super::phone::{Heard, Hook, send, world_of};
use switchboard::calls::prover::prove;
use switchboard::gate::Route;
use switchboard::twiml::{GatherInput, Prompted, Say, Verb};
use switchboard::world::World;

const FILE: &str = r#"
[[lines]]
name = "front-desk"
numbers = ["+15875550100"]
language = "en-US"
voice = "Polly.Joanna-Neural"
greeting = { en-US = "Welcome to the bakery.", fr-CA = "Bienvenue à la boulangerie." }
hours = { daily = "08:00-20:00" }
recording = "dial"
emergency = { number = "+15875550199" }

[lines.callers]
vip = { numbers = ["+15875550177"], then = { dial = "+15875550101" } }

[lines.languages.fr-CA]
key = "2"
voice = "Polly.Gabrielle-Neural"
say = ["français", "french"]

[lines.menus.main]
prompt = { en-US = "For sales, press 1.", fr-CA = "Pour les ventes, faites le 1." }
keys = { 1 = { dial = "+15875550101" }, 9 = "voicemail" }
phrases = { en-US = { sales = 1 }, fr-CA = { ventes = 1 } }
"#;

const OPEN: &str = "2026-11-20T12:00:00Z";

fn called(world: &World) -> Heard {
    send(world, &Hook::new(Route::Voice).at(OPEN))
}

/// The answer to a Gather.
fn answer(world: &World, heard: &Heard, fields: &[(&str, &str)]) -> Heard {
    let url = heard.gather().action.clone().expect("an action");
    send(world, &Hook::to(&url).with(fields).at(OPEN))
}

fn press(world: &World, heard: &Heard, key: &str) -> Heard {
    answer(world, heard, &[("Digits", key)])
}

/// Everything that is said, with the language and the voice that say it.
fn voices(heard: &Heard) -> Vec<(String, String, String)> {
    let said = |say: &Say| {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        (say.words(), text(&say.language), text(&say.voice))
    };
    let verbs = heard.document.verbs.iter().flat_map(|verb| match verb {
        Verb::Say(say) => vec![said(say)],
        Verb::Gather(gather) => {
            let prompts = gather.prompts.iter();
            prompts.filter_map(|prompt| if let Prompted::Say(say) = prompt { Some(said(say)) } else { None }).collect()
        }
        _ => Vec::new(),
    });
    verbs.collect()
}

#[test]
fn each_language_is_offered_by_its_own_voice() {
    let world = world_of(FILE);
    let first = called(&world);
    let [english, french] = <[_; 2]>::try_from(voices(&first)).expect("two offers");
    assert_eq!(english, ("For English, press 1.".to_owned(), "en-US".to_owned(), "Polly.Joanna-Neural".to_owned()));
    let offer = "Pour le français, appuyez sur le 2.".to_owned();
    assert_eq!(french, (offer, "fr-CA".to_owned(), "Polly.Gabrielle-Neural".to_owned()));
    assert_eq!(first.gather().input, Some(GatherInput::DtmfSpeech));
    assert_eq!(first.gather().hints.as_deref(), Some("francais, french"));
    assert!(!first.said().contains("recorded"), "the notice comes in the chosen language: {}", first.said());
}

#[test]
fn who_chooses_french_hears_french_to_the_end() {
    let world = world_of(FILE);
    for fields in [("Digits", "2"), ("SpeechResult", "Français, s'il vous plaît.")] {
        let menu = answer(&world, &called(&world), &[fields]);
        assert!(menu.unit.webhook.decision.starts_with("language fr-CA → open: "), "{}", menu.unit.webhook.decision);
        let said = voices(&menu);
        assert!(said.iter().all(|(_, language, voice)| language == "fr-CA" && voice == "Polly.Gabrielle-Neural"));
        assert!(said[0].0.starts_with("Cet appel peut être enregistré"), "{said:?}");
        assert_eq!(said[1].0, "Bienvenue à la boulangerie.");
        assert_eq!(
            (menu.gather().language.as_deref(), menu.gather().hints.as_deref()),
            (Some("fr-CA"), Some("ventes"))
        );
        // The consent that was heard is the French one.
        let dialled = answer(&world, &menu, &[("SpeechResult", "Les ventes")]);
        assert_eq!(dialled.unit.facts.consents().len(), 1);
        assert_eq!(voices(&dialled)[0].0, "Un instant, s'il vous plaît.");
        let missed = Hook::to(dialled.dial().action.as_deref().expect("an action")).with(&[("DialCallStatus", "busy")]);
        let mailbox = send(&world, &missed);
        assert!(mailbox.said().contains("Désolé, personne n'a pu prendre votre appel."), "{}", mailbox.said());
        assert!(mailbox.said().contains("Veuillez laisser un message"), "{}", mailbox.said());
    }
}

#[test]
fn who_says_nothing_is_asked_once_more_and_then_hears_the_lines_own_language() {
    let world = world_of(FILE);
    for odd in ["", "7"] {
        let again = press(&world, &called(&world), odd);
        assert!(again.said().contains("Pour le français"), "{}", again.said());
        let menu = press(&world, &again, odd);
        assert!(menu.unit.webhook.decision.starts_with("language en-US: nobody chose"));
        assert!(menu.said().contains("Welcome to the bakery."), "{}", menu.said());
        assert!(!menu.gather().action.as_deref().unwrap_or_default().contains("&g="));
    }
    let english = press(&world, &called(&world), "1");
    assert!(english.unit.webhook.decision.starts_with("language en-US → open"), "{}", english.unit.webhook.decision);
}

#[test]
fn a_closed_line_says_so_in_the_chosen_language() {
    let world = world_of(FILE);
    let closed = "2026-11-20T22:00:00Z";
    let first = send(&world, &Hook::new(Route::Voice).at(closed));
    let url = first.gather().action.clone().expect("an action");
    let heard = send(&world, &Hook::to(&url).with(&[("Digits", "2")]).at(closed));
    assert!(
        heard.said().contains("Nous sommes fermés en ce moment. Nous rouvrons demain à 8 heures."),
        "{}",
        heard.said()
    );
    assert!(heard.has(|verb| matches!(verb, Verb::Record(_))));
}

#[test]
fn vips_and_calls_for_help_go_before_the_question() {
    let world = world_of(FILE);
    let vip = send(&world, &Hook::new(Route::Voice).with(&[("From", "+15875550177")]).at(OPEN));
    assert_eq!(vip.dial().answer_on_bridge, Some(true));
    let help = answer(&world, &called(&world), &[("SpeechResult", "Help, there is a fire")]);
    assert!(help.unit.webhook.decision.contains("emergency word"), "{}", help.unit.webhook.decision);
    assert!(help.has(|verb| matches!(verb, Verb::Dial(_))));
}

#[test]
fn a_failure_in_french_goes_on_in_french() {
    let world = world_of(FILE);
    let menu = press(&world, &called(&world), "2");
    let failed = menu.gather().action.clone().expect("an action");
    let resumed = send(&world, &Hook::new(Route::Fallback).with(&[("ErrorUrl", &failed), ("ErrorCode", "11200")]));
    assert!(resumed.said().contains("Pour les ventes, faites le 1."), "{}", resumed.said());
    // The question itself failed: it is not put again, or that could go on for ever.
    let failed = called(&world).gather().action.clone().expect("an action");
    let hook = Hook::new(Route::Fallback).with(&[("ErrorUrl", &failed), ("ErrorCode", "11200")]).at(OPEN);
    let resumed = send(&world, &hook);
    assert!(resumed.said().contains("This call may be recorded"), "{}", resumed.said());
    assert!(resumed.said().contains("Welcome to the bakery."), "{}", resumed.said());
}

#[test]
fn what_is_not_translated_keeps_its_own_voice() {
    let world = world_of(&FILE.replace(
        "greeting = { en-US = \"Welcome to the bakery.\", fr-CA = \"Bienvenue à la boulangerie.\" }",
        "greeting = \"Welcome to the bakery.\"",
    ));
    let menu = press(&world, &called(&world), "2");
    let greeting = voices(&menu).into_iter().find(|(words, ..)| words == "Welcome to the bakery.").expect("a greeting");
    assert_eq!((greeting.1.as_str(), greeting.2.as_str()), ("en-US", "Polly.Joanna-Neural"));
}

#[test]
fn the_prover_walks_each_language() {
    let world = world_of(FILE);
    let alone = world_of(&FILE.replace("[lines.languages.fr-CA]\nkey = \"2\"\nvoice = \"Polly.Gabrielle-Neural\"\nsay = [\"français\", \"french\"]\n", "").replace(", fr-CA = \"Bienvenue à la boulangerie.\"", "").replace(", fr-CA = \"Pour les ventes, faites le 1.\"", "").replace(", fr-CA = { ventes = 1 }", ""));
    let of = |world: &World| prove(world, &world.lines()[0]);
    let (both, one) = (of(&world), of(&alone));
    assert_eq!((both.findings.as_slice(), one.findings.as_slice()), (&[][..], &[][..]));
    assert!(both.documents > one.documents * 3 / 2, "{} and {}", both.documents, one.documents);
}
