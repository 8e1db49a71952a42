//! Floor 1: environment and file in, typed settings or all mistakes at once out.
//!
//! Nothing here opens a file, a socket or a database: the command line reads the text and hands it in.

pub mod line;
pub mod retention;
