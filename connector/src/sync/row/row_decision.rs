//! What to do with a row, given what is known of its record.

use std::borrow::Cow;

use crate::api::OperationName;
use crate::clock::Clock;
use crate::ledger::{Decision, Entry, FieldDigests, RowFacts, decide};
use crate::sync::feed::plan::PlannedRow;
use crate::sync::shared::context::Context;

/// What to do with a row now.
pub(crate) fn decide_row<T, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    item: &PlannedRow,
    entry: Option<&Entry>,
) -> Decision {
    // Of a record that is not known to exist there is nothing to compare.
    let known = entry.filter(|entry| entry.exists_since.is_some());
    let updatable = context.updatable.as_deref();
    let mapped = known.map_or_else(Cow::default, |entry| comparable(context, item, entry));
    let facts = RowFacts {
        mapped: &mapped,
        updatable,
        creates: context.job.steps().iter().any(|step| step.operation.name == OperationName::Create),
        has_key: item.request(OperationName::Update).is_some_and(|request| request.addressed),
        full: context.job.limits.full,
    };
    decide(entry, &facts)
}

/// What of a row is compared with what is known. Fields that this mode cannot write count where they are known:
/// where they are not, there is nothing that they could differ from. What a lookup finds a create by is no field: an update
/// that changed the field of the same value has left it as it was.
fn comparable<'i, T, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    item: &'i PlannedRow,
    entry: &Entry,
) -> Cow<'i, FieldDigests> {
    if context.updatable.is_none() {
        return Cow::Borrowed(&item.create);
    }
    let known = |field| {
        entry.known(field).is_some() && !context.matches.iter().any(|digester| digester.field() == field)
    };
    let fixed = item.create.iter().filter(|(field, _)| item.update.get(*field).is_none() && known(*field));
    Cow::Owned(fixed.chain(item.update.iter()).collect())
}
