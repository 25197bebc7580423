//! The ledger by itself: what it promises about records, files, and the worst moment to be killed.
#![cfg(test)]

mod child;
mod decisions;
mod digests;
mod durability;
mod events;
mod histories;
mod place;
mod reading;
mod records;
mod scopes;
pub(crate) mod support;
