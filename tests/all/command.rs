//! The command as people and scripts use it: arguments, files and environment in; exit code, output, failures file and
//! the server's own record out.
#![cfg(test)]

mod amounts;
mod check;
mod credentials;
mod dates;
mod describe;
mod dry_run;
mod examples;
mod exit;
mod failures;
mod help;
mod json;
mod keys;
mod matrix;
mod rows;
mod sandbox;
mod settings;
mod support;
mod values;
