//! The environment: what a variable is, and how all of them are read with every mistake kept.

mod reader;
mod variable;

pub(super) use reader::Env;
pub use reader::Shown;
pub use variable::{Kind, Variable};
