//! What makes the words of a call for help mean something else.

use super::number::Numbers;
use super::phrase::{Phrase, Phrases, is_soft};
use super::token::Token;
use std::ops::Range;
use std::sync::LazyLock;

/// As far back as a negation reaches, in words.
const REACH: usize = 3;
/// As far on as "two years ago" belongs to it.
const PAST: usize = 7;

#[rustfmt::skip]
const NEGATIONS: [&str; 37] = [
    "not", "no", "never", "isnt", "arent", "wasnt", "werent", "dont", "doesnt", "didnt", "aint", "hasnt", "havent", "hadnt",
    "wont", "wouldnt", "cant", "cannot", "couldnt", "without", "nobody", "nothing", "neither", "nor", "hardly",
    "pas", "aucun", "aucune", "sans", "jamais", "ni",
    "sin", "ningun", "ninguna", "nunca", "tampoco", "nada",
];

/// `don't know`, `not sure`, `not only`: no negation of what follows.
#[rustfmt::skip]
const UNDECIDED: [&str; 14] = [
    "know", "sure", "only", "just", "wait", "hang", "understand", "sais", "sur", "seulement", "se", "seguro", "segura", "solo",
];

/// After these, `no` is a word by itself: "no there is a fire".
#[rustfmt::skip]
const SUBJECTS: [&str; 20] = [
    "there", "theres", "its", "it", "i", "im", "ive", "he", "hes", "she", "shes", "they", "theyre", "we", "were", "my", "please",
    "help", "this", "thats",
];

/// Whether what begins at `from` is denied: "this is not an emergency". It does not reach over a comma or a full stop.
pub(super) fn negated(tokens: &[Token], from: usize) -> bool {
    let (mut at, mut words) = (from, 0);
    while at > 0 && words < REACH && tokens.get(at).is_some_and(|token| !token.begins) {
        at -= 1;
        if is_soft(tokens, at) {
            continue;
        }
        words += 1;
        if denies(tokens, at) {
            return true;
        }
        if tokens.get(at).is_some_and(|token| matches!(token.word.as_str(), "but" | "mais" | "pero")) {
            return false;
        }
    }
    false
}

fn denies(tokens: &[Token], at: usize) -> bool {
    let Some(word) = tokens.get(at).map(|token| token.word.as_str()) else { return false };
    let next = tokens.get(at + 1).map_or("", |token| token.word.as_str());
    NEGATIONS.contains(&word) && !UNDECIDED.contains(&next) && !(word == "no" && SUBJECTS.contains(&next))
}

/// What comes after `emergency` where a trade is meant.
const TRADES: [&str; 12] = [
    "plumbing",
    "plumber",
    "electrician",
    "locksmith",
    "repair",
    "repairs",
    "dentist",
    "dental",
    "vet",
    "service",
    "services",
    "appointment",
];

/// Whether it may well be no danger: a trade's kind of emergency, something long ago, or somebody's history.
pub(super) fn is_doubtful(tokens: &[Token], said: &Range<usize>) -> bool {
    tokens.get(said.end).is_some_and(|next| TRADES.contains(&next.word.as_str())) || is_past(tokens, said)
}

/// Whether it was long ago, or somebody's history: "my father had a stroke two years ago".
fn is_past(tokens: &[Token], said: &Range<usize>) -> bool {
    static LONG_AGO: LazyLock<Vec<Phrase>> = LazyLock::new(|| parsed(LONG_AGO_PHRASES));
    static HISTORY: LazyLock<Vec<Phrase>> = LazyLock::new(|| parsed(HISTORY_PHRASES));
    let after = tokens.get(said.end..(said.end + PAST).min(tokens.len())).unwrap_or_default();
    let before = tokens.get(said.start.saturating_sub(4)..said.start).unwrap_or_default();
    LONG_AGO.iter().any(|phrase| phrase.everywhere(after).next().is_some())
        || HISTORY.iter().any(|phrase| phrase.everywhere(before).next().is_some())
}

const LONG_AGO_PHRASES: &[&str] = &[
    "year|years|month|months|weeks|decades ago",
    "last year|month|summer|winter|spring|fall|autumn",
    "back in 19|20",
    "il y a ans|annees|mois",
    "annee|ete|mois|an derniere|dernier|passee|passe",
    "hace anos|meses",
    "ano|mes|verano pasado",
];
const HISTORY_PHRASES: &[&str] = &["history", "antecedents", "antecedentes", "years ago"];

fn parsed(phrases: &[&str]) -> Vec<Phrase> {
    phrases.iter().map(|text| Phrase::parse(text, &Numbers::of("en"))).collect()
}

