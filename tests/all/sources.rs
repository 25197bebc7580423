//! What comes out of a source: rows as they were written, and for everything else the reason and the cure.
#![cfg(test)]

mod csv;
mod json;
mod limits;
mod opening;
mod random_documents;
