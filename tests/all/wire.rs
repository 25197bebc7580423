//! What goes over the wire and what comes back: the command against servers that do as they are told.
#![cfg(test)]

mod broken_connections;
mod odd_answers;
mod refusals;
mod requests;
mod retry;
mod secrets;
mod upsert_steps;
