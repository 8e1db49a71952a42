//! One line with every default written out.

use super::agent;
use super::rows::{Rows, key, list, quoted, spoken};
use super::{action, hours, languages, speech};
use crate::config::callers::{Lists, Pattern};
use crate::config::limits::{Limits, Rate};
use crate::config::line::{Busy, Emergency, Line, Menu, Person, Recording, TellCalled, Transcript, Voicemail};
use crate::config::mail::Mailing;
use crate::config::retention::LineRetention;
use crate::config::texts::Texts;

pub(super) fn write(rows: &mut Rows, line: &Line) {
    rows.header("[[lines]]");
    rows.text("name", &line.name);
    rows.row("numbers", list(line.numbers.iter().map(|number| quoted(number.as_str()))));
    rows.row("default", line.default);
    rows.text("timezone", line.timezone.name());
    rows.text("language", &line.language);
    if let Some(voice) = &line.voice {
        rows.text("voice", voice);
    }
    rows.spoken("greeting", &line.greeting);
    rows.text("entry", &line.entry);
    rows.row("recording", recording(&line.recording));
    rows.row("busy", busy(&line.busy));
    languages::write(rows, line);
    if let Some(open) = &line.hours {
        hours::write(rows, open);
    }
    consent(rows, line);
    voicemail(rows, &line.voicemail);
    limits(rows, &line.limits);
    if line.callers != Lists::default() {
        callers(rows, &line.callers);
    }
    emergency(rows, &line.emergency);
    retention(rows, &line.retention);
    if line.texts != Texts::default() {
        texts(rows, &line.texts);
    }
    agent::write(rows, line);
    if line.agent.relay().is_none() {
        agent::barge_in(rows, &line.agent.barge_in);
    }
    speech::write(rows, &line.speech);
    for (name, person) in &line.people {
        write_person(rows, name, person);
    }
    for (name, menu) in &line.menus {
        write_menu(rows, line, (name, menu));
    }
}

fn write_person(rows: &mut Rows, name: &str, person: &Person) {
    rows.header(&format!("[lines.people.{}]", key(name)));
    rows.row("dial", action::target(&person.target));
    rows.row("skills", list(person.skills.iter().map(|skill| quoted(skill))));
    if let Some(seconds) = person.ring_s {
        rows.row("ring_s", seconds);
    }
    if let Some(screen) = person.screen {
        rows.row("screen", screen);
    }
}

fn recording(recording: &Recording) -> String {
    let Recording::Dial(taping) = recording else { return quoted("off") };
    let channels = if taping.dual { "dual" } else { "mono" };
    let told = match &taping.tell_called {
        TellCalled::No => "false".to_owned(),
        TellCalled::Usual => "true".to_owned(),
        TellCalled::Words(words) => spoken(words),
    };
    format!("{{ mode = \"dial\", channels = \"{channels}\", tell_called = {told} }}")
}

fn busy(busy: &Busy) -> String {
    match busy {
        Busy::Reject => quoted("reject"),
        Busy::Message(message) => format!("{{ message = {} }}", spoken(message)),
        Busy::Voicemail => quoted("voicemail"),
        Busy::Status429 => "429".to_owned(),
    }
}

fn limits(rows: &mut Rows, limits: &Limits) {
    let rate = |rate: Option<Rate>| rate.map_or_else(|| quoted("off"), |rate| format!("{{ {} }}", written(rate)));
    rows.header("[lines.limits]");
    rows.row("caller", rate(limits.caller));
    rows.row("line", rate(limits.line));
    rows.row("account", rate(limits.account));
    if let Some(custom) = &limits.custom {
        let by = list(custom.by.iter().map(|field| quoted(field)));
        rows.row("custom", format!("{{ by = {by}, {} }}", written(custom.rate)));
    }
    rows.row("allow", patterns(&limits.allow));
}

fn patterns(patterns: &[Pattern]) -> String {
    list(patterns.iter().map(|pattern| quoted(&pattern.to_string())))
}

fn callers(rows: &mut Rows, lists: &Lists) {
    rows.header("[lines.callers]");
    rows.row("allow", patterns(&lists.allow));
    if let Some(block) = &lists.block {
        let (numbers, then) = (patterns(&block.numbers), busy(&block.then));
        let (withheld, unverified) = (block.withheld, block.unverified);
        rows.row(
            "block",
            format!("{{ numbers = {numbers}, withheld = {withheld}, unverified = {unverified}, then = {then} }}"),
        );
    }
    if let Some(vip) = &lists.vip {
        let (numbers, greeting, then) = (patterns(&vip.numbers), spoken(&vip.greeting), action::written(&vip.then));
        rows.row("vip", format!("{{ numbers = {numbers}, greeting = {greeting}, then = {then} }}"));
    }
}

