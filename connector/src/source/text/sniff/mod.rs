//! What the first bytes of a source tell: its format, or what it is instead of a table.

pub(super) mod format;
pub(super) mod kinds;
mod layout;
