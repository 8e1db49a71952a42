//! What a variable is called, whether it may be shown, and what it is when nobody sets it.

/// One environment variable, as `.env.example` and `print-config` show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it is for, in one line.
    pub about: &'static str,
    /// Whether its value may be shown.
    pub kind: Kind,
    /// Its value when it is not set, if that is a value.
    pub default: Option<&'static str>,
    /// A value for `.env.example` where there is no default.
    pub example: &'static str,
    /// Whether it belongs to something that this version does not have yet.
    pub later: bool,
}

/// Whether a value may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Shown as it is.
    Plain,
    /// Never shown; also read from the file named by `<NAME>_FILE`.
    Secret,
    /// A URL that may hold a password: also read from a file, shown without the password.
    Url,
}

impl Variable {
    pub(in crate::config) const fn plain(name: &'static str, about: &'static str) -> Self {
        Self { name, about, kind: Kind::Plain, default: None, example: "", later: false }
    }

    pub(in crate::config) const fn secret(name: &'static str, about: &'static str) -> Self {
        Self { kind: Kind::Secret, ..Self::plain(name, about) }
    }

    pub(in crate::config) const fn url(name: &'static str, about: &'static str) -> Self {
        Self { kind: Kind::Url, ..Self::plain(name, about) }
    }

    pub(in crate::config) const fn default(self, default: &'static str) -> Self {
        Self { default: Some(default), ..self }
    }

    pub(in crate::config) const fn example(self, example: &'static str) -> Self {
        Self { example, ..self }
    }

    pub(in crate::config) const fn later(self) -> Self {
        Self { later: true, ..self }
    }

    /// Whether the value may also come from a file named by `<NAME>_FILE`.
    #[must_use]
    pub fn has_file(&self) -> bool {
        self.kind != Kind::Plain
    }
}
