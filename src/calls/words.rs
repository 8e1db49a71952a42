//! The few sentences that no configuration holds, in the languages we know.
//!
//! Everything else that a caller hears is the line's own text. A line in a language that is not here hears these
//! sentences in English, spoken by an English voice (see [`super::spoken`]).

/// One language.
#[derive(Debug)]
pub(super) struct Words {
    /// Primary subtag of BCP 47.
    pub language: &'static str,
    /// A number that no line answers.
    pub unknown_number: &'static str,
    /// No target took the call.
    pub nobody: &'static str,
    /// The live conversation ended or never began.
    pub no_talk: &'static str,
    /// Something of ours failed; the call goes on.
    pub fault: &'static str,
    /// Something of ours failed, and there is no line that could say when to call.
    pub call_later: &'static str,
    /// A recording without a sound.
    pub nothing_heard: &'static str,
    /// Offered by the menu, not to be had now.
    pub not_now: &'static str,
    /// Before a page: the PIN is wanted.
    pub pin: &'static str,
    /// After a wrong PIN.
    pub pin_again: &'static str,
    /// After the last wrong PIN.
    pub wrong_pin: &'static str,
    /// Before the tone of a page.
    pub speak: &'static str,
    /// Instead of a page, `{}` being the zone: another page plays there.
    pub zone_taken: &'static str,
    /// It is switched off.
    pub zone_off: &'static str,
    /// Not at this time.
    pub zone_closed: &'static str,
    /// Not this caller.
    pub zone_denied: &'static str,
    /// No loudspeaker there works, or nobody knows.
    pub zone_away: &'static str,
    /// For an agent that waits for the caller, on a line without a greeting.
    pub hello: &'static str,
    /// After a conversation, the caller still on the line.
    pub goodbye: &'static str,
    /// To who opens and closes the line: what stands.
    pub desk_open: &'static str,
    /// The same, `{}` being until when.
    pub desk_open_until: &'static str,
    /// The same of a closed line.
    pub desk_closed: &'static str,
    /// The same, `{}` being until when.
    pub desk_closed_until: &'static str,
    /// What can be done about it: 1, 2 and 3.
    pub desk_menu: &'static str,
    /// How many hours, or the hash.
    pub desk_length: &'static str,
    /// To the person called, before being connected: the conversation is recorded.
    pub recorded: &'static str,
    /// When the line opens: `{time}`, `{weekday}`, `{day}` and `{month}` are filled in.
    pub opens_today: &'static str,
    /// The same, on the day after.
    pub opens_tomorrow: &'static str,
    /// The same, within a week.
    pub opens_on_day: &'static str,
    /// The same, later.
    pub opens_on_date: &'static str,
    /// Monday to Sunday.
    pub weekdays: [&'static str; 7],
    /// January to December.
    pub months: [&'static str; 12],
    /// An hour and a minute of the day.
    pub clock: fn(u32, u32) -> String,
    /// After a word that may mean danger. Answered by [`Words::yes`] or the key 1.
    pub is_emergency: &'static str,
    /// How the answer may begin, folded.
    pub yes: &'static [&'static str],
    /// To a person who is called: `{line}` and `{caller}` are filled in.
    pub call_for: &'static str,
    /// The key that takes the call.
    pub press_to_accept: &'static str,
    /// Who calls, as [`Words::call_for`] goes on with it, when nobody knows.
    pub unknown_caller: &'static str,
    /// To a caller who waits, `{}` being the place.
    pub place_in_line: &'static str,
    /// Between two silences of the wait.
    pub still_waiting: &'static str,
    /// How to leave the queue, `{}` being the key.
    pub leave_the_line: &'static str,
    /// The key `*`.
    pub star: &'static str,
    /// The key `#`.
    pub hash: &'static str,
    /// To somebody who takes calls, when there is none.
    pub nobody_waits: &'static str,
}

impl Words {
    /// The words of a language tag (`fr-CA` speaks `fr`), if we have them.
    pub(super) fn of(tag: &str) -> Option<&'static Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        ALL.into_iter().find(|words| words.language.eq_ignore_ascii_case(primary))
    }
}

const ALL: [&Words; 4] = [&ENGLISH, &FRENCH, &SPANISH, &GERMAN];

