//! The store of a ledger in an SQLite file. Tables, row numbers, paths and connections are known only here.

mod accounts;
mod columns;
mod digest_key;
mod failure;
mod faults;
mod file;
mod listed;
mod lock;
pub(super) mod paths;
mod records;
mod runs;
mod schema;
pub(super) mod store;
