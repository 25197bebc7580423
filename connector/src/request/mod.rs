//! From a row or a payload to its requests.

pub mod path;
pub mod payload;
pub mod prepare;
mod private;
