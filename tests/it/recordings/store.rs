//! Where the copies of a test lie: in a folder, in a bucket that behaves as wished, or in a real server's.

use super::bucket::{PretendBucket, keys, quick};
use crate::support::Database;
use std::sync::atomic::{AtomicU32, Ordering};
use switchboard::config::recordings::S3;
use switchboard::shelf::{Bucket, Shelf};
use url::Url;

/// A store.
#[derive(Clone, Debug)]
pub(crate) enum Store {
    Folder,
    Pretend(PretendBucket),
    Real(Bucket),
}

impl Store {
    pub(crate) async fn pretend() -> Self {
        Self::Pretend(PretendBucket::listening().await)
    }

    /// The server that `scripts/s3` starts. `None` without one.
    pub(crate) fn real() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let url = Url::parse(&std::env::var("TEST_S3_URL").ok()?).expect("a URL");
        let s3 = S3 {
            endpoint: format!("{}://{}:{}", url.scheme(), url.host_str().expect("a host"), url.port().expect("a port")),
            region: "us-east-1".to_owned(),
            bucket: url.path().trim_matches('/').to_owned(),
            prefix: format!("it/{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed)),
            path_style: true,
        };
        Some(Self::Real(quick(&s3, &keys(url.username(), url.password().expect("a secret")))))
    }

    /// `shelf` with this store beside it.
    pub(crate) fn beside(&self, shelf: Shelf) -> Shelf {
        match self {
            Self::Folder => shelf,
            Self::Pretend(pretend) => shelf.with_bucket(pretend.client()),
            Self::Real(bucket) => shelf.with_bucket(bucket.clone()),
        }
    }
}

/// Both engines over a folder, and both kinds of bucket.
pub(crate) async fn each() -> Vec<(Database, Store)> {
    let mut all: Vec<(Database, Store)> =
        Database::each().await.into_iter().map(|database| (database, Store::Folder)).collect();
    all.push((Database::sqlite(), Store::pretend().await));
    all.extend(Store::real().map(|real| (Database::sqlite(), real)));
    all
}
