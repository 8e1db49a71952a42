//! Hours: every quarter of an hour of a year against another calendar library, and how the file says them.

mod file;
mod year;
