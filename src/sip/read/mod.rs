//! A message as text: its lines, and the grammar of what stands in them.
//!
//! | file | what |
//! |---|---|
//! | `message` | start line, headers, body |
//! | `text` | lists, parameters and quotes |
//! | `uri` | addresses of things |
//! | `address` | From, To, Contact |
//! | `via` | the way a request came |

mod address;
mod message;
mod text;
mod uri;
mod via;

pub use address::Address;
pub use message::{Message, Start};
pub use uri::Uri;
pub use via::Via;

pub(super) use message::{Broken, UNREADABLE};
pub(super) use text::{list, unquoted};
