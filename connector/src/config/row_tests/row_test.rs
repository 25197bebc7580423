//! A test of a sync file, judged.

use serde_json::{Map, Value};

use crate::api::OperationName;
use crate::error::Place;

/// A row, and what a sync is to make of it.
#[derive(Clone)]
pub struct RowTest {
    /// What is shown.
    pub name: String,
    /// Where it is written.
    pub place: Place,
    /// The row.
    pub row: TestRow,
    /// What is to become of it.
    pub expected: Expected,
}

/// A row as a test has it.
#[derive(Clone)]
pub enum TestRow {
    /// Cells by the name of their column, as texts.
    Cells(Vec<(String, String)>),
    /// A JSON object.
    Object(Map<String, Value>),
}

/// What is to become of a row.
#[derive(Clone)]
pub enum Expected {
    /// This request is one of those that it leads to.
    Request(ExpectedRequest),
    /// It leads to these requests and no other.
    Requests(Vec<ExpectedRequest>),
    /// It has these faults and no other.
    Errors(Vec<ExpectedError>),
    /// The sync does not take it.
    Filtered,
}

/// A request.
#[derive(Clone)]
pub struct ExpectedRequest {
    /// The operation, if it was said.
    pub operation: Option<OperationName>,
    /// The method, if it was said.
    pub method: Option<&'static str>,
    /// The path, if it was said.
    pub path: Option<String>,
    /// The whole body.
    pub body: Value,
}

/// A fault.
#[derive(Clone)]
pub struct ExpectedError {
    /// The field or column; empty where it is the row as a whole.
    pub field: String,
    /// A part of the message, if it was said.
    pub part: Option<String>,
}