/// Whether the words are part of an idiom, or of something that only sounds dangerous: "fire extinguisher".
pub(super) fn is_idiom(tokens: &[Token], said: &Range<usize>) -> bool {
    static IDIOMS: LazyLock<Phrases<()>> = LazyLock::new(|| {
        let phrase = |text: &&str| (Phrase::parse(text, &Numbers::of("en")), ());
        Phrases::new(IDIOM_PHRASES.iter().map(phrase))
    });
    let from = said.start.saturating_sub(5);
    (from..said.end).any(|at| IDIOMS.at(tokens, at).any(|(idiom, ())| idiom.end > said.start))
}

const IDIOM_PHRASES: &[&str] = &[
    // Fire.
    "fire sale|sales|lane|drill|drills|door|doors|pit|pits|place|truck|trucks|hydrant|hydrants|insurance|works|wood|wall|escape|code|rating|rated",
    "fire extinguisher|extinguishers|inspection|inspections|inspector|marshal|permit|safety|protection|suppression|sprinkler|sprinklers|damage|restoration",
    "fire alarm|alarms inspection|inspections|test|testing|system|systems|installation|company|monitoring|quote|certificate",
    "fire department|station|hall connection|inspection|permit|fundraiser|calendar",
    "fire him|her|them|you|me|someone|somebody|up|away|employee|employees|staff",
    "under|friendly|rapid|cease|hire|campfire|camp|open fire",
    "playing|fight with fire",
    "business|sales|market|team|game|streak|menu is|are|been on fire",
    "gas|electric|wood|pellet fire|fires|fireplace",
    "feu vert|rouge|orange|arriere|artifice",
    "feux d artifice",
    "extintor|extintores",
    "fuego artificial|artificiales",
    // Hearts and strokes that are not.
    "heart attack when|seeing|over|from|with bill|invoice|price|i",
    "almost|nearly|practically|about gave|had|have|having me a heart attack",
    "gave|giving|give me|him|her|us a heart attack|stroke",
    "stroke luck|genius|midnight|pen|engine",
    "different|2|4|two|four|breast|back|key|brush|butterfly|golf stroke|strokes",
    // Police, guns and 911 on paper.
    "911 turbo|carrera|targa|gt3|porsche|memorial|address|addresses|sign",
    "porsche 911",
    "police check|checks|record|report|clearance|certificate|academy|foundation|station|auction|scanner|officer",
    "glue|nail|heat|staple|massage|spray|caulking|caulk|water|nerf|grease|squirt|airsoft gun|guns",
    "gun shop|show|safe|safes|range|club|licence|license|rack|cabinet",
    "jumped|jump|top|big the gun|guns",
    "ambulance billing|bill|service|invoice|company|fees|insurance",
    // Smoke and gas that are a purchase.
    "smoke detector|detectors|alarm|alarms free|battery|batteries|installation|installed|inspection|quote|price|replacement|expired|chirping|beeping",
    "quote|price|install|installing|buy|sell|new|replace|for smoke|co detector|detectors|alarm|alarms",
    "smoke free|shop|break|signals|screen|show|test|machine|damage",
    "smoked salmon|meat|ham|brisket",
    "gas leak inspection|detector|detectors|detection|certificate|last|test|tests|testing|quote",
    "carbon monoxide detector|detectors|inspection|battery|batteries|installation",
    "detecteur|detecteurs de fumee|monoxyde",
    "detector|detectores de humo|monoxido",
    // Manners of speaking.
    "killing me|it|time|him|them",
    "kill myself laughing|if",
    "drowning|drown in work|paperwork|paper|emails|email|debt|calls|bills|orders|invoices|sorrows",
    "bleeding|bleed edge|heart|money|cash|radiator|radiators|brake|brakes|cash|through",
    "choking|choke hazard|hazards|point|valve|under",
    "overdose|overdosed on|of chocolate|cute|cuteness|sugar|christmas|turkey|coffee|information|pumpkin",
    "shot glass|glasses|list|clock|put",
    "flu|covid|booster|allergy|flue shot",
    "explosion of colour|color|flavour|flavor|interest|growth",
    "break|broken|breaking in period|shoes|time",
    "phone|battery|plant|plants|car|laptop|lawn|grass|tree|trees|flowers|business|light|signal is|are|was dying|die",
    "phone|battery|laptop|car|truck|plant going|gonna die",
    "dying to|for|know|hear|see|try",
    "in labour|labor costs|market|rates|shortage",
    "bath|photo|cherry|glitter|sugar bomb|bombs",
    // Emergencies that are kept in a drawer.
    "emergency exit|exits|light|lights|lighting|brake|fund|funds|kit|kits|contact|contacts|savings|loan|preparedness|generator|plan|row|landing|form|vehicle",
    "emergency room bill|invoice",
    "in|incase case fire|emergency|emergencies|flood|police",
    "case emergency|fire",
    "event of emergency|fire",
    "for|outside|after emergencies",
    "en cas d urgence",
    "sortie|escalier|issue|roue de secours",
    "sortie|eclairage|contact|contacts|fonds|trousse d urgence",
    "caso de emergencia|incendio",
    "salida|salidas|luz|luces|contacto|contactos|fondo de emergencia",
];
