//! What makes two writes of a client the same write.

use super::ids::derived_id;

/// A client's `Idempotency-Key`, with who sent it. What a write starts is named after it, so that a second attempt,
/// made because the first one's process died, finds what the first began instead of beginning it again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WriteKey {
    /// Role and subject of the credential: `operator/ana@example.com`.
    pub scope: String,
    /// The header's value.
    pub key: String,
}

impl WriteKey {
    /// `prefix_` and 26 characters that follow from client and key alone.
    #[must_use]
    pub fn id(&self, prefix: &str) -> String {
        derived_id(prefix, &["write", &self.scope, &self.key])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_key_of_another_client_names_another_thing() {
        let key = |scope: &str, key: &str| WriteKey { scope: scope.to_owned(), key: key.to_owned() }.id("txn");
        assert_eq!(key("ana", "1"), key("ana", "1"));
        assert_ne!(key("ana", "1"), key("bo", "1"));
        assert_ne!(key("ana", "1"), key("ana", "2"));
    }
}
