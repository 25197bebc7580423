//! Which column is meant by a name, and which export a header is one of.

use super::column::Column;
use super::export::Export;

/// A name without all that labels, headers and field names write differently: `E-mail address` is `emailaddress`.
pub(super) fn label(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The column of the first of these names that has one. Of two columns with one label neither is meant.
pub(super) fn column_of<'c>(columns: &'c [Column], names: &[impl AsRef<str>]) -> Option<&'c Column> {
    names.iter().find_map(|name| column_named(columns, name.as_ref()))
}

fn column_named<'c>(columns: &'c [Column], name: &str) -> Option<&'c Column> {
    let wanted = label(name);
    let mut exact = columns.iter().filter(|column| column.name == name);
    if let (Some(column), None) = (exact.next(), exact.next()) {
        return Some(column);
    }
    let mut alike = columns.iter().filter(|column| label(&column.name) == wanted);
    match (alike.next(), alike.next()) {
        (Some(column), None) => Some(column),
        _ => None,
    }
}

/// The export that has such a header: of several the one of which most columns are there.
pub(super) fn recognised<'e>(exports: &'e [Export], columns: &[Column]) -> Option<&'e Export> {
    let has = |name: &String| column_named(columns, name).is_some();
    let is_it = |export: &&Export| export.headers.iter().any(|header| header.iter().all(has));
    let known = |export: &&Export| {
        let headers =
            export.headers.iter().map(|header| if header.iter().all(has) { header.len() } else { 0 });
        let mapped = export.mapping.iter().filter(|wanted| column_of(columns, &wanted.columns).is_some());
        (mapped.count(), headers.max())
    };
    exports.iter().filter(is_it).max_by_key(known)
}

/// The columns whose names are like that of a field, the nearest first.
pub(super) fn candidates<'c>(columns: &'c [Column], name: &str) -> Vec<&'c str> {
    let wanted = label(name);
    let words: Vec<&str> = name.split('_').filter(|word| word.len() > 3).collect();
    let mut scored: Vec<(f64, &str)> = columns
        .iter()
        .map(|column| {
            let own = label(&column.name);
            let shared = words.iter().filter(|word| own.contains(**word)).count();
            #[expect(clippy::cast_precision_loss, reason = "a name has few words")]
            let score = strsim::normalized_damerau_levenshtein(&own, &wanted) + shared as f64 * 0.3;
            (score, column.name.as_str())
        })
        .filter(|(score, _)| *score > 0.45)
        .collect();
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    scored.into_iter().take(4).map(|(_, name)| name).collect()
}

/// The one column whose name differs from one of these by a slip of the pen.
pub(super) fn slip<'c>(columns: &'c [Column], names: &[impl AsRef<str>]) -> Option<&'c Column> {
    let wanted: Vec<String> = names.iter().map(|name| label(name.as_ref())).collect();
    let near = |column: &&Column| {
        let own = label(&column.name);
        own.len() > 4 && wanted.iter().any(|wanted| strsim::damerau_levenshtein(&own, wanted) == 1)
    };
    let mut found = columns.iter().filter(near);
    match (found.next(), found.next()) {
        (Some(column), None) => Some(column),
        _ => None,
    }
}
