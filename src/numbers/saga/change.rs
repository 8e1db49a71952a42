//! What the tables of numbers, accounts and lines shall say once a step is done; written with the step.

/// Where the carrier shall ask, or was seen to ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Urls {
    /// When a call comes in.
    pub voice: String,
    /// When that fails.
    pub voice_fallback: String,
    /// How calls end.
    pub status: String,
    /// When a text comes in.
    pub sms: String,
}

/// A number that is ours from now on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNumber {
    /// E.164.
    pub phone_number: String,
    /// `PN…`
    pub sid: String,
    /// Account that owns it.
    pub account_sid: String,
    /// Name of the line it leads to.
    pub line: String,
    /// Where the carrier shall ask.
    pub wanted: Urls,
    /// A month, as decimal text and currency.
    pub monthly: Option<(String, String)>,
}

/// A number as it was bought once: the same number bought again has another SID, and is none of an older purchase's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bought {
    /// E.164.
    pub phone_number: String,
    /// `PN…`
    pub sid: String,
}

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// The transaction works on this number.
    Subject(String),
    /// A number leads to its line.
    Bind(Box<NewNumber>),
    /// A number leads nowhere for now.
    Unbind(Bought),
    /// It leads to its line again.
    Rebind(Bought),
    /// It is not ours any more.
    Released(Bought),
    /// Where the carrier was seen to ask.
    Seen(String, Urls),
    /// A tenant's account.
    Account {
        /// `AC…`
        sid: String,
        /// Its name at the carrier.
        friendly_name: String,
        /// Its token.
        sealed_token: String,
    },
    /// The account is closed.
    AccountClosed(String),
    /// A tenant's line.
    Line {
        /// Its name.
        name: String,
        /// TOML, with its numbers.
        definition: String,
    },
    /// The line is gone.
    LineGone(String),
}
