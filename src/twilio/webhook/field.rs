//! Reading fields out of a form, each at most once, so that what is left over can be told.

use crate::base::{Time, Word};
use crate::twilio::form::Form;
use chrono::{DateTime, SubsecRound, Utc};

/// The fields of a form that nobody has taken yet.
pub(super) struct Taking<'a> {
    fields: Vec<(&'a str, &'a str)>,
    taken: Vec<bool>,
}

impl<'a> Taking<'a> {
    pub(super) fn from(form: &'a Form<'_>) -> Self {
        let fields: Vec<_> = form.iter().collect();
        let taken = vec![false; fields.len()];
        Self { fields, taken }
    }

    /// Takes the first field of that name, if `read` makes something of it.
    fn take<T>(&mut self, name: &str, read: impl FnOnce(&'a str) -> Option<T>) -> Option<T> {
        let at = self.fields.partition_point(|(key, _)| *key < name);
        let (_, text) = self.fields.get(at).filter(|(key, _)| *key == name)?;
        let value = read(text)?;
        self.mark(at);
        Some(value)
    }

    /// Takes every field whose name begins so.
    fn take_prefixed(&mut self, prefix: &str) -> Vec<(&'a str, &'a str)> {
        let from = self.fields.partition_point(|(key, _)| *key < prefix);
        let found: Vec<_> =
            self.fields.iter().skip(from).take_while(|(key, _)| key.starts_with(prefix)).copied().collect();
        (from..from + found.len()).for_each(|at| self.mark(at));
        found.into_iter().filter_map(|(key, value)| Some((key.strip_prefix(prefix)?, value))).collect()
    }

    fn mark(&mut self, at: usize) {
        if let Some(taken) = self.taken.get_mut(at) {
            *taken = true;
        }
    }

    /// What nobody took.
    pub(super) fn rest(self) -> Vec<(&'a str, &'a str)> {
        self.fields.into_iter().zip(self.taken).filter(|(_, taken)| !taken).map(|(field, _)| field).collect()
    }
}

/// A member of a webhook type: one field of the form, several, or a group of members.
pub(super) trait Member<'a>: Sized {
    /// Takes what belongs to it.
    fn take(name: &'static str, from: &mut Taking<'a>) -> Self;
    /// Names of the fields it holds.
    fn names(&self, name: &'static str, into: &mut Vec<String>);
}

impl<'a, V: Value<'a>> Member<'a> for Option<V> {
    fn take(name: &'static str, from: &mut Taking<'a>) -> Self {
        from.take(name, V::read)
    }

    fn names(&self, name: &'static str, into: &mut Vec<String>) {
        into.extend(self.as_ref().map(|_| name.to_owned()));
    }
}

/// Fields whose names begin alike, by what follows: `SipHeader_X-Tenant` is found under `X-Tenant`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefixed<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Prefixed<'a> {
    /// The value under `name`; case matters.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    /// All of them, in byte order.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.0.iter().copied()
    }
}

impl<'a> Member<'a> for Prefixed<'a> {
    fn take(prefix: &'static str, from: &mut Taking<'a>) -> Self {
        Self(from.take_prefixed(prefix))
    }

    fn names(&self, prefix: &'static str, into: &mut Vec<String>) {
        into.extend(self.iter().map(|(name, _)| format!("{prefix}{name}")));
    }
}

/// A type that one field can hold.
pub(super) trait Value<'a>: Sized {
    /// `None`: the field counts as not understood and stays in the rest.
    fn read(text: &'a str) -> Option<Self>;
}

impl<'a> Value<'a> for &'a str {
    fn read(text: &'a str) -> Option<Self> {
        Some(text)
    }
}

impl Value<'_> for u32 {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

impl Value<'_> for f64 {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok().filter(|number: &Self| number.is_finite())
    }
}

impl Value<'_> for bool {
    fn read(text: &str) -> Option<Self> {
        match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }
}

impl<W: Word> Value<'_> for W {
    fn read(text: &str) -> Option<Self> {
        Self::from_word(text)
    }
}

/// When something happened: RFC 2822 in call callbacks, ISO 8601 in streams and transcriptions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Stamp(pub Time);

impl Value<'_> for Stamp {
    fn read(text: &str) -> Option<Self> {
        let at = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc2822(text)).ok()?;
        Some(Self(at.with_timezone(&Utc).trunc_subsecs(6)))
    }
}

/// Declares webhook types: members with their types and the names of their fields, then how the rest is called.
/// A member without a name is a group of its own.
macro_rules! webhook {
    ($(
        $(#[$doc:meta])*
        $name:ident { $( $(#[$member_doc:meta])* $member:ident: $type:ty $(= $field:literal)?, )+ }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name<'a> {
            $( $(#[$member_doc])* pub $member: $type, )+
            /// Fields that this type does not know, or could not read: name and value, in byte order.
            pub rest: Vec<(&'a str, &'a str)>,
        }

        impl<'a> $name<'a> {
            /// Reads the fields of a verified request; never fails.
            #[must_use]
            pub fn read(form: &'a $crate::twilio::form::Form<'_>) -> Self {
                let mut from = $crate::twilio::webhook::field::Taking::from(form);
                Self {
                    $( $member: $crate::twilio::webhook::field::Member::take(concat!($($field)?), &mut from), )+
                    rest: from.rest(),
                }
            }

            /// Names of the fields that were read, as they came.
            #[must_use]
            pub fn names(&self) -> Vec<String> {
                let mut names = Vec::new();
                $( $crate::twilio::webhook::field::Member::names(&self.$member, concat!($($field)?), &mut names); )+
                names
            }
        }
    )+};
}
pub(super) use webhook;

/// Declares groups of members that several webhooks share.
macro_rules! group {
    ($(
        $(#[$doc:meta])*
        $name:ident { $( $(#[$member_doc:meta])* $member:ident: $type:ty $(= $field:literal)?, )+ }
    )+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name<'a> { $( $(#[$member_doc])* pub $member: $type, )+ }

        impl<'a> $crate::twilio::webhook::field::Member<'a> for $name<'a> {
            fn take(_: &'static str, from: &mut $crate::twilio::webhook::field::Taking<'a>) -> Self {
                Self { $( $member: $crate::twilio::webhook::field::Member::take(concat!($($field)?), from), )+ }
            }

            fn names(&self, _: &'static str, into: &mut Vec<String>) {
                $( $crate::twilio::webhook::field::Member::names(&self.$member, concat!($($field)?), into); )+
            }
        }
    )+};
}
pub(super) use group;
