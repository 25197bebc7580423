//! What the command writes to stdout.

use std::io::{self, Write};

use super::failure::Failure;

/// Writes a text as it is.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    io::stdout().write_all(text.as_bytes()).map_err(Failure::Output)
}
