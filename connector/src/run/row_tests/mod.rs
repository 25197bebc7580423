//! Runs the tests of a sync file: rows go the way of a sync up to the request, and what comes out is held against what is
//! expected. No network, no keys, no ledger.

mod columns;
mod difference;
mod lines;
pub mod tested;
