//! Floor 6: sounds of the lines, for the carrier that plays them.
//!
//! They are public: whoever calls hears them, and their names are digests that nobody guesses. A signature is not demanded,
//! because what fetches a sound may be a cache of the carrier's. A sound that changes gets another name, so that it may be
//! kept by whoever fetched it for as long as he likes.

mod http;

pub use http::routes;
