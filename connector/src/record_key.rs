//! Record keys: what makes two rows the same record.

use crate::error::SetupError;
use crate::mapping::RowReader;
use crate::mode::Mode;
use crate::names::near_column;
use crate::row::{Record, Row};
use crate::rules::Faults;
use crate::spec::ObjectSpec;

/// What rows are keyed by, as a user wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum PrimaryKey {
    /// The first identity field that a row has.
    #[default]
    Identity,
    /// Everything that is mapped: equal rows are one record.
    Content,
    /// Columns, and fixed parts between them.
    Parts(Vec<KeyPart>),
}

/// A part of a record key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPart {
    /// The value of a column.
    Column(String),
    /// The same for every row.
    Value(String),
}

/// How the record keys of one sync are made.
#[derive(Debug)]
pub struct KeyRule {
    object: &'static ObjectSpec,
    by: Resolved,
}

#[derive(Debug)]
enum Resolved {
    Identity,
    Content,
    Parts(Vec<(KeyPart, Option<usize>)>),
}

impl KeyRule {
    /// Resolves a primary key against the columns of a source (`None`: JSON) and what the mapping may feed.
    pub fn resolve(
        object: &'static ObjectSpec,
        primary_key: &PrimaryKey,
        columns: Option<&[String]>,
        may_feed: impl Fn(&crate::spec::FieldSpec) -> bool,
    ) -> Result<Self, SetupError> {
        let by = match primary_key {
            PrimaryKey::Content => Resolved::Content,
            PrimaryKey::Identity => {
                let fed = object.identity.iter().any(|identity| may_feed(identity.field));
                // What cannot be changed later must be told apart for certain before it is made.
                if !fed && object.steps(Mode::Update).is_err() {
                    return Err(no_safe_key(object));
                }
                Resolved::Identity
            }
            PrimaryKey::Parts(parts) => Resolved::Parts(
                parts.iter().map(|part| resolve_part(part, columns)).collect::<Result<_, _>>()?,
            ),
        };
        Ok(Self { object, by })
    }

    /// A column of that name is part of the primary key.
    #[must_use]
    pub fn uses(&self, name: &str) -> bool {
        let is_it =
            |(part, _): &(KeyPart, Option<usize>)| matches!(part, KeyPart::Column(column) if column == name);
        matches!(&self.by, Resolved::Parts(parts) if parts.iter().any(is_it))
    }

    /// The record key of a row, as people would name it. Notes what is missing.
    pub fn key(&self, row: &Row, reader: &RowReader<'_>, faults: &mut Faults) -> Option<String> {
        match &self.by {
            Resolved::Content => None,
            Resolved::Identity => {
                self.object.identity.iter().find_map(|identity| reader.text(identity.field))
            }
            Resolved::Parts(parts) => {
                let mut values = Vec::with_capacity(parts.len());
                for (part, column) in parts {
                    values.push(match part {
                        KeyPart::Value(value) => Some(value.clone()),
                        KeyPart::Column(name) => {
                            let value = cell_text(row, name, *column);
                            if value.is_none() {
                                faults.note(
                                    name,
                                    "required",
                                    "is part of the primary key: it needs a value in every row",
                                );
                            }
                            value
                        }
                    });
                }
                values.into_iter().collect::<Option<Vec<_>>>().map(|values| values.join("/"))
            }
        }
    }
}

fn no_safe_key(object: &ObjectSpec) -> SetupError {
    let identity: Vec<&str> = object.identity.iter().map(|identity| identity.field.name).collect();
    SetupError::new(format!(
        "nothing tells one of the {} from another, and what is sent twice cannot be taken back",
        object.name
    ))
    .help(format_args!(
        "name the column that does: --primary-key COLUMN (primary_key: COLUMN in a sync file), or map {}; \
         if equal rows are always one record, say --primary-key content",
        identity.join(" or ")
    ))
}

fn resolve_part(part: &KeyPart, columns: Option<&[String]>) -> Result<(KeyPart, Option<usize>), SetupError> {
    let (KeyPart::Column(name), Some(columns)) = (part, columns) else { return Ok((part.clone(), None)) };
    let position = columns.iter().position(|column| column == name).ok_or_else(|| {
        SetupError::new(format!("the primary key names the column `{name}`, which the source does not have"))
            .help(near_column(name, columns))
    })?;
    Ok((part.clone(), Some(position)))
}

fn cell_text(row: &Row, name: &str, position: Option<usize>) -> Option<String> {
    let cell = match &row.record {
        Record::Cells(cells) => crate::value::Cell::from_text(cells.get(position?)?)?,
        Record::Object(object) => crate::value::Cell::from_json(object.get(name)?)?,
    };
    cell.as_text().map(std::borrow::Cow::into_owned).filter(|text| !text.is_empty())
}
