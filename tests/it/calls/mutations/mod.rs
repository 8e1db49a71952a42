//! Mutations: good lines (tests/fixtures/flows) changed in one place, and each change refused with the right rule, at the
//! right place, in words that say what is wrong and how to mend it.
//!
//! | file | what is changed |
//! |---|---|
//! | `good` | nothing: the good lines themselves |
//! | `file` | the configuration: what `check` says of it |
//! | `flow` | the answers: flaws that a sound `decide` cannot have |

mod file;
mod flow;
mod good;
