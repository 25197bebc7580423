//! What is taken as proof of what became of a create: pure judgements over what lists and clocks show.

use crate::ledger::{Digest, FieldDigests};
use crate::sync::feed::plan::MatchDigester;

/// The identity that a create can be found by, with its digest.
pub(crate) fn match_of(matches: &[MatchDigester], digests: &FieldDigests) -> Option<(usize, Digest)> {
    matches.iter().enumerate().find_map(|(place, digester)| Some((place, digests.get(digester.field())?)))
}
