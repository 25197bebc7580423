//! Reads the tree again and again, until nothing new is learnt.

use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use super::context::Context;
use super::reader::NodeReader;
use super::session::Session;
use crate::diagnostic::report::Diagnostics;
use crate::source::tree::node::Node;
use crate::text::source_text::SourceText;

/// Reads the tree as a `T`; what is wrong is added to `found`.
pub(in crate::source) fn read_as<T: DeserializeOwned>(
    source: &SourceText,
    root: &Node,
    found: &mut Diagnostics,
) -> Option<T> {
    let session = Session::new(source);
    let made = loop {
        session.begin();
        match (NodeReader { session: &session, node: Some(root), context: Context::File })
            .read(PhantomData::<T>)
        {
            Ok(made) => break Some(made),
            // Each round adds to what is known of a finite tree, so this ends.
            Err(_) if session.has_learnt() => {}
            Err(_) => break None,
        }
    };
    // A result with placeholders in it is of no use.
    let made = made.filter(|_| !session.lacks_keys());
    found.append(session.finish());
    made
}
