//! What is known about a tree while it is read.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::context::Context;
use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::diagnostic::sentence::Sentence;
use crate::diagnostic::words::nearest;
use crate::source::tree::node::{Kind, Node};
use crate::text::place::Place;
use crate::text::source_text::SourceText;
use crate::text::span::Span;

/// What is known about the tree while it is read.
pub(super) struct Session<'s> {
    source: &'s SourceText,
    state: RefCell<State<'s>>,
}

/// What a round does with the mistakes for which a placeholder can be used. The words are made once, in the last round.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Voice {
    #[default]
    Silent,
    Aloud,
}

#[derive(Default)]
struct State<'s> {
    voice: Voice,
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
    fn begin(&mut self, voice: Voice) {
        self.voice = voice;
        self.noted = Diagnostics::default();
        self.learnt = false;
    }
}

impl<'s> Session<'s> {
    /// Nothing is known yet.
    pub(super) fn new(source: &'s SourceText) -> Self {
        Self { source, state: RefCell::default() }
    }

    /// Begins a round: what earlier ones have learnt stays.
    pub(super) fn begin(&self, voice: Voice) {
        self.state.borrow_mut().begin(voice);
    }

    /// This round has found something that the next one can do better with.
    pub(super) fn has_learnt(&self) -> bool {
        self.state.borrow().learnt
    }

    /// Keys are missing, so that what was made holds placeholders.
    pub(super) fn lacks_keys(&self) -> bool {
        !self.state.borrow().missing.is_empty()
    }

    /// Notes a mistake after which a placeholder can be used.
    pub(super) fn note(&self, span: Span, sentence: impl FnOnce() -> Sentence) {
        let mut state = self.state.borrow_mut();
        if state.voice == Voice::Aloud {
            state.noted.note(Place::part(self.source, span), sentence());
        }
    }

    /// Notes a mistake for which the node has to be left out in the next round.
    pub(super) fn refuse(&self, id: usize, span: Span, sentence: Sentence) {
        let mut state = self.state.borrow_mut();
        if state.refused.insert(id) {
            state.lasting.note(Place::part(self.source, span), sentence);
            state.learnt = true;
        }
    }

    pub(super) fn is_refused(&self, node: &Node) -> bool {
        self.state.borrow().refused.contains(&node.id)
    }

    /// Remembers that a block lacks a key, so that the next round puts a placeholder there.
    pub(super) fn miss(
        &self,
        block: &'s Node,
        context: Context<'s>,
        known: &'static [&'static str],
        key: &'static str,
    ) {
        let mut state = self.state.borrow_mut();
        let entry =
            state.missing.entry(block.id).or_insert(Missing { block, context, known, keys: Vec::new() });
        if !entry.keys.contains(&key) {
            entry.keys.push(key);
            state.learnt = true;
        }
    }

    /// The keys that earlier rounds have missed in a block.
    pub(super) fn missed(&self, block: &Node) -> Vec<&'static str> {
        self.state.borrow().missing.get(&block.id).map(|missing| missing.keys.clone()).unwrap_or_default()
    }

    pub(super) fn source_text(&self, span: Span) -> &'s str {
        self.source.text().get(span.start..span.end).unwrap_or_default()
    }

    pub(super) fn finish(&self) -> Diagnostics {
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

/// A key is missing only because its value was refused, or because it is misspelt: both are noted already.
fn is_explained(block: &Node, known: &[&str], key: &str) -> bool {
    let Kind::Block(entries) = &block.kind else { return false };
    let is_misspelt =
        |found: &str| !known.contains(&found) && nearest(found, known.iter().copied()) == Some(key);
    entries.iter().any(|(found, _)| found.text == key || is_misspelt(&found.text))
}
