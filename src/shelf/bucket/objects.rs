//! What a shelf asks of a bucket.

use super::client::{Ask, Bucket};
use super::patience::Patience;
use super::sign::encoded;
use super::wire;
use crate::shelf::draft::{HEAD, Whole};
use crate::shelf::error::ShelfError;
use crate::shelf::fault::BucketError;
use crate::shelf::hex::hex;
use crate::shelf::name::sound;
use crate::shelf::open::{Found, Kept, Open};
use crate::shelf::part::{Asked, Part, asked};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::TryStreamExt;
use reqwest::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderName};
use reqwest::{Method, Response};
use sha2::{Digest, Sha256};
use std::pin::pin;
use std::time::Duration;

/// While an operator waits for the first sound, and the carrier may still have it.
const LIVE: Patience = Patience { attempts: 2, silence: Duration::from_secs(8), ..Patience::USUAL };

impl Bucket {
    /// Puts a complete draft under its name, and looks whether it is there. One that is there already is replaced as a
    /// whole.
    pub(in crate::shelf) async fn put(&self, whole: &Whole, name: &str) -> Result<(), ShelfError> {
        sound(name)?;
        let headers = vec![
            ("content-length", whole.bytes.to_string()),
            // Older than the digest in the signature and asked for by buckets that lock their objects.
            ("content-md5", STANDARD.encode(whole.md5)),
            ("content-type", "audio/wav".to_owned()),
        ];
        let draft = Some((whole.path.as_path(), whole.sha256.as_str()));
        self.send(&Ask { headers, draft, ..Ask::object(Method::PUT, name) }).await?;
        if self.is_there(whole, name).await? { Ok(()) } else { Err(ShelfError::Different) }
    }

    /// Its length and its tag. The tag of an object that is encrypted with a key of its owner is no digest: such a one is
    /// read again.
    async fn is_there(&self, whole: &Whole, name: &str) -> Result<bool, ShelfError> {
        let Some(head) = present(self.send(&Ask::object(Method::HEAD, name)).await)? else { return Ok(false) };
        match (number(&head, &CONTENT_LENGTH), text(&head, &ETAG)) {
            (Some(length), _) if length != whole.bytes => Ok(false),
            (Some(_), Some(tag)) if tag.trim_matches('"') == hex(&whole.md5) => Ok(true),
            _ => self.holds(name, whole.bytes, &whole.sha256).await,
        }
    }

    /// Opens a copy of `bytes`, or the part of it that a `Range` header asks for.
    pub(in crate::shelf) async fn open(
        &self,
        name: &str,
        bytes: u64,
        range: Option<&str>,
    ) -> Result<Found, ShelfError> {
        sound(name)?;
        let part = match asked(range, bytes) {
            Asked::Whole => None,
            Asked::Part(part) => Some(part),
            Asked::Nowhere => return Ok(Found::Nowhere(bytes)),
        };
        let headers = part.map(|Part { start, end }| ("range", format!("bytes={start}-{end}"))).into_iter().collect();
        let live = self.clone().with_patience(shorter(self.patience));
        let answer = live.send(&Ask { headers, ..Ask::object(Method::GET, name) }).await;
        let Some(answer) = present(answer)? else { return Ok(Found::Absent) };
        let right = match part {
            None => answer.status() == 200 && number(&answer, &CONTENT_LENGTH) == Some(bytes),
            Some(part) => text(&answer, &CONTENT_RANGE) == Some(&format!("bytes {}-{}/{bytes}", part.start, part.end)),
        };
        if !right {
            return Err(ShelfError::Different);
        }
        Ok(Found::Open(Open::new(bytes, part, live.pieces(answer).map_err(std::io::Error::other))))
    }

    /// Whether the copy is there, whole: it is read again.
    pub(in crate::shelf) async fn holds(&self, name: &str, bytes: u64, sha256: &str) -> Result<bool, ShelfError> {
        sound(name)?;
        let Some(answer) = present(self.send(&Ask::object(Method::GET, name)).await)? else { return Ok(false) };
        let read = self.pieces(answer).try_fold((0, Sha256::new()), async |(length, hash), piece| {
            Ok((length + piece.len() as u64, hash.chain_update(&piece)))
        });
        let (length, hash) = read.await?;
        Ok(length == bytes && hex(&hash.finalize()) == sha256)
    }

    /// A copy that is there, by name: whole, because a store takes nothing else.
    pub(in crate::shelf) async fn find(&self, name: &str) -> Result<Option<Kept>, ShelfError> {
        sound(name)?;
        let Some(answer) = present(self.send(&Ask::object(Method::GET, name)).await)? else { return Ok(None) };
        let (mut head, mut bytes, mut hash, mut pieces) = (Vec::new(), 0, Sha256::new(), pin!(self.pieces(answer)));
        while let Some(piece) = pieces.try_next().await? {
            let missing = HEAD.saturating_sub(head.len());
            head.extend(piece.iter().take(missing));
            bytes += piece.len() as u64;
            hash.update(&piece);
        }
        Ok(Some(Kept { shelf: self.name().to_owned(), bytes, sha256: hex(&hash.finalize()), head }))
    }

    /// Removes a copy; one that is not there was removed before.
    pub(in crate::shelf) async fn remove(&self, name: &str) -> Result<(), ShelfError> {
        sound(name)?;
        present(self.send(&Ask::object(Method::DELETE, name)).await)?;
        Ok(())
    }

    /// Names of all copies.
    pub(in crate::shelf) async fn names(&self) -> Result<Vec<String>, ShelfError> {
        let (mut names, mut next) = (Vec::new(), None);
        loop {
            let page = self.page(next.as_deref(), None).await?;
            let own = page.keys.iter().filter_map(|key| key.strip_prefix(self.prefix()));
            // Consoles make an empty object for a "folder".
            names.extend(own.filter(|name| !name.is_empty() && !name.ends_with('/')).map(str::to_owned));
            next = page.next;
            if next.is_none() {
                return Ok(names);
            }
        }
    }

    /// Whether it answers, knows us and is there: the shortest list that it can give.
    pub(in crate::shelf) async fn look(&self) -> Result<(), BucketError> {
        self.page(None, Some(1)).await.map(drop)
    }

    async fn page(&self, next: Option<&str>, most: Option<u32>) -> Result<wire::Page, BucketError> {
        let parts = [
            next.map(|token| format!("continuation-token={}", encoded(token))),
            Some("list-type=2".to_owned()),
            most.map(|most| format!("max-keys={most}")),
            Some(self.prefix()).filter(|prefix| !prefix.is_empty()).map(|prefix| format!("prefix={}", encoded(prefix))),
        ];
        let query = parts.into_iter().flatten().collect::<Vec<_>>().join("&");
        let ask = Ask { method: Method::GET, name: None, query, headers: Vec::new(), draft: None };
        wire::page(&self.text(self.send(&ask).await?).await?)
    }
}

/// "Not there" is an answer.
fn present(answer: Result<Response, BucketError>) -> Result<Option<Response>, BucketError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(BucketError::Refused { status: 404, .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

fn shorter(patience: Patience) -> Patience {
    let (attempts, silence) = (patience.attempts.min(LIVE.attempts), patience.silence.min(LIVE.silence));
    Patience { attempts, silence, ..patience }
}

fn text<'a>(answer: &'a Response, name: &HeaderName) -> Option<&'a str> {
    answer.headers().get(name)?.to_str().ok()
}

fn number(answer: &Response, name: &HeaderName) -> Option<u64> {
    text(answer, name)?.parse().ok()
}
