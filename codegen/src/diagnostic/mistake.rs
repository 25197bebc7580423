//! One mistake: a sentence about a place.

use super::sentence::Sentence;
use crate::text::place::Place;

/// One mistake.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    pub(super) place: Place,
    pub(super) sentence: Sentence,
    pub(super) labels: Vec<(Place, &'static str)>,
}

impl Diagnostic {
    /// A mistake at a place.
    #[must_use]
    pub fn new(place: Place, sentence: Sentence) -> Self {
        Self { place, sentence, labels: Vec::new() }
    }

    /// The same, with a second place that belongs to it.
    #[must_use]
    pub fn with(mut self, place: Place, label: &'static str) -> Self {
        self.labels.push((place, label));
        self
    }

    /// Where it is.
    #[must_use]
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What it says.
    #[must_use]
    pub fn sentence(&self) -> &Sentence {
        &self.sentence
    }
}
