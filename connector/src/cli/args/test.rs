//! The flags of `partnerstack test`, and how its help shows what a test is.

use std::path::PathBuf;

use clap::Args;

/// `partnerstack test`
#[derive(Debug, Args)]
#[command(after_help = "\
A test is a row and what becomes of it. It needs no network, no keys, no ledger and no source:
  tests:
    - name: an invoice is sent in cents
      row: {Number: INV-1, Total: 49.00}
      request: {method: POST, path: /PATH, body: {FIELD: 4900}}
    - name: a row without a number is refused
      row: {Total: 49.00}
      errors: [{field: Number, message: needs a value}]
    - name: voids are left out
      row: {Number: INV-2, Status: void}
      filtered: true

Exit codes:
  0  every test holds
  1  some do not: - is what was expected, + what there is
  2  could not start: the file is wrong, or has no tests")]
pub(crate) struct TestArgs {
    /// The sync file (YAML)
    pub(crate) file: PathBuf,
    /// Print one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}
