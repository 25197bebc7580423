//! From a source to a sync file for it: what its columns are called and hold tells what they feed.
//!
//! What other systems call their columns is data, in `connector/exports`: one file for each export that is recognised by its
//! header, and one for each object, for sources that are not. Nothing is asked: what only the user can know is marked in the
//! file that is written.

mod casts;
mod column;
mod draft;
mod export;
mod find;
mod key;
mod lines;
mod sample;
mod text;
mod yaml;

pub use self::draft::{Draft, draft};
pub use self::export::{Export, exports, schema};
