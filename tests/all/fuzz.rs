//! Bytes of others, damaged at random: rows, values, answers, lists, headers, ledgers, sync files, the spec. Whatever comes, nothing
//! panics, overflows, hangs or grows, and what is believed of it could be meant.
//!
//! Every execution has a number, and is made of that number alone: where one fails, its number is printed. The tests that
//! always run are short. The long ones are a million executions each, one target at a time, with optimisation and with
//! the checks of a debug build:
//!
//! ```text
//! cargo test --profile fuzz --test all fuzz::answers -- --ignored --nocapture
//! ```
//!
//! `FUZZ_EXECUTIONS` says how many instead of a million, and `FUZZ_FIRST` the number of the first: `FUZZ_FIRST=4711
//! FUZZ_EXECUTIONS=1` is execution 4711 alone.
#![cfg(test)]

mod answers;
mod executions;
mod headers;
mod ledger_bytes;
mod lists;
mod mutation;
mod raw_json;
mod rows;
mod spec;
mod sync_files;
