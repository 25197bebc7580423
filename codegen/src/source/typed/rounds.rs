//! Reads the tree again and again, until nothing new is learnt.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use super::context::Context;
use super::reader::NodeReader;
use super::session::{Session, Voice};
use crate::diagnostic::report::Diagnostics;
use crate::source::tree::node::Node;
use crate::text::source_text::SourceText;

/// Each of these rounds has learnt of one mistake more: nobody reads the list to its end.
const ROUNDS: usize = 250;

/// Reads the tree as a `T`; what is wrong is added to `found`.
pub(in crate::source) fn read_as<T: DeserializeOwned>(
    source: &SourceText,
    root: &Node,
    found: &mut Diagnostics,
) -> Option<T> {
    let session = Session::new(source);
    let read = || {
        let reader = NodeReader { session: &session, node: Some(root), context: Context::File };
        reader.read(PhantomData::<T>)
    };
    for _ in 0..ROUNDS {
        session.begin(Voice::Silent);
        if read().is_ok() || !session.has_learnt() {
            break;
        }
    }
    session.begin(Voice::Aloud);
    let made = read().ok();
    // A result with placeholders in it is of no use.
    let made = made.filter(|_| !session.lacks_keys());
    found.append(session.finish());
    made
}
