//! What a row says, as a digest: the same text is the same fault, in whichever run.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::ledger::{Digester, FaultId};
use crate::row::{Record, Row};
use crate::source::Unreadable;
use crate::sync::setup::job::Job;

/// Digests what rows say: the names and values of all that the sync looks at.
#[derive(Clone)]
pub(crate) struct RowTexts {
    digester: Digester,
    /// The columns of a CSV source that are looked at.
    columns: Vec<(usize, String)>,
}

impl RowTexts {
    /// Those of a job.
    pub(crate) fn of(job: &Job, digester: &Digester) -> Self {
        let named = || job.columns.iter().flatten().enumerate().filter(|(_, name)| !name.is_empty());
        let unmapped: HashSet<&String> = job.mapping.unmapped().iter().collect();
        let is_used = |name: &String| job.uses(name) || !unmapped.contains(name);
        let used = named().filter(|(_, name)| is_used(name));
        let mut columns: Vec<(usize, String)> = used.map(|(at, name)| (at, name.clone())).collect();
        if columns.is_empty() {
            // What looks at nothing would take all rows for one.
            columns = named().map(|(at, name)| (at, name.clone())).collect();
        }
        Self { digester: digester.clone(), columns }
    }

    /// The id of a row as one that did not arrive. An entry of a failures file keeps the id that it has.
    pub(crate) fn id(&self, job: &Job, row: &Row) -> FaultId {
        entry_of(row).unwrap_or_else(|| match &row.record {
            Record::Cells(cells) => {
                let parts = self.columns.iter().filter_map(|(position, name)| {
                    let cell = cells.get(*position).filter(|cell| !cell.is_empty())?;
                    Some([name.as_str(), cell])
                });
                self.digester.row(parts.flatten())
            }
            Record::Object(object) => {
                let looks = object.keys().any(|name| job.uses(name));
                let mut parts: Vec<(&str, Cow<'_, str>)> = object
                    .iter()
                    .filter(|(name, value)| !value.is_null() && (!looks || job.uses(name)))
                    .map(|(name, value)| {
                        let text = value.as_str().map_or_else(|| value.to_string().into(), Cow::Borrowed);
                        (name.as_str(), text)
                    })
                    .collect();
                parts.sort_unstable();
                self.digester.row(parts.iter().flat_map(|(name, text)| [*name, text]))
            }
        })
    }

    /// The id of a record that could not be read: nothing but its place and the reason is known of it.
    pub(crate) fn of_unreadable(&self, unreadable: &Unreadable) -> FaultId {
        let number = unreadable.number.to_string();
        let entry = unreadable.entry.as_deref().and_then(|entry| entry.parse().ok());
        entry.unwrap_or_else(|| {
            self.digester.row(["", unreadable.rule, &number, &unreadable.message].into_iter())
        })
    }
}

/// The entry of a failures file that a row is.
pub(crate) fn entry_of(row: &Row) -> Option<FaultId> {
    row.entry.as_deref()?.parse().ok()
}
