//! The command as people and scripts use it: arguments, files and environment in; exit code, output, failures file and
//! the server's own record out.
#![cfg(test)]

mod again;
mod amounts;
mod check;
mod credentials;
mod dates;
mod derive;
mod describe;
mod dry_run;
mod examples;
mod exit;
mod failures;
mod help;
mod history;
mod interrupt;
mod json;
mod keys;
mod ledger;
mod match_on;
mod matrix;
mod rehearse;
mod rows;
mod sandbox;
mod settings;
mod support;
mod twice;
mod values;
