//! The sync file: its keys as YAML has them, and what they mean, with the place of every mistake.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use partnerstack_codegen::Report;
use partnerstack_codegen::diagnostic::{Diagnostic, Place, Sentence};
use partnerstack_codegen::source::{Cursor, Document, Source, parse};
use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use super::args::FormatArg;
use crate::cast::{Cast, Decimal, check_format};
use crate::error::SetupError;
use crate::guard::FailureLimit;
use crate::mapping::{Feed, Origin};
use crate::mode::Mode;
use crate::record_key::{KeyPart, PrimaryKey};
use crate::source::Format;
use crate::spec::ObjectSpec;

/// The primary key that stands for equal rows being one record.
pub(super) const CONTENT: &str = "content";

/// A sync file with its places.
#[derive(Default)]
pub(super) struct SyncFile {
    pub(super) keys: Keys,
    document: Option<Document>,
}

/// The keys of a sync file: the flags with `_` for `-`, and some of its own.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Keys {
    pub(super) name: Option<String>,
    pub(super) object: Option<String>,
    pub(super) mode: Option<ModeKey>,
    pub(super) source: Option<String>,
    pub(super) format: Option<FormatKey>,
    pub(super) delimiter: Option<String>,
    pub(super) encoding: Option<String>,
    pub(super) mapping: Option<BTreeMap<String, FeedKey>>,
    pub(super) primary_key: Option<PrimaryKeyKey>,
    pub(super) match_on: Option<String>,
    pub(super) limit: Option<u64>,
    pub(super) dry_run: Option<bool>,
    pub(super) full: Option<bool>,
    pub(super) sandbox: Option<bool>,
    pub(super) base_url: Option<String>,
    pub(super) account: Option<String>,
    pub(super) rotated_key: Option<bool>,
    pub(super) ledger: Option<PathBuf>,
    pub(super) require_ledger: Option<bool>,
    pub(super) failures: Option<PathBuf>,
    pub(super) timeout: Option<u64>,
    pub(super) concurrency: Option<u32>,
    pub(super) rate: Option<u32>,
    pub(super) settle_after: Option<u64>,
    pub(super) max_failures: Option<LimitKey>,
    pub(super) allow_failures: Option<LimitKey>,
    pub(super) give_up: Option<u64>,
    pub(super) json: Option<bool>,
    pub(super) on_change: Option<OnChangeKey>,
    pub(super) derive_key: Option<bool>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum ModeKey {
    Insert,
    Update,
    Upsert,
}

impl From<ModeKey> for Mode {
    fn from(mode: ModeKey) -> Self {
        match mode {
            ModeKey::Insert => Self::Insert,
            ModeKey::Update => Self::Update,
            ModeKey::Upsert => Self::Upsert,
        }
    }
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum FormatKey {
    Csv,
    Ndjson,
    Json,
}

impl From<FormatKey> for FormatArg {
    fn from(format: FormatKey) -> Self {
        match format {
            FormatKey::Csv => Self::Csv,
            FormatKey::Ndjson => Self::Ndjson,
            FormatKey::Json => Self::Json,
        }
    }
}

impl From<FormatArg> for Format {
    fn from(format: FormatArg) -> Self {
        match format {
            FormatArg::Csv => Self::Csv,
            FormatArg::Ndjson => Self::Ndjson,
            FormatArg::Json => Self::Json,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum OnChangeKey {
    Report,
    Ignore,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum CastKey {
    Cents,
    Date,
    Integer,
    Lower,
    Upper,
    Trim,
}

/// The keys of a line of the mapping that is written out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FeedKeys {
    column: Option<String>,
    value: Option<Value>,
    r#as: Option<CastKey>,
    decimal: Option<String>,
    exponent: Option<u32>,
    format: Option<String>,
}

impl SyncFile {
    /// Reads a sync file, and says in which folder it is.
    pub(super) fn read(path: &Path) -> Result<(Self, PathBuf), SetupError> {
        let name = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|error| {
            SetupError::new(format!("the sync file `{name}` cannot be read: {error}"))
                .help("name a YAML file with `object`, `mode` and `source`, or say them as flags")
        })?;
        let read = Source::from_bytes(&name, &bytes).and_then(|source| parse::<Keys>(&source));
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
    let source = Source::from_bytes(path, &bytes).ok()?;
    let (_, document) = parse::<Keys>(&source).ok()?;
    let place = find(document.cursor(), (line, column))?;
    let sentence = Sentence::new(error.message(), error.advice().map(str::to_owned));
    Some(Report::from(Diagnostic::new(place, sentence)).render(false))
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

/// A line of the mapping: a column, or more than that.
#[derive(Debug)]
pub(super) enum FeedKey {
    Column(String),
    More(FeedKeys),
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

/// One column, or several parts.
#[derive(Debug)]
pub(super) enum PrimaryKeyKey {
    Column(String),
    Parts(Vec<PartKey>),
}

/// A part of the primary key.
#[derive(Debug)]
pub(super) enum PartKey {
    Column(String),
    Fixed(FixedKeys),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct FixedKeys {
    value: Option<Value>,
}

/// A number of rows, or a text such as `5%`.
#[derive(Debug)]
pub(super) enum LimitKey {
    Rows(u64),
    Text(String),
}

/// What can be written in two ways is read by a visitor: serde's own way for it would lose the place of a mistake.
macro_rules! either {
    ($type:ident, $expecting:literal, { $($method:item)* }) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Either;
                impl<'de> Visitor<'de> for Either {
                    type Value = $type;
                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }
                    $($method)*
                }
                deserializer.deserialize_any(Either)
            }
        }
    };
}

either!(FeedKey, "the name of a column, or {column: NAME, as: CAST}, or {value: CONSTANT}", {
    fn visit_str<E: de::Error>(self, text: &str) -> Result<FeedKey, E> {
        Ok(FeedKey::Column(text.to_owned()))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FeedKey, A::Error> {
        FeedKeys::deserialize(MapAccessDeserializer::new(map)).map(FeedKey::More)
    }
});

either!(PartKey, "the name of a column, or {value: TEXT}", {
    fn visit_str<E: de::Error>(self, text: &str) -> Result<PartKey, E> {
        Ok(PartKey::Column(text.to_owned()))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PartKey, A::Error> {
        FixedKeys::deserialize(MapAccessDeserializer::new(map)).map(PartKey::Fixed)
    }
});

either!(PrimaryKeyKey, "the name of a column, or a list of them", {
    fn visit_str<E: de::Error>(self, text: &str) -> Result<PrimaryKeyKey, E> {
        Ok(PrimaryKeyKey::Column(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<PrimaryKeyKey, A::Error> {
        let mut parts = Vec::new();
        while let Some(part) = items.next_element()? {
            parts.push(part);
        }
        Ok(PrimaryKeyKey::Parts(parts))
    }
});

either!(LimitKey, "a number of rows such as 10, or a share such as 5%", {
    fn visit_u64<E: de::Error>(self, rows: u64) -> Result<LimitKey, E> {
        Ok(LimitKey::Rows(rows))
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<LimitKey, E> {
        Ok(LimitKey::Text(text.to_owned()))
    }
});
