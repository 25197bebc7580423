//! What is private stays so: keys, what rows hold, and the terminal of who looks at it.
#![cfg(test)]

mod digest_key;
mod echoes;
mod key_files;
mod ledger_bytes;
mod proxies;
mod spreadsheets;
mod terminal;
