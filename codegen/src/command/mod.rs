//! The command behind `cargo spec`.

pub(crate) mod accept;
pub(crate) mod arguments;
pub(crate) mod check;
pub(crate) mod failure;
pub(crate) mod output;
pub(crate) mod schema;
mod snapshots;
