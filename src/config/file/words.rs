//! What callers hear where the file says nothing. Short, friendly, in the languages that we speak.

/// One sentence, in each of them.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Ours {
    en: &'static str,
    fr: &'static str,
    es: &'static str,
    de: &'static str,
}

impl Ours {
    /// The sentence in a language; `None`: we do not speak it.
    pub(super) fn of(self, language: &str) -> Option<&'static str> {
        let words = match language.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "en" => self.en,
            "fr" => self.fr,
            "es" => self.es,
            "de" => self.de,
            _ => "",
        };
        (!words.is_empty()).then_some(words)
    }

    /// For a language that we do not speak.
    pub(super) const fn english(self) -> &'static str {
        self.en
    }
}

impl From<&'static str> for Ours {
    /// Nothing, or a sentence that is not translated.
    fn from(en: &'static str) -> Self {
        Self { en, ..Self::default() }
    }
}

pub(super) const GREETING: Ours = Ours {
    en: "Thank you for calling.",
    fr: "Merci de votre appel.",
    es: "Gracias por su llamada.",
    de: "Vielen Dank für Ihren Anruf.",
};
pub(super) const CLOSED: Ours = Ours {
    en: "Thank you for calling. We are closed right now. We open again {opens}.",
    fr: "Merci de votre appel. Nous sommes fermés en ce moment. Nous rouvrons {opens}.",
    es: "Gracias por su llamada. Ahora estamos cerrados. Volvemos a abrir {opens}.",
    de: "Vielen Dank für Ihren Anruf. Wir haben gerade geschlossen. Wir öffnen wieder {opens}.",
};
pub(super) const NOTICE: Ours = Ours {
    en: "This call may be recorded and transcribed. If you do not agree, press {key} at any time.",
    fr: "Cet appel peut être enregistré et transcrit. Si vous n'êtes pas d'accord, appuyez sur le {key} à tout moment.",
    es: "Esta llamada puede ser grabada y transcrita. Si no está de acuerdo, pulse {key} en cualquier momento.",
    de: "Dieser Anruf kann aufgezeichnet und verschriftlicht werden. Wenn Sie das nicht möchten, drücken Sie jederzeit \
         die {key}.",
};
pub(super) const NOTICE_WITHOUT_KEY: Ours = Ours {
    en: "This call may be recorded and transcribed.",
    fr: "Cet appel peut être enregistré et transcrit.",
    es: "Esta llamada puede ser grabada y transcrita.",
    de: "Dieser Anruf kann aufgezeichnet und verschriftlicht werden.",
};
pub(super) const REFUSED: Ours = Ours {
    en: "All right. This conversation will not be recorded.",
    fr: "Très bien. Cette conversation ne sera pas enregistrée.",
    es: "De acuerdo. Esta conversación no se grabará.",
    de: "In Ordnung. Dieses Gespräch wird nicht aufgezeichnet.",
};
pub(super) const PROMPT: Ours = Ours {
    en: "To leave a message, press 9, or simply stay on the line.",
    fr: "Pour laisser un message, appuyez sur le 9, ou restez simplement en ligne.",
    es: "Para dejar un mensaje, pulse 9, o simplemente permanezca en línea.",
    de: "Um eine Nachricht zu hinterlassen, drücken Sie die 9, oder bleiben Sie einfach in der Leitung.",
};
pub(super) const INVALID: Ours = Ours {
    en: "Sorry, I did not get that.",
    fr: "Désolé, je n'ai pas compris.",
    es: "Lo siento, no le he entendido.",
    de: "Das habe ich leider nicht verstanden.",
};
pub(super) const CONNECTING: Ours = Ours {
    en: "One moment, please.",
    fr: "Un instant, s'il vous plaît.",
    es: "Un momento, por favor.",
    de: "Einen Moment bitte.",
};
pub(super) const EMERGENCY: Ours = Ours {
    en: "One moment. I am putting you through right away.",
    fr: "Un instant. Je vous mets en relation tout de suite.",
    es: "Un momento. Le paso enseguida.",
    de: "Einen Moment. Ich verbinde Sie sofort.",
};
pub(super) const FAREWELL: Ours = Ours {
    en: "Thank you for calling. Goodbye.",
    fr: "Merci de votre appel. Au revoir.",
    es: "Gracias por su llamada. Adiós.",
    de: "Vielen Dank für Ihren Anruf. Auf Wiederhören.",
};
pub(super) const VOICEMAIL: Ours = Ours {
    en: "Please leave a message after the tone. Your message will be recorded. Press any key when you are done.",
    fr: "Veuillez laisser un message après le signal. Votre message sera enregistré. Appuyez sur une touche quand vous \
         aurez terminé.",
    es: "Deje su mensaje después de la señal. Su mensaje quedará grabado. Pulse cualquier tecla cuando termine.",
    de: "Bitte hinterlassen Sie eine Nachricht nach dem Ton. Ihre Nachricht wird aufgezeichnet. Drücken Sie eine \
         beliebige Taste, wenn Sie fertig sind.",
};
pub(super) const THANKS: Ours = Ours {
    en: "Thank you. We have your message and will call you back. Goodbye.",
    fr: "Merci. Nous avons bien reçu votre message et vous rappellerons. Au revoir.",
    es: "Gracias. Hemos recibido su mensaje y le llamaremos. Adiós.",
    de: "Vielen Dank. Wir haben Ihre Nachricht und rufen Sie zurück. Auf Wiederhören.",
};
pub(super) const UNAVAILABLE: Ours = Ours {
    en: "We are sorry, we cannot take a message right now. Please call again in a few minutes. Goodbye.",
    fr: "Désolé, nous ne pouvons pas prendre de message pour le moment. Veuillez rappeler dans quelques minutes. Au \
         revoir.",
    es: "Lo sentimos, ahora no podemos tomar mensajes. Vuelva a llamar en unos minutos. Adiós.",
    de: "Leider können wir gerade keine Nachricht entgegennehmen. Bitte rufen Sie in ein paar Minuten wieder an. Auf \
         Wiederhören.",
};
pub(super) const OFFER: Ours = Ours {
    en: "For English, press {key}.",
    fr: "Pour le français, appuyez sur le {key}.",
    es: "Para español, pulse {key}.",
    de: "Für Deutsch drücken Sie die {key}.",
};
pub(super) const WAIT: Ours = Ours {
    en: "Everybody is talking at the moment. Please stay on the line.",
    fr: "Toutes nos lignes sont occupées. Merci de rester en ligne.",
    es: "Todos nuestros compañeros están ocupados. Permanezca en línea, por favor.",
    de: "Zurzeit sind alle im Gespräch. Bitte bleiben Sie in der Leitung.",
};
