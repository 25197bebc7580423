//! The way out: what sends, what an answer means, and how fast requests leave.

pub mod backoff;
pub mod classify;
pub mod credentials;
pub mod error;
pub mod pace;
mod projection;
pub mod response;
pub mod transport;
