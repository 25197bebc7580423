//! The columns of the source that the rows of tests stand for.

use crate::config::row_tests::row_test::{RowTest, TestRow};
use crate::config::settings::Settings;
use crate::mapping::columns::Origin;
use crate::row::{Record, Row};
use crate::text::names::plain_name;

/// The columns that the rows have, in the order in which they come, and those that the sync names besides; none where the rows
/// are JSON.
pub(super) fn columns_of(settings: &Settings, tests: &[RowTest]) -> Option<Vec<String>> {
    let mut columns = Vec::new();
    for test in tests {
        let TestRow::Cells(cells) = &test.row else { return None };
        for (name, _) in cells {
            add(&mut columns, name);
        }
    }
    let feeds = settings.mapping.iter().flatten().chain(&settings.additional);
    for feed in feeds {
        match &feed.from {
            Origin::Column(name) => add(&mut columns, name),
            // A template writes names without their blanks.
            Origin::Template(template) => template.names().for_each(|name| {
                if !columns.iter().any(|known| plain_name(known) == plain_name(name)) {
                    add(&mut columns, name);
                }
            }),
            Origin::Constant(_) => {}
        }
    }
    settings.filter.iter().for_each(|condition| add(&mut columns, &condition.column));
    settings.primary_key.value.columns().for_each(|name| add(&mut columns, name));
    Some(columns)
}

fn add(columns: &mut Vec<String>, name: &str) {
    if !columns.iter().any(|known| known == name) {
        columns.push(name.to_owned());
    }
}

/// A test's row as the source would bring it: a cell that it does not have is empty.
pub(super) fn row_of(test: &TestRow, number: u64, columns: Option<&[String]>) -> Row {
    let record = match test {
        TestRow::Object(object) => Record::Object(object.clone()),
        TestRow::Cells(cells) => {
            let cell = |name: &String| {
                cells.iter().find(|(column, _)| column == name).map_or("", |(_, text)| text.as_str())
            };
            Record::Cells(columns.unwrap_or_default().iter().map(cell).collect())
        }
    };
    Row { number, record, entry: None }
}
