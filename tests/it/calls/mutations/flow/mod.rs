//! The answers, with flaws that a sound `decide` cannot have.
//!
//! | file | flaws |
//! |---|---|
//! | `flaw` | how one is planted, and how it must be found |
//! | `consent` | voices that are captured without leave |
//! | `ends` | callers who are left in silence |
//! | `rounds` | ways round that nobody asked for |
//! | `screens` | calls that a mailbox swallows |
//! | `documents` | what the carrier would not follow, or would follow elsewhere |

mod consent;
mod documents;
mod ends;
mod flaw;
mod rounds;
mod screens;
