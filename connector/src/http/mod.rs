//! The way out: what sends, what an answer means, and how fast requests leave.

pub mod backoff;
pub mod base_url;
pub mod classify;
pub mod credentials;
pub mod error;
pub mod flights;
pub mod pace;
mod projection;
pub mod response;
pub mod transport;
pub mod wire;
