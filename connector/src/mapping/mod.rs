//! From columns to fields: which column feeds which field, what a cast does with a cell, and the record key of a row.
//!
//! A [`Mapping`](columns::Mapping) is resolved once, before the first row. A [`RowReader`](row_reader::RowReader) binds it
//! to one row and gives typed values; it collects faults instead of returning them, so that a row says all of them at once.
//! A [`KeyRule`](record_key::KeyRule) makes the row's record key out of the same reader.
//!
//! ```
//! use partnerstack_connector::generated::API;
//! use partnerstack_connector::mapping::amount::Decimal;
//! use partnerstack_connector::mapping::cast::Cast;
//! use partnerstack_connector::mapping::columns::{Feed, Mapping, Origin};
//! use partnerstack_connector::mapping::row_reader::RowReader;
//! use partnerstack_connector::row::{Cells, Record, Row};
//!
//! let transactions = API.object("transactions").ok_or("no such object")?;
//! let amount = transactions.field("amount").ok_or("no such field")?;
//! let columns = ["Customer E-mail".to_owned(), "Currency".to_owned(), "Total".to_owned()];
//!
//! // `Total` is mapped with a cast; the names of the other columns match a field or feed nothing.
//! let cents = Cast::Cents { decimal: Decimal::Comma, exponent: None };
//! let total = Feed { cast: Some(cents), ..Feed::new("amount", Origin::Column("Total".to_owned())) };
//! let mapping = Mapping::resolve(transactions, None, &[total], Some(&columns))?;
//! assert!(mapping.unmapped().is_empty());
//!
//! let record = Record::Cells(Cells::from_iter(["ada@example.com", "EUR", "1.234,50"]));
//! let row = Row { number: 1, record, entry: None };
//! let mut reader = RowReader::bind(&mapping, &row);
//! assert_eq!(reader.optional::<i64>(amount), Some(123_450));
//! assert!(reader.faults.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod amount;
pub mod cast;
pub mod columns;
pub mod day_time;
mod field_names;
pub mod filter;
pub mod record_key;
pub mod row_reader;
pub mod source_column;
mod target;
pub mod transform;
