//! Real instances of the real binary, the database under them, and callers.

mod cluster;
mod days;
mod errand;
mod instance;
mod operators;
mod outages;
mod run;
mod shrink;

use cluster::Cluster;
