//! Spoken numbers as digits.

/// The number words of a language. English is always among them: callers mix.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    own: &'static [(&'static str, &'static str)],
}

impl Numbers {
    /// Of a language tag.
    pub(super) fn of(language: &str) -> Self {
        let own = match primary(language).as_str() {
            "fr" => FRENCH,
            "es" => SPANISH,
            _ => &[],
        };
        Self { own }
    }

    /// `seven` is `7`, `twelve` is `12`, `42` is itself.
    pub(super) fn digits(&self, word: &str) -> Option<String> {
        if !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit()) {
            return Some(word.to_owned());
        }
        self.word(word).map(str::to_owned)
    }

    /// A number word, and only that.
    pub(super) fn word(&self, word: &str) -> Option<&'static str> {
        let found = |list: &'static [(&str, &'static str)]| list.iter().find(|(name, _)| *name == word);
        found(self.own).or_else(|| found(ENGLISH)).map(|(_, digits)| *digits)
    }

    /// How often the next digit is meant.
    pub(super) fn times(word: &str) -> Option<usize> {
        match word {
            "double" | "doble" => Some(2),
            "triple" | "treble" => Some(3),
            _ => None,
        }
    }
}

/// `fr` of `fr-CA`, in small letters.
pub(super) fn primary(language: &str) -> String {
    language.split('-').next().unwrap_or_default().to_ascii_lowercase()
}

const ENGLISH: &[(&str, &str)] = &[
    ("zero", "0"),
    ("oh", "0"),
    ("nought", "0"),
    ("naught", "0"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("niner", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
    ("thirteen", "13"),
    ("fourteen", "14"),
    ("fifteen", "15"),
    ("sixteen", "16"),
    ("seventeen", "17"),
    ("eighteen", "18"),
    ("nineteen", "19"),
    ("twenty", "20"),
    ("thirty", "30"),
    ("forty", "40"),
    ("fifty", "50"),
    ("sixty", "60"),
    ("seventy", "70"),
    ("eighty", "80"),
    ("ninety", "90"),
];

const FRENCH: &[(&str, &str)] = &[
    ("zero", "0"),
    ("un", "1"),
    ("une", "1"),
    ("deux", "2"),
    ("trois", "3"),
    ("quatre", "4"),
    ("cinq", "5"),
    ("sept", "7"),
    ("huit", "8"),
    ("neuf", "9"),
    ("dix", "10"),
    ("onze", "11"),
    ("douze", "12"),
    ("treize", "13"),
    ("quatorze", "14"),
    ("quinze", "15"),
    ("seize", "16"),
    ("vingt", "20"),
    ("trente", "30"),
    ("quarante", "40"),
    ("cinquante", "50"),
    ("soixante", "60"),
];

const SPANISH: &[(&str, &str)] = &[
    ("cero", "0"),
    ("uno", "1"),
    ("un", "1"),
    ("una", "1"),
    ("dos", "2"),
    ("tres", "3"),
    ("cuatro", "4"),
    ("cinco", "5"),
    ("seis", "6"),
    ("siete", "7"),
    ("ocho", "8"),
    ("nueve", "9"),
    ("diez", "10"),
    ("once", "11"),
    ("doce", "12"),
    ("trece", "13"),
    ("catorce", "14"),
    ("quince", "15"),
    ("veinte", "20"),
    ("treinta", "30"),
    ("cuarenta", "40"),
    ("cincuenta", "50"),
    ("sesenta", "60"),
    ("setenta", "70"),
    ("ochenta", "80"),
    ("noventa", "90"),
];