fn written(rate: Rate) -> String {
    const SECOND_US: i64 = 1_000_000;
    let Rate { burst, every_us } = rate;
    match every_us % SECOND_US {
        0 => format!("burst = {burst}, every_s = {}", every_us / SECOND_US),
        _ => format!("burst = {burst}, per_minute = {}", 60 * SECOND_US / every_us),
    }
}

fn consent(rows: &mut Rows, line: &Line) {
    let consent = &line.consent;
    rows.header("[lines.consent]");
    rows.spoken("notice", &consent.notice);
    if let Some(version) = languages::each(line, |line| Some(quoted(&line.consent.version))) {
        rows.row("version", version);
    }
    rows.text("refuse_key", &consent.refuse_key.map_or_else(|| "none".to_owned(), String::from));
    rows.spoken("refused", &consent.refused);
}

fn voicemail(rows: &mut Rows, voicemail: &Voicemail) {
    rows.header("[lines.voicemail]");
    rows.text("mailbox", &voicemail.mailbox);
    rows.spoken("greeting", &voicemail.greeting);
    rows.row("max_s", voicemail.max_s);
    rows.row("silence_s", voicemail.silence_s);
    let transcript = match voicemail.transcript {
        Transcript::Off => "off",
        Transcript::Carrier => "carrier",
        Transcript::RealTime => "real-time",
    };
    rows.text("transcript", transcript);
    rows.spoken("thanks", &voicemail.thanks);
    rows.spoken("unavailable", &voicemail.unavailable);
    if let Some(mail) = &voicemail.mail {
        rows.row("mail", mailing(mail));
    }
}

fn retention(rows: &mut Rows, retention: &LineRetention) {
    let LineRetention { voicemails_days, transcripts_days, recordings_days } = retention;
    if *retention == LineRetention::default() {
        return;
    }
    rows.header("[lines.retention]");
    for (key, days) in [
        ("voicemails_days", voicemails_days),
        ("transcripts_days", transcripts_days),
        ("recordings_days", recordings_days),
    ] {
        if let Some(days) = days {
            rows.row(key, days);
        }
    }
}

fn mailing(mail: &Mailing) -> String {
    let Mailing { to, attach, max_mb, link_days, quiet, transcript } = mail;
    let to = list(to.iter().map(|address| quoted(address)));
    let quiet = list(quiet.iter().map(|range| quoted(&range.to_string())));
    format!(
        "{{ to = {to}, attach = {attach}, max_mb = {max_mb}, link_days = {link_days}, quiet = {quiet}, \
         transcript = {transcript} }}"
    )
}

fn emergency(rows: &mut Rows, emergency: &Emergency) {
    rows.header("[lines.emergency]");
    rows.row("keywords", list(emergency.keywords.iter().map(|word| quoted(word))));
    rows.row("built_in", emergency.built_in);
    rows.row("ignore", list(emergency.ignore.iter().map(|word| quoted(word))));
    if let Some(number) = &emergency.number {
        rows.row("number", action::target(number));
    }
    rows.spoken("say", &emergency.say);
    rows.row("dial_public", emergency.dial_public);
}

fn texts(rows: &mut Rows, texts: &Texts) {
    rows.header("[lines.texts]");
    rows.text("reply", &texts.reply);
    rows.text("reply_closed", &texts.reply_closed);
    rows.row("reply_every_h", texts.reply_every_h);
    rows.text("missed", &texts.missed);
    rows.row("missed_every_h", texts.missed_every_h);
}

fn phrases(menu: &Menu) -> String {
    let phrases = menu.phrases.iter().map(|(words, digit)| format!("{} = \"{digit}\"", quoted(words)));
    format!("{{ {} }}", phrases.collect::<Vec<_>>().join(", "))
}

fn write_menu(rows: &mut Rows, line: &Line, (name, menu): (&str, &Menu)) {
    rows.header(&format!("[lines.menus.{}]", key(name)));
    rows.spoken("prompt", &menu.prompt);
    rows.row("speech", menu.speech);
    if let Some(phrases) = languages::each(line, |line| line.menus.get(name).map(phrases)) {
        rows.row("phrases", phrases);
    }
    rows.row("timeout_s", menu.timeout_s);
    rows.row("retries", menu.retries);
    rows.spoken("invalid", &menu.invalid);
    rows.row("otherwise", action::written(&menu.otherwise));
    rows.header(&format!("[lines.menus.{}.keys]", key(name)));
    for (digit, action) in &menu.keys {
        rows.row(&key(digit.encode_utf8(&mut [0; 4])), action::written(action));
    }
}
