//! From the spec as meant to Markdown that people read: an overview, and a page for each object. Like `emit`, it judges
//! nothing and cannot fail.

mod markdown;
mod object;
mod overview;
mod page;
pub(crate) mod pages;
mod sources;
