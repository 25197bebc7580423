//! The command as people and scripts use it: arguments, files and environment in; exit code, output, failures file and
//! the server's own record out.
#![cfg(test)]

mod amounts;
mod bad_days;
mod bad_sources;
mod bounds;
mod check;
mod closed_streams;
mod credentials;
mod dates;
mod derived_keys;
mod describe;
mod dry_run;
mod examples;
mod exit_codes;
mod exports;
mod failures;
mod files;
mod filters;
mod going_live;
mod headers;
mod help;
mod history;
mod init;
mod interrupt;
mod json_line;
mod ledger;
mod lost_ledger;
mod match_on;
mod matrix;
mod new_ledger;
mod no_tables;
mod numeric_keys;
mod odd_files;
mod plain_keys;
mod plans;
mod repeated_keys;
mod required_and_keys;
mod row_tests;
mod sandbox;
mod second_run;
mod settings;
mod signals;
mod to_do;
mod transforms;
mod values;
