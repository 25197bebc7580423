//! The values of flags that are one of a few, or have parts.

use std::str::FromStr;

use clap::ValueEnum;

use crate::api::mode::Mode;
use crate::mapping::columns::{Feed, Origin};
use crate::source::Format;

/// A mode on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ModeArg {
    /// Create records
    Insert,
    /// Change records that exist
    Update,
    /// Change records that exist, create those that are missing
    Upsert,
}

impl From<ModeArg> for Mode {
    fn from(mode: ModeArg) -> Self {
        match mode {
            ModeArg::Insert => Self::Insert,
            ModeArg::Update => Self::Update,
            ModeArg::Upsert => Self::Upsert,
        }
    }
}

/// A format on the command line.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum FormatArg {
    /// Cells separated by a delimiter, with a header
    Csv,
    /// A JSON object on every line
    Ndjson,
    /// One JSON array of objects
    Json,
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

/// `FIELD=COLUMN`
#[derive(Debug, Clone)]
pub(crate) struct FieldColumn {
    pub(crate) field: String,
    pub(crate) column: String,
}

impl FromStr for FieldColumn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((field, column)) if !field.is_empty() && !column.is_empty() => {
                Ok(Self { field: field.to_owned(), column: column.to_owned() })
            }
            _ => Err("write FIELD=COLUMN, such as email=Email address".to_owned()),
        }
    }
}

impl From<FieldColumn> for Feed {
    fn from(map: FieldColumn) -> Self {
        Self::new(&map.field, Origin::Column(map.column))
    }
}

/// When colours are used.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum ColorArg {
    /// On a terminal
    #[default]
    Auto,
    /// Even in a file
    Always,
    /// Never
    Never,
}

/// The form of what is told on standard error.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum LogArg {
    /// For people
    #[default]
    Text,
    /// An event on each line
    Json,
}
