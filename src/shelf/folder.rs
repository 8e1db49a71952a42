//! The shelf: `DATA_DIR/audio`, with one folder a day, and `drafts` beside them.

use super::ShelfError;
use super::draft::{Draft, Whole, digest};
use super::name::below;
use super::part::{Asked, Part, asked};
use bytes::Bytes;
use futures_util::Stream;
use std::io::{self, ErrorKind, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tokio::fs;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio::sync::OnceCell;
use tokio_util::io::ReaderStream;

/// Says which shelf it is, so that instances with folders of their own do not look for each other's copies.
const LABEL: &str = "shelf.id";
/// Where drafts are.
const DRAFTS: &str = "drafts";
/// Nobody writes on a draft this long.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// A folder of copies. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Shelf(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    root: PathBuf,
    name: OnceCell<String>,
}

/// A copy, or a part of it, to be read.
#[derive(Debug)]
pub struct Open {
    /// Length of the whole copy.
    pub total: u64,
    /// Which part this is; `None`: all of it.
    pub part: Option<Part>,
    file: tokio::io::Take<fs::File>,
}

impl Open {
    /// Its bytes, piece by piece.
    pub fn into_stream(self) -> impl Stream<Item = io::Result<Bytes>> + Send {
        ReaderStream::with_capacity(self.file, 32 * 1024)
    }
}

/// What a player gets.
#[derive(Debug)]
pub enum Found {
    /// The copy or the part.
    Open(Open),
    /// No such part of a copy of this length.
    Nowhere(u64),
    /// No such copy here.
    Absent,
}

impl Shelf {
    /// Nothing is made until something is written.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self(Arc::new(Inner { root, name: OnceCell::new() }))
    }

    /// `folder:` and what its label says, which is written at the first use.
    ///
    /// # Errors
    /// [`ShelfError::Io`].
    pub async fn name(&self) -> Result<&str, ShelfError> {
        Ok(self.0.name.get_or_try_init(|| label(&self.0.root)).await?)
    }

    /// Begins a copy; `word` tells drafts of the same copy apart.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub async fn draft(&self, sid: &str, word: &str) -> Result<Draft, ShelfError> {
        let path = below(&self.0.root.join(DRAFTS), &format!("{sid}.{word}"))?;
        fs::create_dir_all(self.0.root.join(DRAFTS)).await?;
        Draft::begin(path).await
    }

    /// Puts a complete draft under its name, durably. One that is there already is replaced as a whole.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub async fn keep(&self, whole: &Whole, name: &str) -> Result<(), ShelfError> {
        let path = below(&self.0.root, name)?;
        let folder = path.parent().unwrap_or(&self.0.root).to_owned();
        fs::create_dir_all(&folder).await?;
        fs::rename(&whole.path, &path).await?;
        // The entry of the file, and those of the folders that may be new.
        let mut folder = folder.as_path();
        loop {
            fs::File::open(folder).await?.sync_all().await?;
            match folder.parent().filter(|_| folder != self.0.root) {
                Some(parent) => folder = parent,
                None => return Ok(()),
            }
        }
    }

    /// Opens a copy, or the part of it that a `Range` header asks for.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub async fn open(&self, name: &str, range: Option<&str>) -> Result<Found, ShelfError> {
        let mut file = match fs::File::open(below(&self.0.root, name)?).await {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Absent),
            Err(error) => return Err(error.into()),
        };
        let total = file.metadata().await?.len();
        let part = match asked(range, total) {
            Asked::Whole => None,
            Asked::Part(part) => Some(part),
            Asked::Nowhere => return Ok(Found::Nowhere(total)),
        };
        if let Some(part) = part {
            file.seek(SeekFrom::Start(part.start)).await?;
        }
        let length = part.map_or(total, Part::len);
        Ok(Found::Open(Open { total, part, file: file.take(length) }))
    }

    /// Whether the copy is there, whole: its length and digest are compared.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub async fn holds(&self, name: &str, bytes: u64, sha256: &str) -> Result<bool, ShelfError> {
        match digest(&below(&self.0.root, name)?).await {
            Ok(found) => Ok(found == (bytes, sha256.to_owned())),
            Err(ShelfError::Io(error)) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes a copy; one that is not there was removed before.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub async fn remove(&self, name: &str) -> Result<(), ShelfError> {
        match fs::remove_file(below(&self.0.root, name)?).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Removes drafts that nobody writes on any more.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub async fn tidy(&self, now: SystemTime) -> Result<u64, ShelfError> {
        let mut drafts = match fs::read_dir(self.0.root.join(DRAFTS)).await {
            Ok(drafts) => drafts,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error.into()),
        };
        let mut gone = 0;
        while let Some(draft) = drafts.next_entry().await? {
            let written = draft.metadata().await?.modified()?;
            if now.duration_since(written).is_ok_and(|age| age > STALE) {
                fs::remove_file(draft.path()).await?;
                gone += 1;
            }
        }
        Ok(gone)
    }

    /// Whether there is a folder at all.
    ///
    /// # Errors
    /// [`ShelfError::Io`].
    pub async fn exists(&self) -> Result<bool, ShelfError> {
        Ok(fs::try_exists(&self.0.root).await?)
    }

    /// Names of all files but the label, drafts too: `drafts/SID.WORD`.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub async fn names(&self) -> Result<Vec<String>, ShelfError> {
        let (mut names, mut folders) = (Vec::new(), vec![self.0.root.clone()]);
        while let Some(folder) = folders.pop() {
            let mut entries = match fs::read_dir(&folder).await {
                Ok(entries) => entries,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error.into()),
            };
            while let Some(entry) = entries.next_entry().await? {
                let path = entry.path();
                let inside = path.strip_prefix(&self.0.root).unwrap_or(&path).to_string_lossy().into_owned();
                if entry.file_type().await?.is_dir() {
                    folders.push(path);
                } else if !inside.starts_with(LABEL) {
                    names.push(inside);
                }
            }
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// The folder's own word. Two instances that share the folder and start together agree: the second finds the first's.
#[expect(clippy::disallowed_methods, reason = "a folder is told apart from others by chance, once")]
async fn label(root: &Path) -> Result<String, ShelfError> {
    fs::create_dir_all(root).await?;
    let path = root.join(LABEL);
    if let Some(label) = read_label(&path).await? {
        return Ok(label);
    }
    let word = uuid::Uuid::new_v4().simple().to_string();
    let aside = root.join(format!("{LABEL}.{word}"));
    let mut file = fs::File::create(&aside).await?;
    file.write_all(word.as_bytes()).await?;
    file.sync_all().await?;
    // A link fails where the name is taken, unlike a rename.
    let linked = fs::hard_link(&aside, &path).await;
    fs::remove_file(&aside).await?;
    match (linked, read_label(&path).await?) {
        (_, Some(label)) => Ok(label),
        (Err(error), None) => Err(error.into()),
        (Ok(()), None) => Err(ShelfError::Different),
    }
}

async fn read_label(path: &Path) -> Result<Option<String>, ShelfError> {
    match fs::read_to_string(path).await {
        Ok(text) if !text.trim().is_empty() => Ok(Some(format!("folder:{}", text.trim()))),
        Ok(_) => Err(ShelfError::Different),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.into()),
    }
}
