//! How parts of a unit that serde does not know are written: our own words, and the answer's bytes.

use serde::{Deserialize, Deserializer, Serializer};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// One of the house's own words: a route, a type of event. (A name of its own, because serde would take the bare type
/// for something to borrow from the text it reads.)
pub type Word = &'static str;

/// For `#[serde(with)]`.
pub(in crate::ledger) mod word {
    use super::{Deserialize, Deserializer, Serializer, Word, known};

    pub(in crate::ledger) fn serialize<S: Serializer>(word: &str, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(word)
    }

    pub(in crate::ledger) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Word, D::Error> {
        String::deserialize(from).map(known)
    }

    /// The same for one that may be absent.
    pub(in crate::ledger) mod option {
        use super::{Deserialize, Deserializer, Serializer, Word, known};

        pub(in crate::ledger) fn serialize<S: Serializer>(word: &Option<Word>, to: S) -> Result<S::Ok, S::Error> {
            match word {
                Some(word) => to.serialize_some(word),
                None => to.serialize_none(),
            }
        }

        pub(in crate::ledger) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Word>, D::Error> {
            Option::<String>::deserialize(from).map(|word| word.map(known))
        }
    }
}

/// The answer, which is text; for `#[serde(with)]`.
pub(in crate::ledger) mod body {
    use super::{Deserialize, Deserializer, Serializer};
    use bytes::Bytes;

    pub(in crate::ledger) fn serialize<S: Serializer>(answer: &Bytes, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&String::from_utf8_lossy(answer))
    }

    pub(in crate::ledger) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        String::deserialize(from).map(Bytes::from)
    }
}

/// A word read back gets its place for good, once. A spool holds words of ours only, so there are some dozens.
fn known(word: String) -> Word {
    static KNOWN: Mutex<BTreeSet<Word>> = Mutex::new(BTreeSet::new());
    let mut all = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(word) = all.get(word.as_str()) {
        return word;
    }
    let word: Word = Box::leak(word.into_boxed_str());
    all.insert(word);
    word
}
