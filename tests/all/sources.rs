//! What a source gives: rows as they were written, and for everything else the reason and what to do.
#![cfg(test)]

mod csv;
mod json;
mod limits;
mod opening;
mod random_documents;
