//! Why a source cannot be opened or read on: every such sentence.

use std::io;

use super::watch::Changed;

/// A source that cannot be read; nothing was sent, except for [`SourceError::Read`] and [`SourceError::Changed`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// No such file.
    #[error("{name} does not exist{}", did_you_mean(near.as_deref()))]
    Missing {
        /// What was asked for.
        name: String,
        /// A file of the same folder with a name like it.
        near: Option<String>,
    },
    /// No such folder.
    #[error("{name} does not exist: there is no folder `{folder}`; relative paths begin in `{here}`")]
    MissingFolder {
        /// What was asked for.
        name: String,
        /// The folder that it would be in.
        folder: String,
        /// Where the program runs.
        here: String,
    },
    /// A folder instead of a file.
    #[error("{name} is a folder; name one file in it")]
    Folder {
        /// What was asked for.
        name: String,
    },
    /// No permission.
    #[error("no permission to read {name}; allow it to the user who runs this, or run it as another")]
    Denied {
        /// What was asked for.
        name: String,
    },
    /// Another reason of the system.
    #[error("cannot open {name}: {source}")]
    Open {
        /// What was asked for.
        name: String,
        /// What the system says.
        source: io::Error,
    },
    /// Nothing, or nothing but blanks.
    #[error(
        "{name} is empty; expected a CSV header, JSON objects, or a JSON array (a header alone, or `[]`, is a \
         source without rows)"
    )]
    Empty {
        /// What was opened.
        name: String,
    },
    /// A format that is not text.
    #[error("{name} is {found}, which cannot be read; {cure}")]
    Binary {
        /// What was opened.
        name: String,
        /// What it looks like.
        found: &'static str,
        /// What to do instead.
        cure: &'static str,
    },
    /// UTF-16 without a byte order mark.
    #[error("{name} looks like UTF-16 without a byte order mark; add `--encoding {label}`")]
    Utf16 {
        /// What was opened.
        name: String,
        /// The label to write.
        label: &'static str,
    },
    /// Nothing but zeros.
    #[error("{name} begins with NUL bytes, which are no text; was it written to its end?")]
    Zeros {
        /// What was opened.
        name: String,
    },
    /// The encoding that was stated is not the one that it has.
    #[error("{name} is not {stated}: it looks like UTF-8; leave `--encoding` out")]
    IsUtf8 {
        /// What was opened.
        name: String,
        /// The encoding that was stated.
        stated: &'static str,
    },
    /// JSON that was taken for CSV by its name or a flag.
    #[error("{name} is JSON and not CSV; say `--format {format}`")]
    JsonAsCsv {
        /// What was opened.
        name: String,
        /// The format to state.
        format: &'static str,
    },
    /// The elements of the array are arrays.
    #[error("{name} is an array of arrays; {}", cure_of_arrays(*cells))]
    ArrayOfArrays {
        /// What was opened.
        name: String,
        /// The inner ones hold cells, and not records.
        cells: bool,
    },
    /// The first record of a CSV file is above the limit.
    #[error(
        "the header of {name} is longer than 1 MiB; is it a CSV file, and does each quote in its first line \
         close? Other formats: `--format ndjson`, `--format json`"
    )]
    HeaderTooLong {
        /// What was opened.
        name: String,
    },
    /// The header has bytes that mean nothing.
    #[error("in the header of {name}, {fault}")]
    HeaderEncoding {
        /// What was opened.
        name: String,
        /// What is wrong with the line, and the cure.
        fault: String,
    },
    /// A quote in the header is out of place.
    #[error("in the header of {name}, {fault}")]
    HeaderQuotes {
        /// What was opened.
        name: String,
        /// What is wrong with the line, and the cure.
        fault: String,
    },
    /// The names of the header stand in single quotes.
    #[error(
        "the names in the header of {name} stand in single quotes; CSV has double ones: export the file so"
    )]
    HeaderSingleQuotes {
        /// What was opened.
        name: String,
    },
    /// The header has an open quote.
    #[error("a quote in the header of {name} opens in line {line} and never closes; close it, or remove it")]
    HeaderQuote {
        /// What was opened.
        name: String,
        /// The line of the quote.
        line: u64,
    },
    /// Not JSON at all.
    #[error("{name} is not JSON: expected `[` or `{{` at its start; if it is CSV, add `--format csv`")]
    NotJson {
        /// What was opened.
        name: String,
    },
    /// There is no array of records where it was said to be.
    #[error("{name} has no array of records at `{path}`: {reason}")]
    NoRecords {
        /// What was opened.
        name: String,
        /// The path that was stated.
        path: String,
        /// What is there.
        reason: String,
    },
    /// The records lie inside one object.
    #[error(
        "{name} is one object with the records in it, under `{path}`; say `records: {}` in a sync file, or write them as \
         an array or one on each line, with `jq -c '{path}[]'`, or add `--format ndjson` if the object is the record",
        path.trim_start_matches('.')
    )]
    Wrapped {
        /// What was opened.
        name: String,
        /// The way to the array, as jq writes it.
        path: String,
    },
    /// The only record lies inside one object.
    #[error(
        "{name} is one object with the record in it, under `{path}`; take it out with `jq -c '{path}'`, or add \
         `--format ndjson` if the object is the record"
    )]
    WrappedOne {
        /// What was opened.
        name: String,
        /// The way to the record, as jq writes it.
        path: String,
    },
    /// A server had answered with an error.
    #[error("{name} is the error of a server, without records; look what it says, and fetch the file again")]
    ServerError {
        /// What was opened.
        name: String,
    },
    /// Several objects in one line.
    #[error("{name} has more than one object in its first line; write one on each line, with `jq -c .`")]
    Together {
        /// What was opened.
        name: String,
    },
    /// Objects with commas between them.
    #[error(
        "{name} has commas between its objects and no brackets around them; put `[` before the first and `]` behind the \
         last, or take the commas away and write one object on each line"
    )]
    Unbracketed {
        /// What was opened.
        name: String,
    },
    /// An object over several lines.
    #[error(
        "{name} begins with an object over several lines; write the records as an array or one on each line, \
         with `jq -c .`"
    )]
    Spread {
        /// What was opened.
        name: String,
    },
    /// An unknown format.
    #[error("unknown format `{text}`; {near}")]
    UnknownFormat {
        /// What was written.
        text: String,
        /// What there is.
        near: String,
    },
    /// A delimiter that cannot be one.
    #[error(
        "`{text}` cannot delimit cells; write one ASCII character that is no letter, digit or quote, such as \
         `,` or `;`, or `tab`"
    )]
    UnknownDelimiter {
        /// What was written.
        text: String,
    },
    /// An unknown encoding.
    #[error(
        "unknown encoding `{label}`; {near} (the WHATWG Encoding Standard has the others; for what it lacks, \
         `iconv -t UTF-8` first)"
    )]
    UnknownEncoding {
        /// What was written.
        label: String,
        /// What there is.
        near: String,
    },
    /// The source broke off.
    #[error(
        "reading {name} failed after row {row}: {source}; once it can be read again, run the same command, and \
         what arrived is not sent again"
    )]
    Read {
        /// What was being read.
        name: String,
        /// The last row that was read.
        row: u64,
        /// What the system says.
        source: io::Error,
    },
    /// The file is not what it was when it was opened.
    #[error(
        "{name} changed while it was read, after row {row}: the rows may be of two versions of it; once it is whole, run \
         the same command again, and what arrived is not sent again"
    )]
    Changed {
        /// What was being read.
        name: String,
        /// The last row that was read.
        row: u64,
    },
}

impl SourceError {
    pub(super) fn reading(name: &str, row: u64, source: io::Error) -> Self {
        if let Some(inner) = source.get_ref()
            && inner.is::<Changed>()
        {
            return Self::Changed { name: name.to_owned(), row };
        }
        Self::Read { name: name.to_owned(), row, source }
    }
}

fn cure_of_arrays(cells: bool) -> &'static str {
    if cells {
        "write its rows as CSV, with `jq -r '.[] | @csv'`"
    } else {
        "write the records one on each line, with `jq -c '.[][]'`"
    }
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default()
}