/// Also spoken where the line's language is not among these.
pub(super) static ENGLISH: Words = Words {
    language: "en",
    unknown_number: "Sorry, this number is not in service. Goodbye.",
    nobody: "Sorry, nobody could take your call.",
    no_talk: "Sorry, the live conversation is not available right now.",
    fault: "Sorry, something went wrong on our side.",
    call_later: "Please call again later. Goodbye.",
    nothing_heard: "We did not hear a message. Goodbye.",
    not_now: "Sorry, that is not available right now.",
    pin: "Please enter your code, then press pound.",
    pin_again: "That is not the code. Please try again, then press pound.",
    wrong_pin: "That is not the code.",
    speak: "Speak after the tone. Press pound when you are done.",
    zone_taken: "The zone {} is in use right now.",
    zone_off: "The zone {} is switched off.",
    zone_closed: "The zone {} cannot be paged at this time.",
    zone_denied: "You may not page the zone {}.",
    zone_away: "The zone {} cannot be reached right now.",
    hello: "Hello, this is the automatic assistant. How can I help you?",
    goodbye: "Goodbye.",
    recorded: "This call is recorded.",
    desk_open: "The line is open.",
    desk_open_until: "The line is open, until {}.",
    desk_closed: "The line is closed.",
    desk_closed_until: "The line is closed, until {}.",
    desk_menu: "To close it until the next opening, press 1. To open it, press 2. To go back to the usual hours, press 3. When you are done, hang up.",
    desk_length: "For how many hours? Press 1 to 9. To stay open until the usual closing time, press pound.",
    opens_today: "today at {time}",
    opens_tomorrow: "tomorrow at {time}",
    opens_on_day: "on {weekday} at {time}",
    opens_on_date: "on {weekday}, {month} {day}, at {time}",
    weekdays: ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    clock: |hour, minute| {
        let half = if hour < 12 { "AM" } else { "PM" };
        match ((hour + 11) % 12 + 1, minute) {
            (12, 0) if hour == 0 => "midnight".to_owned(),
            (12, 0) => "noon".to_owned(),
            (hour, 0) => format!("{hour} {half}"),
            (hour, minute) => format!("{hour}:{minute:02} {half}"),
        }
    },
    is_emergency: "Is this an emergency? Say yes, or press 1.",
    yes: &["yes", "yeah", "yep", "yup", "it is", "correct", "right", "of course", "please", "1"],
    call_for: "A call for {line}, from {caller}.",
    press_to_accept: "Press 1 to accept.",
    unknown_caller: "an unknown caller",
    place_in_line: "You are number {} in line.",
    still_waiting: "Please stay on the line. Somebody will take your call.",
    leave_the_line: "To leave a message instead, press {}.",
    star: "star",
    hash: "pound",
    nobody_waits: "Nobody is waiting right now.",
};

static FRENCH: Words = Words {
    language: "fr",
    unknown_number: "Désolé, ce numéro n'est pas en service. Au revoir.",
    nobody: "Désolé, personne n'a pu prendre votre appel.",
    no_talk: "Désolé, la conversation en direct n'est pas disponible pour le moment.",
    fault: "Désolé, une erreur s'est produite de notre côté.",
    call_later: "Veuillez rappeler plus tard. Au revoir.",
    nothing_heard: "Nous n'avons pas entendu de message. Au revoir.",
    not_now: "Désolé, ce n'est pas disponible pour le moment.",
    pin: "Veuillez saisir votre code, puis appuyez sur dièse.",
    pin_again: "Ce n'est pas le bon code. Veuillez réessayer, puis appuyez sur dièse.",
    wrong_pin: "Ce n'est pas le bon code.",
    speak: "Parlez après le signal. Appuyez sur dièse pour terminer.",
    zone_taken: "La zone {} est occupée en ce moment.",
    zone_off: "La zone {} est désactivée.",
    zone_closed: "La zone {} ne reçoit pas d'annonces à cette heure.",
    zone_denied: "Vous n'êtes pas autorisé à appeler la zone {}.",
    zone_away: "La zone {} n'est pas joignable pour le moment.",
    hello: "Bonjour, ici l'assistant automatique. Comment puis-je vous aider ?",
    goodbye: "Au revoir.",
    recorded: "Cet appel est enregistré.",
    desk_open: "La ligne est ouverte.",
    desk_open_until: "La ligne est ouverte, jusqu'à {}.",
    desk_closed: "La ligne est fermée.",
    desk_closed_until: "La ligne est fermée, jusqu'à {}.",
    desk_menu: "Pour la fermer jusqu'à la prochaine ouverture, appuyez sur le 1. Pour l'ouvrir, appuyez sur le 2. Pour revenir aux horaires habituels, appuyez sur le 3. Quand vous avez terminé, raccrochez.",
    desk_length: "Pour combien d'heures ? Appuyez sur une touche de 1 à 9. Pour rester ouvert jusqu'à la fermeture habituelle, appuyez sur dièse.",
    opens_today: "aujourd'hui à {time}",
    opens_tomorrow: "demain à {time}",
    opens_on_day: "{weekday} à {time}",
    opens_on_date: "{weekday} {day} {month} à {time}",
    weekdays: ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    clock: |hour, minute| match (hour, minute) {
        (0, 0) => "minuit".to_owned(),
        (12, 0) => "midi".to_owned(),
        (1, 0) => "1 heure".to_owned(),
        (hour, 0) => format!("{hour} heures"),
        (hour, minute) => format!("{hour} heures {minute}"),
    },
    is_emergency: "Est-ce une urgence ? Dites oui, ou appuyez sur le 1.",
    yes: &["oui", "ouais", "si", "c est", "exact", "bien sur"],
    call_for: "Un appel pour {line}, de la part de {caller}.",
    press_to_accept: "Appuyez sur le 1 pour accepter.",
    unknown_caller: "un correspondant inconnu",
    place_in_line: "Vous êtes le numéro {} dans la file d'attente.",
    still_waiting: "Merci de patienter, quelqu'un va prendre votre appel.",
    leave_the_line: "Pour laisser un message, appuyez sur {}.",
    star: "étoile",
    hash: "dièse",
    nobody_waits: "Personne n'attend en ce moment.",
};

