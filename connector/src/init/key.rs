//! Which column tells the records of a source apart.

use super::column::Column;
use super::export::Export;
use super::find::column_of;
use super::lines::MappingLine;
use super::sample::Sample;
use super::yaml::quoted;
use crate::api::ObjectSpec;
use crate::row::plain_key::is_edge;

/// The primary key of a sync file, as it is written, and why.
#[derive(Debug)]
pub(super) struct ChosenKey {
    /// The name of its column.
    pub(super) column: Option<String>,
    pub(super) written: String,
    pub(super) note: String,
}

/// The first column of a recognised export's own that is there; else the first that is unique, those that are called like a
/// key, or feed an identity field, before the others.
pub(super) fn primary_key(
    sample: &Sample,
    export: Option<&Export>,
    object: &ObjectSpec,
    lines: &[MappingLine<'_>],
) -> ChosenKey {
    let named = export.map(|export| export.primary_key.as_slice()).unwrap_or_default();
    if let Some(export) = export.filter(|export| export.is_recognised())
        && let Some(column) = column_of(&sample.columns, &export.primary_key)
    {
        return of(column, sample);
    }
    let called = named.iter().filter_map(|name| column_of(&sample.columns, &[name]));
    let identity = object.identity.iter().filter_map(|identity| {
        lines.iter().find(|line| line.target == identity.field.name && line.is_direct())?.column()
    });
    let rest = sample.columns.iter().filter(|column| !looks_like_a_value(column));
    match called.chain(identity).chain(rest).find(|column| column.is_unique() && sample.rows > 1) {
        Some(column) => of(column, sample),
        None => ChosenKey {
            column: None,
            written: "content".to_owned(),
            note: format!(
                "EDIT? No column is unique in the {}: equal rows are taken for one record. Better is a column that tells \
                 records apart, or a list of columns.",
                rows(sample)
            ),
        },
    }
}

fn of(column: &Column, sample: &Sample) -> ChosenKey {
    let name = quoted(&column.name);
    let blanks = column.cells.iter().any(|cell| cell.starts_with(is_edge) || cell.ends_with(is_edge));
    let written = if blanks { format!("[{{column: {name}, as: trim}}]") } else { name };
    let note = if column.is_unique() {
        format!("What makes two rows the same record: `{}` is unique in the {}.", column.name, rows(sample))
    } else {
        format!(
            "EDIT? What makes two rows the same record. `{}` should be unique, and is not in the {}.",
            column.name,
            rows(sample)
        )
    };
    ChosenKey { column: Some(column.name.clone()), written, note }
}

/// Amounts, dates and labels are unique by accident.
fn looks_like_a_value(column: &Column) -> bool {
    let is_date =
        |cell: &String| cell.contains(['/', ':']) || cell.matches('-').count() == 2 && cell.len() < 20;
    let is_amount = |cell: &String| {
        cell.contains(['.', ',']) && cell.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-'))
    };
    column.cells.iter().any(|cell| is_date(cell) || is_amount(cell) || cell.contains(' '))
}

/// The rows that were read, in words.
pub(super) fn rows(sample: &Sample) -> String {
    match (sample.rows, sample.whole) {
        (rows, true) => format!("{rows} rows of the file"),
        (rows, false) => format!("first {rows} rows"),
    }
}
