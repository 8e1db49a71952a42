//! Floor 3: audio that is ours. A copy is whole and durable under its name, or it is not there.
//!
//! | file | what |
//! |---|---|
//! | `stores` | the shelf itself: a folder, and a bucket beside it where one is configured |
//! | `draft` | what is still being written: in the folder, never under its final name |
//! | `folder` | write aside, sync, compare, rename, sync the folder |
//! | `bucket` | the same promise in an S3-compatible bucket |
//! | `open` | a copy on its way to a player |
//! | `part` | which part of a copy a player asks for |
//! | `name` | names that stay inside the folder |
//! | `hex` | digests as text |
//! | `fault` | what can go wrong with a bucket, and who can mend it |
//! | `error` | what can go wrong |

mod bucket;
mod draft;
mod error;
mod fault;
mod folder;
mod hex;
mod name;
mod open;
mod part;
mod stores;

pub use bucket::{Bucket, Patience};
pub use draft::{Draft, Whole};
pub use error::ShelfError;
pub use fault::BucketError;
pub use name::path_of;
pub use open::{Found, Kept, Open};
pub use part::{Asked, Part, asked};
pub use stores::{Place, Shelf};