static SPANISH: Words = Words {
    language: "es",
    unknown_number: "Lo sentimos, este número no está en servicio. Adiós.",
    nobody: "Lo sentimos, nadie pudo atender su llamada.",
    no_talk: "Lo sentimos, la conversación en directo no está disponible en este momento.",
    fault: "Lo sentimos, algo ha fallado por nuestra parte.",
    call_later: "Por favor, vuelva a llamar más tarde. Adiós.",
    nothing_heard: "No hemos oído ningún mensaje. Adiós.",
    not_now: "Lo sentimos, no está disponible en este momento.",
    pin: "Introduzca su código y pulse almohadilla.",
    pin_again: "El código no es correcto. Inténtelo de nuevo y pulse almohadilla.",
    wrong_pin: "El código no es correcto.",
    speak: "Hable después de la señal. Pulse almohadilla para terminar.",
    zone_taken: "La zona {} está ocupada en este momento.",
    zone_off: "La zona {} está desactivada.",
    zone_closed: "La zona {} no recibe avisos a esta hora.",
    zone_denied: "No tiene permiso para llamar a la zona {}.",
    zone_away: "No se puede llegar a la zona {} en este momento.",
    hello: "Hola, le atiende el asistente automático. ¿En qué puedo ayudarle?",
    goodbye: "Adiós.",
    recorded: "Esta llamada se graba.",
    desk_open: "La línea está abierta.",
    desk_open_until: "La línea está abierta, hasta {}.",
    desk_closed: "La línea está cerrada.",
    desk_closed_until: "La línea está cerrada, hasta {}.",
    desk_menu: "Para cerrarla hasta la próxima apertura, pulse 1. Para abrirla, pulse 2. Para volver al horario habitual, pulse 3. Cuando termine, cuelgue.",
    desk_length: "¿Durante cuántas horas? Pulse de 1 a 9. Para seguir abierta hasta la hora de cierre habitual, pulse almohadilla.",
    opens_today: "hoy {time}",
    opens_tomorrow: "mañana {time}",
    opens_on_day: "el {weekday} {time}",
    opens_on_date: "el {weekday} {day} de {month} {time}",
    weekdays: ["lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"],
    months: [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    clock: |hour, minute| {
        let article = if hour == 1 { "a la" } else { "a las" };
        if minute == 0 { format!("{article} {hour}") } else { format!("{article} {hour}:{minute:02}") }
    },
    is_emergency: "¿Es una emergencia? Diga sí, o pulse 1.",
    yes: &["si", "claro", "correcto", "lo es", "por favor"],
    call_for: "Una llamada para {line}, de {caller}.",
    press_to_accept: "Pulse 1 para aceptarla.",
    unknown_caller: "un número desconocido",
    place_in_line: "Es usted el número {} en la cola.",
    still_waiting: "Permanezca a la escucha. Alguien atenderá su llamada.",
    leave_the_line: "Para dejar un mensaje, pulse {}.",
    star: "asterisco",
    hash: "almohadilla",
    nobody_waits: "No hay nadie en espera en este momento.",
};

static GERMAN: Words = Words {
    language: "de",
    unknown_number: "Diese Nummer ist leider nicht vergeben. Auf Wiederhören.",
    nobody: "Leider konnte niemand Ihren Anruf annehmen.",
    no_talk: "Das direkte Gespräch ist gerade leider nicht möglich.",
    fault: "Entschuldigung, bei uns ist ein Fehler aufgetreten.",
    call_later: "Bitte rufen Sie später noch einmal an. Auf Wiederhören.",
    nothing_heard: "Wir haben keine Nachricht gehört. Auf Wiederhören.",
    not_now: "Das ist gerade leider nicht möglich.",
    pin: "Bitte geben Sie Ihren Code ein und drücken Sie die Rautetaste.",
    pin_again: "Das ist nicht der Code. Bitte versuchen Sie es noch einmal und drücken Sie die Rautetaste.",
    wrong_pin: "Das ist nicht der Code.",
    speak: "Sprechen Sie nach dem Ton. Drücken Sie die Rautetaste, wenn Sie fertig sind.",
    zone_taken: "Die Zone {} ist gerade belegt.",
    zone_off: "Die Zone {} ist abgeschaltet.",
    zone_closed: "In die Zone {} darf zu dieser Zeit nicht durchgesagt werden.",
    zone_denied: "Sie dürfen in die Zone {} nicht durchsagen.",
    zone_away: "Die Zone {} ist gerade nicht erreichbar.",
    hello: "Guten Tag, hier ist der automatische Assistent. Wie kann ich Ihnen helfen?",
    goodbye: "Auf Wiederhören.",
    recorded: "Dieses Gespräch wird aufgezeichnet.",
    desk_open: "Die Leitung ist geöffnet.",
    desk_open_until: "Die Leitung ist geöffnet, bis {}.",
    desk_closed: "Die Leitung ist geschlossen.",
    desk_closed_until: "Die Leitung ist geschlossen, bis {}.",
    desk_menu: "Um sie bis zur nächsten Öffnung zu schließen, drücken Sie die 1. Um sie zu öffnen, drücken Sie die 2. Für die üblichen Zeiten drücken Sie die 3. Wenn Sie fertig sind, legen Sie auf.",
    desk_length: "Für wie viele Stunden? Drücken Sie 1 bis 9. Um bis zum üblichen Schluss zu öffnen, drücken Sie die Rautetaste.",
    opens_today: "heute um {time}",
    opens_tomorrow: "morgen um {time}",
    opens_on_day: "am {weekday} um {time}",
    opens_on_date: "am {weekday}, dem {day}. {month}, um {time}",
    weekdays: ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"],
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    clock: |hour, minute| match (hour, minute) {
        (1, 0) => "ein Uhr".to_owned(),
        (hour, 0) => format!("{hour} Uhr"),
        (hour, minute) => format!("{hour} Uhr {minute}"),
    },
    is_emergency: "Ist das ein Notfall? Sagen Sie ja, oder drücken Sie die 1.",
    yes: &["ja", "jawohl", "genau", "richtig", "bitte"],
    call_for: "Ein Anruf für {line}, von {caller}.",
    press_to_accept: "Drücken Sie die 1, um ihn anzunehmen.",
    unknown_caller: "einem unbekannten Anrufer",
    place_in_line: "Sie sind Nummer {} in der Warteschlange.",
    still_waiting: "Bitte bleiben Sie am Apparat. Gleich nimmt jemand Ihren Anruf an.",
    leave_the_line: "Um stattdessen eine Nachricht zu hinterlassen, drücken Sie {}.",
    star: "die Sterntaste",
    hash: "die Rautetaste",
    nobody_waits: "Gerade wartet niemand.",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_found_by_its_first_part() {
        assert_eq!(Words::of("fr-CA").map(|w| w.goodbye), Some("Au revoir."));
        assert_eq!(Words::of("EN-us").map(|w| w.goodbye), Some("Goodbye."));
        assert!(Words::of("pl-PL").is_none());
    }

    #[test]
    fn what_is_said_of_a_zone_names_it() {
        for words in ALL {
            let until = [words.desk_open_until, words.desk_closed_until];
            assert!(until.iter().all(|text| text.matches("{}").count() == 1), "{}", words.language);
            let said = [words.zone_taken, words.zone_off, words.zone_closed, words.zone_denied, words.zone_away];
            assert!(said.iter().all(|text| text.matches("{}").count() == 1), "{}", words.language);
        }
    }

    #[test]
    fn who_is_called_hears_for_whom_and_from_whom() {
        for words in ALL {
            let counted = [words.place_in_line, words.leave_the_line];
            assert!(counted.iter().all(|text| text.matches("{}").count() == 1), "{}", words.language);
            assert!(words.call_for.contains("{line}") && words.call_for.contains("{caller}"), "{}", words.language);
        }
    }
}
