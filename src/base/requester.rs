//! Who asks, for rooms that need a name and know no credentials.

/// Whom the operators' door let in; handlers behind it find it in the request's extensions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requester {
    /// Their name in journals and events.
    pub subject: String,
    /// Whether they may see whole telephone numbers.
    pub sees_all: bool,
}
