//! What is taken as proof of what became of a create: pure judgements over what lists and clocks show.

use super::plan::MatchDigester;
use crate::ledger::{Digest, FieldDigests};

/// The identity that a create can be found by, with its digest.
pub(crate) fn match_of(matches: &[MatchDigester], digests: &FieldDigests) -> Option<(usize, Digest)> {
    matches.iter().enumerate().find_map(|(place, digester)| Some((place, digests.get(digester.field())?)))
}
