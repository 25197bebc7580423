//! The way out: what sends, what an answer means, and how fast requests leave.

pub mod answer;
pub mod backoff;
pub mod base_url;
pub mod credentials;
pub mod flights;
pub mod pace;
pub mod proxy;
pub mod transport;
pub mod wire;
