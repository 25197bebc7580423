//! Rows and their values: whatever a source holds, what is read of it is what a second implementation reads, or an error.
//! Nothing is changed silently.

mod amounts;
mod calendar;
mod csv;
mod digits;
mod json;
mod json_pairs;
mod times;
