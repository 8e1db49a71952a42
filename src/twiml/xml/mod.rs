//! How a table of attributes becomes a struct, and a struct XML and back.

mod element;
mod tree;
mod value;
mod writer;

pub(super) use element::{Body, Choice, Element, choice, element, write_all};
pub use tree::Warning;
pub(super) use tree::{Child, Node, Notes, Tree};
pub use value::List;
pub(super) use value::{Read, Value};
pub(super) use writer::{Tag, Xml, is_xml};
