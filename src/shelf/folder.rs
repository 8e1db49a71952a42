//! Copies in `DATA_DIR/audio`, with one folder a day, and `drafts` beside them.

use super::draft::{Draft, HEAD, Whole, digest};
use super::error::ShelfError;
use super::name::below;
use super::open::{Found, Kept, Open};
use super::part::{Asked, Part, asked};
use std::io::{ErrorKind, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tokio::fs;
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use tokio::sync::OnceCell;
use tokio_util::io::ReaderStream;

/// Says which shelf it is, so that instances with folders of their own do not look for each other's copies.
const LABEL: &str = "shelf.id";
/// Where drafts are.
const DRAFTS: &str = "drafts";
/// Read at once for a player.
const PIECE: usize = 32 * 1024;
/// Nobody writes on a draft this long.
const STALE: Duration = Duration::from_secs(24 * 3600);

/// A folder of copies.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    name: OnceCell<String>,
}

impl Folder {
    /// Nothing is made until something is written.
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root, name: OnceCell::new() }
    }

    /// `folder:` and what its label says, which is written at the first use.
    pub(super) async fn name(&self) -> Result<&str, ShelfError> {
        Ok(self.name.get_or_try_init(|| label(&self.root)).await?)
    }

    /// The same, where it has a label already.
    pub(super) async fn known(&self) -> Result<Option<&str>, ShelfError> {
        if !self.name.initialized() && read_label(&self.root.join(LABEL)).await?.is_none() {
            return Ok(None);
        }
        self.name().await.map(Some)
    }

    /// Begins a copy; `word` tells drafts of the same copy apart.
    pub(super) async fn draft(&self, sid: &str, word: &str) -> Result<Draft, ShelfError> {
        let path = below(&self.root.join(DRAFTS), &format!("{sid}.{word}"))?;
        fs::create_dir_all(self.root.join(DRAFTS)).await?;
        Draft::begin(path).await
    }

    /// Puts a complete draft under its name, durably. One that is there already is replaced as a whole.
    pub(super) async fn keep(&self, whole: &Whole, name: &str) -> Result<(), ShelfError> {
        let path = below(&self.root, name)?;
        let folder = path.parent().unwrap_or(&self.root).to_owned();
        fs::create_dir_all(&folder).await?;
        fs::rename(&whole.path, &path).await?;
        // The entry of the file, and those of the folders that may be new, the root's own too.
        let above = self.root.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let below_root = folder.ancestors().take_while(|folder| folder.starts_with(&self.root));
        for folder in below_root.chain([above]) {
            fs::File::open(folder).await?.sync_all().await?;
        }
        Ok(())
    }

    /// Opens a copy of `bytes`, or the part of it that a `Range` header asks for.
    pub(super) async fn open(&self, name: &str, bytes: u64, range: Option<&str>) -> Result<Found, ShelfError> {
        let mut file = match fs::File::open(below(&self.root, name)?).await {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Absent),
            Err(error) => return Err(error.into()),
        };
        let total = file.metadata().await?.len();
        if total != bytes {
            return Err(ShelfError::Different);
        }
        let part = match asked(range, total) {
            Asked::Whole => None,
            Asked::Part(part) => Some(part),
            Asked::Nowhere => return Ok(Found::Nowhere(total)),
        };
        if let Some(part) = part {
            file.seek(SeekFrom::Start(part.start)).await?;
        }
        let length = part.map_or(total, Part::len);
        Ok(Found::Open(Open::new(total, part, ReaderStream::with_capacity(file.take(length), PIECE))))
    }

    /// Whether the copy is there, whole: its length and digest are compared.
    pub(super) async fn holds(&self, name: &str, bytes: u64, sha256: &str) -> Result<bool, ShelfError> {
        match digest(&below(&self.root, name)?).await {
            Ok(found) => Ok(found == (bytes, sha256.to_owned())),
            Err(ShelfError::Io(error)) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes a copy; one that is not there was removed before.
    pub(super) async fn remove(&self, name: &str) -> Result<(), ShelfError> {
        match fs::remove_file(below(&self.root, name)?).await {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// A copy that is there, by name: whole, because nothing else gets its name.
    pub(super) async fn find(&self, name: &str) -> Result<Option<Kept>, ShelfError> {
        let Some(shelf) = self.known().await? else { return Ok(None) };
        let path = below(&self.root, name)?;
        let mut head = Vec::new();
        match fs::File::open(&path).await {
            Ok(file) => file.take(HEAD as u64).read_to_end(&mut head).await?,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let (bytes, sha256) = digest(&path).await?;
        Ok(Some(Kept { shelf: shelf.to_owned(), bytes, sha256, head }))
    }

    /// Removes the drafts of a recording, whoever wrote them.
    pub(super) async fn remove_drafts(&self, sid: &str) -> Result<(), ShelfError> {
        let begins = format!("{sid}.");
        let mut drafts = match fs::read_dir(self.root.join(DRAFTS)).await {
            Ok(drafts) => drafts,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error.into()),
        };
        while let Some(draft) = drafts.next_entry().await? {
            if draft.file_name().to_string_lossy().starts_with(&begins) {
                fs::remove_file(draft.path()).await?;
            }
        }
        Ok(())
    }

    /// Removes drafts that nobody writes on any more.
    pub(super) async fn tidy(&self, now: SystemTime) -> Result<u64, ShelfError> {
        let mut drafts = match fs::read_dir(self.root.join(DRAFTS)).await {
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

    /// Names of all files but the label, drafts too: `drafts/SID.WORD`.
    pub(super) async fn names(&self) -> Result<Vec<String>, ShelfError> {
        let (mut names, mut folders) = (Vec::new(), vec![self.root.clone()]);
        while let Some(folder) = folders.pop() {
            let mut entries = match fs::read_dir(&folder).await {
                Ok(entries) => entries,
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                Err(error) => return Err(error.into()),
            };
            while let Some(entry) = entries.next_entry().await? {
                let path = entry.path();
                let inside = path.strip_prefix(&self.root).unwrap_or(&path).to_string_lossy().into_owned();
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
