//! The store of a ledger in an SQLite file. Tables, row numbers, paths and connections are known only here.

mod columns;
mod digest_key;
mod failure;
mod file;
mod listed;
mod lock;
pub(super) mod paths;
mod schema;
pub(super) mod store;
mod tables;
