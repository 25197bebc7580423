//! Judgement across fields, objects and files, on a spec in which every name within an object is resolved.

mod field;
mod hint;
mod object;
mod reference;
mod source;
pub(crate) mod spec;
mod unique;
