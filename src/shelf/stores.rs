//! The shelf: a folder, and a bucket beside it where one is configured. New copies go to the bucket then; those of the
//! folder stay readable, and removable, where they are.

use super::bucket::Bucket;
use super::draft::{Draft, Whole};
use super::error::ShelfError;
use super::fault::BucketError;
use super::folder::Folder;
use super::open::{Found, Kept};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

/// Where copies are kept. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct Shelf {
    folder: Arc<Folder>,
    bucket: Option<Bucket>,
}

/// Where a copy lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The store's name.
    pub shelf: &'a str,
    /// The copy's name there.
    pub path: &'a str,
}

/// The store that a place names.
enum Store<'a> {
    Folder(&'a Folder),
    Bucket(&'a Bucket),
}

impl Shelf {
    /// A folder alone. Nothing is made until something is written.
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { folder: Arc::new(Folder::new(root)), bucket: None }
    }

    /// The same with a bucket that takes new copies.
    #[must_use]
    pub fn with_bucket(self, bucket: Bucket) -> Self {
        Self { bucket: Some(bucket), ..self }
    }

    /// Name of the store that takes new copies: `folder:` and what its label says, which is written at the first use; or
    /// `s3:BUCKET/PREFIX`.
    ///
    /// # Errors
    /// [`ShelfError::Io`].
    pub async fn name(&self) -> Result<&str, ShelfError> {
        match &self.bucket {
            Some(bucket) => Ok(bucket.name()),
            None => self.folder.name().await,
        }
    }

    /// Names of the stores that are within reach: the one that takes new copies, and a folder that took some before.
    ///
    /// # Errors
    /// [`ShelfError::Io`].
    pub async fn stores(&self) -> Result<Vec<&str>, ShelfError> {
        let Some(bucket) = &self.bucket else { return Ok(vec![self.folder.name().await?]) };
        Ok([Some(bucket.name()), self.folder.known().await?].into_iter().flatten().collect())
    }

    async fn store(&self, name: &str) -> Result<Option<Store<'_>>, ShelfError> {
        match &self.bucket {
            Some(bucket) if bucket.name() == name => Ok(Some(Store::Bucket(bucket))),
            _ if self.folder.known().await? == Some(name) => Ok(Some(Store::Folder(&self.folder))),
            _ => Ok(None),
        }
    }

    /// Begins a copy, in the folder whatever takes it later; `word` tells drafts of the same copy apart.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub async fn draft(&self, sid: &str, word: &str) -> Result<Draft, ShelfError> {
        self.folder.draft(sid, word).await
    }

    /// Puts a complete draft under its name, durably. One that is there already is replaced as a whole.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub async fn keep(&self, whole: &Whole, name: &str) -> Result<(), ShelfError> {
        let Some(bucket) = &self.bucket else { return self.folder.keep(whole, name).await };
        let kept = bucket.put(whole, name).await;
        // What stays is written over by the next draft, or tidied away.
        let _ = tokio::fs::remove_file(&whole.path).await;
        kept
    }

    /// Opens a copy of `bytes`, or the part of it that a `Range` header asks for.
    ///
    /// # Errors
    /// [`ShelfError::Different`] when it has another length.
    pub async fn open(&self, place: Place<'_>, bytes: u64, range: Option<&str>) -> Result<Found, ShelfError> {
        match self.store(place.shelf).await? {
            Some(Store::Folder(folder)) => folder.open(place.path, bytes, range).await,
            Some(Store::Bucket(bucket)) => bucket.open(place.path, bytes, range).await,
            None => Ok(Found::Elsewhere),
        }
    }

    /// Whether the copy is there, whole: it is read again, and its length and digest are compared.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub async fn holds(&self, place: Place<'_>, bytes: u64, sha256: &str) -> Result<bool, ShelfError> {
        match self.store(place.shelf).await? {
            Some(Store::Folder(folder)) => folder.holds(place.path, bytes, sha256).await,
            Some(Store::Bucket(bucket)) => bucket.holds(place.path, bytes, sha256).await,
            None => Err(ShelfError::Elsewhere),
        }
    }

    /// Removes a copy; one that is not there was removed before.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub async fn remove(&self, place: Place<'_>) -> Result<(), ShelfError> {
        match self.store(place.shelf).await? {
            Some(Store::Folder(folder)) => folder.remove(place.path).await,
            Some(Store::Bucket(bucket)) => bucket.remove(place.path).await,
            None => Err(ShelfError::Elsewhere),
        }
    }

    /// A copy of this name, in the bucket or else in the folder: whole, though no row may say so.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub async fn find(&self, name: &str) -> Result<Option<Kept>, ShelfError> {
        if let Some(bucket) = &self.bucket
            && let Some(kept) = bucket.find(name).await?
        {
            return Ok(Some(kept));
        }
        self.folder.find(name).await
    }

    /// Removes the drafts of a recording, whoever wrote them.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub async fn remove_drafts(&self, sid: &str) -> Result<(), ShelfError> {
        self.folder.remove_drafts(sid).await
    }

    /// Removes drafts that nobody writes on any more.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub async fn tidy(&self, now: SystemTime) -> Result<u64, ShelfError> {
        self.folder.tidy(now).await
    }

    /// Whether the bucket answers, knows us and is there; `None` without one.
    ///
    /// # Errors
    /// [`BucketError`], each with what to do about it.
    pub async fn look(&self) -> Result<Option<&str>, BucketError> {
        let Some(bucket) = &self.bucket else { return Ok(None) };
        bucket.look().await.map(|()| Some(bucket.name()))
    }

    /// Names of all copies, by store; those of the folder with its drafts: `drafts/SID.WORD`. A folder that nothing was
    /// ever kept in has no name.
    ///
    /// # Errors
    /// [`ShelfError`].
    pub async fn names(&self) -> Result<Vec<(Option<&str>, Vec<String>)>, ShelfError> {
        let mut names = vec![(self.folder.known().await?, self.folder.names().await?)];
        if let Some(bucket) = &self.bucket {
            names.push((Some(bucket.name()), bucket.names().await?));
        }
        Ok(names)
    }
}
