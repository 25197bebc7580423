//! What comes back, and what it means.

pub mod classify;
pub mod error;
pub mod headers;
pub(in crate::http) mod projection;
pub mod response;
pub mod server_time;
