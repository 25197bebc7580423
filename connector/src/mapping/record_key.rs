//! Record keys: what makes two rows, in one run or in two, the same record.

use std::borrow::Cow;

use icu_normalizer::ComposingNormalizerBorrowed;

use super::columns::Mapping;
use super::row_reader::RowReader;
use super::source_column::property;
use crate::api::mode::Mode;
use crate::api::{Compare, FieldSpec, ObjectSpec};
use crate::error::SetupError;
use crate::row::fault::{Fault, FieldError};
use crate::row::plain_key;
use crate::row::value::Cell;
use crate::row::{Record, Row};
use crate::text::names::near_column;

/// The kind of the keys that are made of the whole content of a row.
pub const CONTENT_KIND: &str = "content";

/// What derived keys begin with, and nothing else does.
pub const DERIVED: &str = "ps1_";
/// In how many ways a key is taken apart at its slashes.
const MOST_WAYS: usize = 1 << 10;

/// The lists of parts that a person may mean by a key as it is shown: a part can have a slash itself.
#[must_use]
pub fn key_parts(shown: &str) -> Vec<Vec<String>> {
    let mut ways: Vec<Vec<String>> = vec![Vec::new()];
    for piece in shown.split('/') {
        let mut next = Vec::with_capacity(ways.len() * 2);
        for way in ways {
            if let Some((last, before)) = way.split_last() {
                next.push(before.iter().cloned().chain([format!("{last}/{piece}")]).collect());
            }
            if next.len() < MOST_WAYS {
                next.push(way.into_iter().chain([piece.to_owned()]).collect());
            }
        }
        ways = next;
        ways.truncate(MOST_WAYS);
    }
    ways
}

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

/// The primary key that stands for equal rows being one record.
const CONTENT: &str = "content";

impl PrimaryKey {
    /// The columns of these names; `content` alone is no column: equal rows are one record.
    #[must_use]
    pub fn of_columns(columns: &[&str]) -> Self {
        match columns {
            [CONTENT] => Self::Content,
            columns => Self::Parts(columns.iter().map(|&name| KeyPart::Column(name.to_owned())).collect()),
        }
    }
}

/// A part of a record key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyPart {
    /// The value of a column.
    Column(String),
    /// The value of a column, without blanks and nothing invisible at either end.
    Trimmed(String),
    /// The same for every row.
    Value(String),
}

impl KeyPart {
    /// The name of its column.
    fn column(&self) -> Option<&str> {
        match self {
            Self::Column(name) | Self::Trimmed(name) => Some(name),
            Self::Value(_) => None,
        }
    }
}

/// The record key of one row.
pub struct RecordKey<'r> {
    /// What it is made of: the identity field, the columns, or the content.
    pub kind: &'r str,
    /// The values, in the order of the kind.
    pub parts: Vec<Cow<'r, str>>,
    /// It is made of identity fields, of columns that feed fields or of everything, so it may be personal data.
    pub personal: bool,
}

impl RecordKey<'_> {
    /// The key as people name it.
    #[must_use]
    pub fn shown(&self) -> String {
        self.parts.join("/")
    }

    /// The same, where the key itself is no longer needed.
    pub(crate) fn into_shown(mut self) -> String {
        match self.parts.len() {
            1 => self.parts.pop().unwrap_or_default().into_owned(),
            _ => self.shown(),
        }
    }

    /// The value of a field that is derived from the key: the same in every run, on every machine, without a ledger.
    ///
    /// What was sent must be found again, so the algorithm is never changed: a new one gets another prefix.
    #[must_use]
    pub fn derived(&self, account: &str, object: &str) -> String {
        let mut hasher = blake3::Hasher::new_derive_key("partnerstack derived key, version 1");
        for part in [account, object, self.kind].into_iter().chain(self.parts.iter().map(AsRef::as_ref)) {
            // The length in front keeps `ab, c` from being `a, bc`.
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        }
        let hex = hasher.finalize().to_hex();
        format!("{DERIVED}{}", hex.get(..32).unwrap_or(&hex))
    }
}

/// How the record keys of one sync are made.
#[derive(Debug)]
pub struct KeyRule {
    object: &'static ObjectSpec,
    by: By,
}

#[derive(Debug)]
enum By {
    /// The identity fields, each with the kind of key that it makes.
    Identity(Vec<String>),
    Content,
    Parts {
        kind: String,
        parts: Vec<(KeyPart, Option<usize>)>,
        /// Some of the columns feed fields.
        personal: bool,
    },
}

