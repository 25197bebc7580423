//! The sync file: what its keys mean, with the place of every mistake.

mod keys;

use std::path::{Path, PathBuf};

use partnerstack_codegen::Report;
use partnerstack_codegen::source::{Cursor, Document, decode, parse};
use partnerstack_codegen::text::Place;
use serde_json::Value;

use self::keys::{CastKey, FeedKey, FeedKeys, LimitKey, PartKey, PrimaryKeyKey};
pub(super) use self::keys::{Keys, OnChangeKey};
use crate::api::ObjectSpec;
use crate::error::SetupError;
use crate::mapping::cast::{Cast, Decimal, check_format};
use crate::mapping::columns::{Feed, Origin};
use crate::mapping::record_key::{KeyPart, PrimaryKey};
use crate::report::failure_limit::FailureLimit;

/// The primary key that stands for equal rows being one record.
pub(super) const CONTENT: &str = "content";

/// A sync file with its places.
#[derive(Default)]
pub(super) struct SyncFile {
    pub(super) keys: Keys,
    document: Option<Document>,
}

impl SyncFile {
    /// Reads a sync file, and says in which folder it is.
    pub(super) fn read(path: &Path) -> Result<(Self, PathBuf), SetupError> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| {
            SetupError::new(format!("the sync file `{name}` cannot be read: {error}"))
                .help("name a YAML file with `object`, `mode` and `source`, or say them as flags")
        })?;
        let read = decode(&name, &bytes).and_then(|source| parse::<Keys>(&source));
        let (keys, document) = read.map_err(|report| wrong_file(&report, &bytes))?;
        let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
        Ok((Self { keys, document: Some(document) }, folder))
    }

    /// Where the value of a key is written, to begin a message with.
    pub(super) fn place(&self, key: &str) -> String {
        self.document.as_ref().map(|document| place_of(document.cursor().key(key))).unwrap_or_default()
    }

    pub(super) fn mapping(&self, object: &ObjectSpec) -> Result<Option<Vec<Feed>>, SetupError> {
        let (Some(mapping), Some(document)) = (&self.keys.mapping, &self.document) else { return Ok(None) };
        let feed = |(target, feed): (&String, &FeedKey)| {
            let cursor = document.cursor().key("mapping").key(target);
            // A faulty target is shown by its key, everything else by what is written for it.
            let place = place_at(cursor.key_place().path(), cursor.key_place().line_and_column());
            feed.resolve(target, place, object)
        };
        mapping.iter().map(feed).collect::<Result<Vec<_>, _>>().map(Some)
    }

    pub(super) fn primary_key(&self) -> Result<PrimaryKey, SetupError> {
        let place = self.place("primary_key");
        let part = |part: &PartKey| match part {
            PartKey::Column(name) => Ok(KeyPart::Column(name.clone())),
            PartKey::Fixed(keys) => match &keys.value {
                Some(Value::String(text)) => Ok(KeyPart::Value(text.clone())),
                Some(Value::Number(number)) => Ok(KeyPart::Value(number.to_string())),
                _ => Err(SetupError::new("a fixed part of a primary key is a text")
                    .at(&place)
                    .help("write {value: stripe}")),
            },
        };
        match &self.keys.primary_key {
            None => Ok(PrimaryKey::Identity),
            Some(PrimaryKeyKey::Column(only)) if only == CONTENT => Ok(PrimaryKey::Content),
            Some(PrimaryKeyKey::Column(only)) => Ok(PrimaryKey::Parts(vec![KeyPart::Column(only.clone())])),
            Some(PrimaryKeyKey::Parts(parts)) => {
                let parts = parts.iter().map(part).collect::<Result<Vec<_>, _>>()?;
                if !parts.iter().any(|part| matches!(part, KeyPart::Column(_))) {
                    return Err(SetupError::new("the primary key names no column")
                        .at(&place)
                        .help("without one, all rows would be one record"));
                }
                Ok(PrimaryKey::Parts(parts))
            }
        }
    }

    pub(super) fn limit(
        &self,
        key: &str,
        limit: Option<&LimitKey>,
    ) -> Result<Option<FailureLimit>, SetupError> {
        let text = match limit {
            None => return Ok(None),
            Some(LimitKey::Rows(rows)) => return Ok(Some(FailureLimit::Rows(*rows))),
            Some(LimitKey::Text(text)) => text,
        };
        text.parse().map(Some).map_err(|help| {
            SetupError::new(format!("`{key}` is not a limit")).at(&self.place(key)).help(help)
        })
    }
}

/// What is wrong with a sync file, each mistake under its line; without the lines where one may hold a secret.
fn wrong_file(report: &Report, bytes: &[u8]) -> SetupError {
    if may_hold_secrets(bytes) {
        return SetupError::new(format!("the sync file is wrong\n\n{report}\n")).help(
            "keys never stand in a sync file: they come from the environment, see partnerstack --help",
        );
    }
    SetupError::new(format!("the sync file is wrong\n\n{}", report.render(false).trim_end()))
}

