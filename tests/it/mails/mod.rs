//! Messages reach people by mail: over a real socket, to a mail server that behaves as a test wishes.

mod house;
mod letter;
mod links;
mod scene;
mod sending;
mod sink;
mod trouble;
