//! Compares a row with its record, field by field, as far as the list shows them.

use crate::clock::Clock;
use crate::ledger::{Digest, FieldId, ListedRecord};
use crate::sync::feed::plan::{MatchDigester, PlannedRow};
use crate::sync::shared::context::Context;

/// Creation times are equal if they are no further apart than this, in milliseconds: some servers keep whole seconds.
const SAME_TIME: u64 = 999;

/// Compares rows with records.
pub(crate) struct Comparison {
    /// In the order of the object.
    fields: Vec<ComparedField>,
}

struct ComparedField {
    name: &'static str,
    field: FieldId,
    /// The same as an identity, which is compared as the spec says.
    identity: Option<FieldId>,
    /// It asks for the creation time.
    created: bool,
}

/// How a row compares with a record.
#[derive(Debug, Default)]
pub(crate) struct RowComparison {
    /// The fields in which the record shows another value.
    pub(crate) differing: Vec<&'static str>,
    /// The fields that the row has and the record does not show.
    pub(crate) not_shown: Vec<&'static str>,
}

/// What a record shows of a field.
enum FieldComparison {
    Equal,
    Different,
    NotShown,
}

impl Comparison {
    pub(crate) fn of<T, C: Clock + Copy>(context: &Context<'_, T, C>) -> Self {
        let digester = context.ledger.digester();
        let identity = |name: &str| context.matches.iter().find(|known| known.identity.field.name == name);
        let compared = |name: &'static str| ComparedField {
            name,
            field: digester.field(name).field(),
            identity: identity(name).map(MatchDigester::field),
            created: context.job.object.created_field.is_some_and(|field| field.name == name),
        };
        Self { fields: context.job.object.fields.iter().map(|field| compared(field.name)).collect() }
    }

    /// Compares every field that the row has.
    pub(crate) fn compare(&self, row: &PlannedRow, record: &ListedRecord) -> RowComparison {
        let mut comparison = RowComparison::default();
        for field in &self.fields {
            match field.compare(row, record) {
                None | Some(FieldComparison::Equal) => {}
                Some(FieldComparison::Different) => comparison.differing.push(field.name),
                Some(FieldComparison::NotShown) => comparison.not_shown.push(field.name),
            }
        }
        comparison
    }
}

impl ComparedField {
    /// None where the row has no value for it.
    fn compare(&self, row: &PlannedRow, record: &ListedRecord) -> Option<FieldComparison> {
        if self.created {
            let asked = row.created?;
            return Some(match record.created {
                None => FieldComparison::NotShown,
                Some(created) if created.abs_diff(asked) <= SAME_TIME => FieldComparison::Equal,
                Some(_) => FieldComparison::Different,
            });
        }
        let of_identity = self.identity.and_then(|field| Some((row.create.get(field)?, field)));
        let of_field =
            || Some((row.create.get(self.field).or_else(|| row.update.get(self.field))?, self.field));
        let (value, field) = of_identity.or_else(of_field)?;
        Some(match record.shown.get(field) {
            None => FieldComparison::NotShown,
            Some(Digest::NO_VALUE) => FieldComparison::Different,
            Some(shown) if shown == value => FieldComparison::Equal,
            Some(_) => FieldComparison::Different,
        })
    }
}