impl KeyRule {
    /// Resolves a primary key against the columns of a source (`None`: JSON) and the mapping.
    pub fn resolve(
        primary_key: &PrimaryKey,
        columns: Option<&[String]>,
        mapping: &Mapping,
    ) -> Result<Self, SetupError> {
        let object = mapping.object();
        let by = match primary_key {
            PrimaryKey::Content => By::Content,
            PrimaryKey::Identity => {
                let fed = object.identity.iter().any(|identity| mapping.may_feed(identity.field));
                // A record that cannot be changed later needs a certain key before it is created.
                if !fed && object.steps(Mode::Update).is_err() {
                    return Err(no_safe_key(object));
                }
                By::Identity(object.identity.iter().map(|identity| identity_kind(identity.field)).collect())
            }
            PrimaryKey::Parts(parts) => By::Parts {
                kind: kind_of(parts),
                parts: parts.iter().map(|part| resolve_part(part, columns)).collect::<Result<_, _>>()?,
                personal: parts.iter().any(|part| is_personal(part, columns, mapping)),
            },
        };
        Ok(Self { object, by })
    }

    /// A column of that name is part of the primary key.
    #[must_use]
    pub fn uses(&self, name: &str) -> bool {
        let is_it = |(part, _): &(KeyPart, Option<usize>)| part.column() == Some(name);
        matches!(&self.by, By::Parts { parts, .. } if parts.iter().any(is_it))
    }

    /// The columns that are part of the primary key.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        let parts = match &self.by {
            By::Parts { parts, .. } => parts.as_slice(),
            _ => &[],
        };
        parts.iter().filter_map(|(part, _)| match part {
            KeyPart::Column(name) | KeyPart::Trimmed(name) => Some(name.as_str()),
            KeyPart::Value(_) => None,
        })
    }

    /// What rows are keyed by, as the ledger remembers it. Which identity field a row has is no change.
    #[must_use]
    pub fn keyed_by(&self) -> &str {
        match &self.by {
            By::Identity(_) => "identity",
            By::Content => CONTENT_KIND,
            By::Parts { kind, .. } => kind,
        }
    }

    /// Some of the rows may have a record key, besides what addresses the record.
    pub(crate) fn can_be_made(&self, fed: impl Fn(&FieldSpec) -> bool) -> bool {
        matches!(self.by, By::Parts { .. }) || self.object.identity.iter().any(|identity| fed(identity.field))
    }

    /// Rows are keyed by all that they hold, so all of it has to be read first.
    #[must_use]
    pub fn by_content(&self) -> bool {
        matches!(self.by, By::Content)
    }

    /// The record key of a row; notes what is missing. `content` is what the row holds, where keys are made of that.
    pub fn key<'r>(
        &'r self,
        row: &'r Row,
        reader: &mut RowReader<'r>,
        content: Cow<'r, str>,
    ) -> Option<RecordKey<'r>> {
        match &self.by {
            By::Content => Some(RecordKey { kind: CONTENT_KIND, parts: vec![content], personal: true }),
            By::Identity(kinds) => self.identity(kinds, reader),
            By::Parts { kind, parts, personal } => {
                let parts = parts
                    .iter()
                    .map(|(part, column)| part_of(row, part, *column, reader))
                    .collect::<Vec<_>>();
                let parts = parts.into_iter().collect::<Option<Vec<_>>>()?;
                // A column that feeds nothing may hold addresses all the same.
                let personal = *personal || parts.iter().any(|part| part.contains('@'));
                Some(RecordKey { kind, parts, personal })
            }
        }
    }

    /// What a row needs that has no identity at all.
    pub(crate) fn missing(&self) -> FieldError {
        let names: Vec<&str> = self.object.identity.iter().map(|identity| identity.field.name).collect();
        let field = names.first().copied().unwrap_or_default().to_owned();
        let message =
            format!("tells the record from others: the row needs a value for {}", names.join(" or "));
        FieldError { field, rule: "required", message, found: None }
    }

    fn identity<'r>(&self, kinds: &'r [String], reader: &RowReader<'r>) -> Option<RecordKey<'r>> {
        for (identity, kind) in self.object.identity.iter().zip(kinds) {
            if let Some(text) = reader.text(identity.field) {
                let parts = vec![comparable(text, identity.compare)];
                return Some(RecordKey { kind, parts, personal: true });
            }
        }
        None
    }
}