fn may_hold_secrets(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    ["secret", "password", "token", "api_key", "public_key"].iter().any(|word| text.contains(word))
}

/// An error that stands in a sync file, under its line; none for any other.
pub(super) fn carets(error: &SetupError) -> Option<String> {
    let mut place = error.place().strip_suffix(": ")?.rsplitn(3, ':');
    let (column, line, path) = (place.next()?.parse().ok()?, place.next()?.parse().ok()?, place.next()?);
    let bytes = std::fs::read(path).ok().filter(|bytes| !may_hold_secrets(bytes))?;
    let source = decode(path, &bytes).ok()?;
    let (_, document) = parse::<Keys>(&source).ok()?;
    let place = find(document.cursor(), (line, column))?;
    Some(partnerstack_codegen::diagnostic::carets(&place, error.message(), error.advice(), false))
}

/// What is written at a line and column.
fn find(at: Cursor<'_>, place: (usize, usize)) -> Option<Place> {
    for (_, child) in at.children() {
        let found = [child.key_place(), child.place()]
            .into_iter()
            .find(|found| found.line_and_column() == Some(place))
            .or_else(|| find(child, place));
        if found.is_some() {
            return found;
        }
    }
    None
}

fn place_of(cursor: Cursor<'_>) -> String {
    place_at(cursor.place().path(), cursor.place().line_and_column())
}

fn place_at(path: &str, line_and_column: Option<(usize, usize)>) -> String {
    line_and_column.map_or_else(|| format!("{path}: "), |(line, column)| format!("{path}:{line}:{column}: "))
}

impl FeedKey {
    fn resolve(&self, target: &str, place: String, object: &ObjectSpec) -> Result<Feed, SetupError> {
        let keys = match self {
            Self::Column(name) => {
                return Ok(Feed {
                    target: target.to_owned(),
                    from: Origin::Column(name.clone()),
                    cast: None,
                    place,
                });
            }
            Self::More(keys) => keys,
        };
        let fault = |what: &str| SetupError::new(format!("`{target}` of {} {what}", object.name)).at(&place);
        let from = match (&keys.column, &keys.value) {
            (Some(name), None) => Origin::Column(name.clone()),
            (None, Some(value)) => Origin::Constant(value.clone()),
            (Some(_), Some(_)) => return Err(fault("has both a column and a value").help("keep one of them")),
            (None, None) => {
                return Err(
                    fault("has neither a column nor a value").help("write {column: NAME} or {value: TEXT}")
                );
            }
        };
        let cast = keys.cast().map_err(|(what, help)| fault(what).help(help))?;
        Ok(Feed { target: target.to_owned(), from, cast, place })
    }
}

impl FeedKeys {
    fn cast(&self) -> Result<Option<Cast>, (&'static str, String)> {
        let decimal = match self.decimal.as_deref() {
            None | Some(".") => Decimal::Point,
            Some(",") => Decimal::Comma,
            Some(_) => {
                return Err(("has a `decimal` that is no decimal mark", "write '.' or ','".to_owned()));
            }
        };
        let numeric = matches!(self.r#as, Some(CastKey::Cents | CastKey::Integer));
        if self.decimal.is_some() && !numeric {
            return Err((
                "has a `decimal` without a number to read",
                "add `as: cents` or `as: integer`".to_owned(),
            ));
        }
        if self.exponent.is_some() && !matches!(self.r#as, Some(CastKey::Cents)) {
            return Err(("has an `exponent` without an amount to read", "add `as: cents`".to_owned()));
        }
        if self.exponent.is_some_and(|exponent| exponent > 6) {
            return Err(("has an `exponent` that no currency has", "write a number from 0 to 4".to_owned()));
        }
        if self.format.is_some() && !matches!(self.r#as, Some(CastKey::Date)) {
            return Err(("has a `format` without a date to read", "add `as: date`".to_owned()));
        }
        Ok(match &self.r#as {
            None => None,
            Some(CastKey::Cents) => Some(Cast::Cents { decimal, exponent: self.exponent }),
            Some(CastKey::Integer) => Some(Cast::Integer { decimal }),
            Some(CastKey::Lower) => Some(Cast::Lower),
            Some(CastKey::Upper) => Some(Cast::Upper),
            Some(CastKey::Trim) => Some(Cast::Trim),
            Some(CastKey::Date) => {
                let Some(format) = self.format.clone() else {
                    return Err((
                        "is cast to a date of no known format",
                        "add `format`, such as '%d/%m/%Y'".to_owned(),
                    ));
                };
                check_format(&format).map_err(|reason| ("has a `format` that is no date format", reason))?;
                Some(Cast::Date { format })
            }
        })
    }
}
