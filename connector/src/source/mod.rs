//! Where rows come from: CSV, NDJSON or a JSON array, from a file or standard input.
//!
//! A [`Source`] is opened once and read record by record. Encoding, format and delimiter are found out where nothing states
//! them. A record that cannot be read is an item of its own, and reading goes on behind it.
//!
//! ```
//! use partnerstack_connector::row::Record;
//! use partnerstack_connector::source::{Format, Input, Source, SourceItem, SourceOptions};
//!
//! // A file would be `Input::File(path)`.
//! let text = "id;name\n1;Ada\n2\n3;Grace\n";
//! let mut source = Source::open(Input::Stdin(Box::new(text.as_bytes())), &SourceOptions::default())?;
//! assert_eq!(source.format(), Format::Csv);
//!
//! let (mut names, mut unreadable) = (Vec::new(), Vec::new());
//! while let Some(item) = source.read()? {
//!     match item {
//!         SourceItem::Row(row) => match row.record {
//!             Record::Cells(cells) => names.extend(cells.get(1).map(str::to_owned)),
//!             Record::Object(_) => unreachable!("only JSON has objects"),
//!         },
//!         SourceItem::Unreadable(record) => unreadable.push((record.number, record.rule)),
//!     }
//! }
//! assert_eq!(names, ["Ada", "Grace"]);
//! assert_eq!(unreadable, [(2, "ragged")]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod format;
mod input;
mod item;
mod meter;
mod open;
mod text;
mod wait;
mod watch;

pub use self::error::SourceError;
pub use self::format::Format;
pub use self::input::{Input, SourceOptions};
pub use self::item::{RECORD_LIMIT, SourceItem, Unreadable};
pub use self::meter::{Meter, Total};
pub use self::open::Source;
