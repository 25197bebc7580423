//! What a row holds that no message may show: nothing personal leaves the failures file.

use crate::row::{Record, Row};
use crate::text::printable::printable;
use crate::text::redact::Private;

/// The message with the row's values replaced by their columns' names, safe to show.
pub(crate) fn redact(message: &str, row: &Row, columns: Option<&[String]>) -> String {
    let mut private = Private::default();
    add_row(&mut private, row, columns);
    printable(&private.take_out(message))
}

/// Adds the values of a row, under the names of their columns.
pub(crate) fn add_row(private: &mut Private, row: &Row, columns: Option<&[String]>) {
    match &row.record {
        Record::Cells(cells) => {
            let names =
                columns.unwrap_or_default().iter().map(String::as_str).chain(std::iter::repeat("value"));
            cells.iter().zip(names).for_each(|(cell, name)| private.add_value(cell, name));
        }
        Record::Object(object) => {
            object.iter().for_each(|(name, value)| private.add_values(value, name));
        }
    }
}
