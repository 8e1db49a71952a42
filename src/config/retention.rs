//! How long rows are kept: `[retention]` of `switchboard.toml`.

/// Days a row is kept after it last changed; 0 keeps it for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// `calls` with their `call_events` and `idempotency_keys`.
    pub calls_days: u32,
    /// `consents`: evidence, kept longer than the calls they belong to.
    pub consents_days: u32,
    /// `voicemails` that nobody deleted, with their `voicemail_pieces`.
    pub voicemails_days: u32,
    /// What was said in `voicemails`, written down; 0 keeps it as long as its message.
    pub transcripts_days: u32,
    /// `voicemails` that somebody deleted.
    pub trash_days: u32,
    /// Audio of recorded conversations; that of a message goes with its message.
    pub recordings_days: u32,
    /// `events`.
    pub events_days: u32,
    /// `errors`.
    pub errors_days: u32,
    /// `rate_limit_rejections`.
    pub rejections_days: u32,
    /// `transactions` that ended, with their `transaction_steps`; `numbers` and `subaccounts` that were given back.
    pub transactions_days: u32,
    /// `pages` that ended or were refused.
    pub pages_days: u32,
    /// `messages`: texts.
    pub messages_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            calls_days: 365,
            consents_days: 1095,
            voicemails_days: 365,
            transcripts_days: 0,
            trash_days: 30,
            recordings_days: 365,
            events_days: 30,
            errors_days: 90,
            rejections_days: 30,
            transactions_days: 365,
            pages_days: 365,
            messages_days: 365,
        }
    }
}

/// What a line keeps longer or shorter than the house; `None` is as the house.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineRetention {
    /// Its `voicemails`.
    pub voicemails_days: Option<u32>,
    /// What was said in them.
    pub transcripts_days: Option<u32>,
    /// Audio of its recorded conversations.
    pub recordings_days: Option<u32>,
}

/// The times of the house, and of lines with times of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// For everything that no line speaks of.
    pub house: Retention,
    lines: Vec<(String, LineRetention)>,
}

/// Some lines, or all others, as a statement takes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// Their names, each between commas.
    pub names: String,
    /// These are meant; otherwise all others are.
    pub these: bool,
}

impl From<Retention> for Terms {
    fn from(house: Retention) -> Self {
        Self { house, lines: Vec::new() }
    }
}

impl Terms {
    /// The house's, and those of lines that have some.
    #[must_use]
    pub fn new<'a>(house: Retention, lines: impl Iterator<Item = (&'a str, LineRetention)>) -> Self {
        let own = lines.filter(|(_, own)| *own != LineRetention::default());
        Self { house, lines: own.map(|(name, own)| (name.to_owned(), own)).collect() }
    }

    /// The days of one kind of row: of each line that speaks of it, and of all the others.
    #[must_use]
    pub fn each(&self, house: u32, of: impl Fn(&LineRetention) -> Option<u32>) -> Vec<(Lines, u32)> {
        let own: Vec<(&str, u32)> =
            self.lines.iter().filter_map(|(name, line)| Some((name.as_str(), of(line)?))).collect();
        let others = own.iter().fold(",".to_owned(), |names, (name, _)| names + name + ",");
        let each = own.iter().map(|(name, days)| (Lines { names: format!(",{name},"), these: true }, *days));
        each.chain([(Lines { names: others, these: false }, house)]).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_belongs_to_one_time() {
        let own = LineRetention { voicemails_days: Some(30), ..LineRetention::default() };
        let lines =
            [("a", own), ("b", LineRetention::default()), ("c", LineRetention { voicemails_days: Some(0), ..own })];
        let terms = Terms::new(Retention::default(), lines.into_iter());
        let lines = |names: &str, these| Lines { names: names.to_owned(), these };
        let expected = vec![(lines(",a,", true), 30), (lines(",c,", true), 0), (lines(",a,c,", false), 365)];
        assert_eq!(terms.each(terms.house.voicemails_days, |own| own.voicemails_days), expected);
        let house = vec![(lines(",", false), 365)];
        assert_eq!(terms.each(terms.house.recordings_days, |own| own.recordings_days), house);
    }
}