/// The kind of the key that an identity field makes.
#[must_use]
pub fn identity_kind(field: &FieldSpec) -> String {
    format!("identity:{}", field.name)
}

/// An identity value as it is compared: one text, however its accents are written (Unicode's form NFC).
#[must_use]
pub fn comparable<'t>(text: impl Into<Cow<'t, str>>, compare: Compare) -> Cow<'t, str> {
    let text = composed(text.into());
    match compare {
        Compare::Exact => text,
        Compare::IgnoreCase if text.bytes().all(|byte| byte.is_ascii() && !byte.is_ascii_uppercase()) => text,
        Compare::IgnoreCase => Cow::Owned(text.to_lowercase()),
    }
}

/// A text in Unicode's form NFC.
fn composed(text: Cow<'_, str>) -> Cow<'_, str> {
    const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();
    if text.is_ascii() {
        return text;
    }
    match NFC.normalize(&text) {
        Cow::Borrowed(same) if same.len() == text.len() => text,
        composed => Cow::Owned(composed.into_owned()),
    }
}

fn kind_of(parts: &[KeyPart]) -> String {
    let names: Vec<String> = parts
        .iter()
        .map(|part| match part {
            KeyPart::Column(name) | KeyPart::Trimmed(name) => name.clone(),
            // As JSON: record keys are made of it, and how Rust shows a text may change.
            KeyPart::Value(value) => serde_json::Value::from(value.as_str()).to_string(),
        })
        .collect();
    format!("columns:{}", names.join(","))
}

fn part_of<'r>(
    row: &'r Row,
    part: &'r KeyPart,
    column: Option<usize>,
    reader: &mut RowReader<'_>,
) -> Option<Cow<'r, str>> {
    match part {
        KeyPart::Value(value) => Some(Cow::Borrowed(value)),
        KeyPart::Column(name) | KeyPart::Trimmed(name) => {
            let trims = matches!(part, KeyPart::Trimmed(_));
            let value = key_cell(row, name, column).map(|cell| if trims { cell.trimmed() } else { cell });
            let Some(value) = value.and_then(|cell| reader.present(cell)) else {
                reader.faults.note(
                    name,
                    "required",
                    "is part of the primary key: it needs a value in every row",
                );
                return None;
            };
            plain_text(value, name).map_err(|fault| reader.faults.add(name, fault)).ok()
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

/// A column that feeds a field says something of the record: who it is about, what it is called.
fn is_personal(part: &KeyPart, columns: Option<&[String]>, mapping: &Mapping) -> bool {
    match (part.column(), columns) {
        (None, _) => false,
        (Some(name), Some(_)) => !mapping.unmapped().iter().any(|column| column == name),
        (Some(name), None) => mapping.knows(name),
    }
}

fn resolve_part(part: &KeyPart, columns: Option<&[String]>) -> Result<(KeyPart, Option<usize>), SetupError> {
    let (Some(name), Some(columns)) = (part.column(), columns) else { return Ok((part.clone(), None)) };
    let position = columns.iter().position(|column| column == name).ok_or_else(|| {
        SetupError::new(format!("the primary key names the column `{name}`, which the source does not have"))
            .help(near_column(name, columns))
    })?;
    Ok((part.clone(), Some(position)))
}

/// The text or the number of a column.
fn key_cell<'r>(row: &'r Row, name: &str, position: Option<usize>) -> Option<Cell<'r>> {
    let cell = match &row.record {
        Record::Cells(cells) => Cell::from_text(cells.get(position?)?)?,
        Record::Object(object) => Cell::from_json(property(object, name)?)?,
    };
    cell.as_text().is_some().then_some(cell)
}

/// The text of a key, if it can be one.
fn plain_text<'r>(cell: Cell<'r>, name: &str) -> Result<Cow<'r, str>, Fault> {
    let is_number = matches!(cell, Cell::Json(_));
    let text = cell.into_text().unwrap_or_default();
    if is_number && !text.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit()) {
        let message =
            "is part of the primary key, and a number that is not whole: write it in quotes, digit for digit";
        return Err(Fault::new("key", message).of(&text));
    }
    let trim = || format!("write it in a sync file as `primary_key: [{{column: {name}, as: trim}}]`");
    plain_key::judge(&text, trim)?;
    // One key, however its accents are written.
    Ok(composed(text))
}
