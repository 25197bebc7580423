//! What goes over the wire and what comes back: the command against servers that do as they are told.
#![cfg(test)]

mod answers;
mod bench;
mod broken;
mod operations;
mod raw;
mod refusals;
mod retry;
mod secrets;
mod support;
mod upsert;
