//! The binary `partnerstack`.

use std::process::ExitCode;

fn main() -> ExitCode {
    partnerstack_connector::cli::main()
}
