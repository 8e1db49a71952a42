//! Where variables and secret files are read from; tests bring their own.

use std::collections::BTreeMap;
use std::fmt;
use std::io;

/// Environment variables and files, as far as configuration needs them.
pub trait Source {
    /// The value of an environment variable, if it is set.
    fn var(&self, name: &str) -> Option<String>;

    /// The names of all environment variables that are set.
    fn names(&self) -> Vec<String>;

    /// The text of a file.
    ///
    /// # Errors
    /// Whatever the file system says.
    fn read_file(&self, path: &str) -> io::Result<String>;

    /// The bytes of a file of at most `most` bytes.
    ///
    /// # Errors
    /// Whatever the file system says, and a file that is larger.
    fn read_bytes(&self, path: &str, most: u64) -> io::Result<Vec<u8>> {
        let bytes = self.read_file(path)?.into_bytes();
        if bytes.len() as u64 > most { Err(too_large(bytes.len() as u64)) } else { Ok(bytes) }
    }

    /// Whether a file is there and may be read, whatever is in it.
    ///
    /// # Errors
    /// Whatever the file system says.
    fn find_file(&self, path: &str) -> io::Result<()> {
        self.read_file(path).map(drop)
    }
}

fn too_large(bytes: u64) -> io::Error {
    io::Error::other(format!("it has {} MB", bytes.div_ceil(1024 * 1024)))
}

/// The process's environment and the real file system.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemSource;

impl Source for SystemSource {
    // A value that is not UTF-8 arrives with U+FFFD in it, which `env::Env` refuses by name.
    fn var(&self, name: &str) -> Option<String> {
        std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
    }

    fn names(&self) -> Vec<String> {
        std::env::vars_os().filter_map(|(name, _)| name.into_string().ok()).collect()
    }

    fn read_file(&self, path: &str) -> io::Result<String> {
        std::fs::read_to_string(path)
    }

    fn read_bytes(&self, path: &str, most: u64) -> io::Result<Vec<u8>> {
        let size = std::fs::metadata(path)?.len();
        if size > most { Err(too_large(size)) } else { std::fs::read(path) }
    }

    fn find_file(&self, path: &str) -> io::Result<()> {
        let is_file = std::fs::File::open(path)?.metadata()?.is_file();
        if is_file { Ok(()) } else { Err(io::Error::other("it is no file")) }
    }
}

/// A source that is written down: for tests, and for commands that bring their own settings.
#[derive(Clone, Default)]
pub struct FixedSource {
    variables: BTreeMap<String, String>,
    files: BTreeMap<String, String>,
    sounds: BTreeMap<String, Vec<u8>>,
}

impl FixedSource {
    /// Only these variables, no files.
    #[must_use]
    pub fn new<'v>(variables: impl IntoIterator<Item = (&'v str, &'v str)>) -> Self {
        let variables = variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { variables, ..Self::default() }
    }

    /// The same with one more file that is no text.
    #[must_use]
    pub fn with_bytes(mut self, path: &str, bytes: Vec<u8>) -> Self {
        self.sounds.insert(path.to_owned(), bytes);
        self
    }

    /// The same with one more file.
    #[must_use]
    pub fn with_file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.to_owned(), text.to_owned());
        self
    }
}

impl fmt::Debug for FixedSource {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys().chain(self.files.keys())).finish()
    }
}

impl Source for FixedSource {
    fn var(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn names(&self) -> Vec<String> {
        self.variables.keys().cloned().collect()
    }

    fn read_bytes(&self, path: &str, most: u64) -> io::Result<Vec<u8>> {
        let text = || self.read_file(path).map(String::into_bytes);
        let bytes = self.sounds.get(path).cloned().map_or_else(text, Ok)?;
        if bytes.len() as u64 > most { Err(too_large(bytes.len() as u64)) } else { Ok(bytes) }
    }

    fn read_file(&self, path: &str) -> io::Result<String> {
        self.files.get(path).cloned().ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))
    }
}
