//! From the tree of a file to a `T`, with every mistake at once.
//!
//! serde stops at the first error. So a value of the wrong kind is noted and a stand-in is handed on, and where only
//! serde knows that something is wrong (a key is missing, a visitor refuses a value), what was learnt is kept and the
//! tree is read again.

mod access;
mod fault;
mod value;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;

use serde::de::DeserializeOwned;

use self::value::{Context, Value};
use super::{Key, Kind, Node};
use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::diagnostic::sentence::Sentence;
use crate::diagnostic::words::nearest;
use crate::text::place::Place;
use crate::text::source_text::SourceText;
use crate::text::span::Span;

/// Reads the tree as a `T`; what is wrong is added to `found`.
pub(super) fn parse<T: DeserializeOwned>(
    source: &SourceText,
    root: &Node,
    found: &mut Diagnostics,
) -> Option<T> {
    let session = Session { source, state: RefCell::default() };
    let made = loop {
        session.state.borrow_mut().begin();
        match (Value { session: &session, node: Some(root), context: Context::File }).read(PhantomData::<T>) {
            Ok(made) => break Some(made),
            // Each round adds to what is known of a finite tree, so this ends.
            Err(_) if session.state.borrow().learnt => {}
            Err(_) => break None,
        }
    };
    // What holds stand-ins is no spec.
    let made = made.filter(|_| session.state.borrow().missing.is_empty());
    found.append(session.finish());
    made
}

/// What is known about the tree while it is read.
struct Session<'s> {
    source: &'s SourceText,
    state: RefCell<State<'s>>,
}

#[derive(Default)]
struct State<'s> {
    /// What this round has noted, and what earlier rounds had to stop for.
    noted: Diagnostics,
    lasting: Diagnostics,
    /// Nodes that no visitor takes: they are left out.
    refused: BTreeSet<usize>,
    /// By the node of a block: the keys that it lacks.
    missing: BTreeMap<usize, Missing<'s>>,
    /// This round has found something that the next one can do better with.
    learnt: bool,
}

struct Missing<'s> {
    block: &'s Node,
    context: Context<'s>,
    known: &'static [&'static str],
    keys: Vec<&'static str>,
}

impl State<'_> {
    fn begin(&mut self) {
        self.noted = Diagnostics::default();
        self.learnt = false;
    }
}

impl<'s> Session<'s> {
    /// Notes a mistake that a stand-in gets over.
    fn note(&self, span: Span, sentence: Sentence) {
        self.state.borrow_mut().noted.note(Place::part(self.source, span), sentence);
    }

    /// Notes a mistake that nothing gets over but leaving out the node.
    fn refuse(&self, id: usize, span: Span, sentence: Sentence) {
        let mut state = self.state.borrow_mut();
        if state.refused.insert(id) {
            state.lasting.note(Place::part(self.source, span), sentence);
            state.learnt = true;
        }
    }

    fn is_refused(&self, node: &Node) -> bool {
        self.state.borrow().refused.contains(&node.id)
    }

    /// Remembers that a block lacks a key, so that the next round puts a stand-in there.
    fn miss(&self, block: &'s Node, context: Context<'s>, known: &'static [&'static str], key: &'static str) {
        let mut state = self.state.borrow_mut();
        let entry =
            state.missing.entry(block.id).or_insert(Missing { block, context, known, keys: Vec::new() });
        if !entry.keys.contains(&key) {
            entry.keys.push(key);
            state.learnt = true;
        }
    }

    /// The keys that earlier rounds have missed in a block.
    fn missed(&self, block: &Node) -> Vec<&'static str> {
        self.state.borrow().missing.get(&block.id).map(|missing| missing.keys.clone()).unwrap_or_default()
    }

    fn source_text(&self, span: Span) -> &'s str {
        self.source.text().get(span.start..span.end).unwrap_or_default()
    }

    fn finish(&self) -> Diagnostics {
        let State { noted: mut found, lasting, missing, .. } = self.state.take();
        found.append(lasting);
        for Missing { block, context, known, keys } in missing.into_values() {
            let keys: Vec<&str> = keys.into_iter().filter(|key| !is_explained(block, known, key)).collect();
            if !keys.is_empty() {
                found.note(
                    Place::part(self.source, block.span),
                    sentence::missing_keys(&context.block(), &keys),
                );
            }
        }
        found
    }
}

/// A key is missing only because its value was refused, or because it is misspelt: both are said already.
fn is_explained(block: &Node, known: &[&str], key: &str) -> bool {
    let Kind::Block(entries) = &block.kind else { return false };
    let is_misspelt =
        |found: &str| !known.contains(&found) && nearest(found, known.iter().copied()) == Some(key);
    entries.iter().any(|(found, _)| found.text == key || is_misspelt(&found.text))
}
