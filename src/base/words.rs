//! Closed sets of words on the wire, as enums.

use super::CallState;

/// A word of a closed set.
pub trait Word: Copy {
    /// As it stands on the wire.
    fn word(self) -> &'static str;
    /// Reads it; case matters.
    fn from_word(word: &str) -> Option<Self>;
}

impl Word for CallState {
    fn word(self) -> &'static str {
        self.as_str()
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::parse(word)
    }
}

/// Declares closed sets: for each the enum, its words on the wire, and after `|` spellings that are read but not
/// written.
macro_rules! words {
    ($(
        $(#[$doc:meta])*
        $name:ident { $( $(#[$word_doc:meta])* $word:ident = $text:literal $(| $other:literal)*, )+ }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $( $(#[$word_doc])* $word, )+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$word),+];

            /// As it stands on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text),+ }
            }

            /// Reads it; case matters.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $( $text $(| $other)* => Some(Self::$word), )+ _ => None }
            }
        }

        impl $crate::base::Word for $name {
            fn word(self) -> &'static str {
                self.as_str()
            }

            fn from_word(word: &str) -> Option<Self> {
                Self::parse(word)
            }
        }
    )+};
}
pub(crate) use words;
