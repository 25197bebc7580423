//! From a row to the requests it may need: the last generic function of the runtime.

use std::borrow::Cow;

use super::path::PathBuilder;
use super::payload::Payload;
use crate::api::{FieldSpec, Operation, Step};
use crate::mapping::row_reader::RowReader;
use crate::row::fault::{FieldError, RowError};
use crate::row::value::Map;

/// A request that is ready to be sent: plain data.
///
/// Its path and body hold what the row held, so it has no `Debug`.
#[derive(Clone)]
pub struct PreparedRequest {
    /// The operation that it performs.
    pub operation: &'static Operation,
    /// The path after the base URL, percent-encoded, with the query where there is one.
    pub path: Cow<'static, str>,
    /// The JSON body; none for reads.
    pub body: Option<Vec<u8>>,
    /// The path names the record by a value of the row.
    pub addressed: bool,
}

impl PreparedRequest {
    /// A request that only reads.
    #[must_use]
    pub fn read(operation: &'static Operation, path: String) -> Self {
        Self { operation, path: path.into(), body: None, addressed: true }
    }
}

/// Room for most bodies.
const BODY: usize = 256;

/// How the tables hold [`prepare`] for a payload.
pub type Prepare = fn(&mut RowReader<'_>) -> Option<PreparedRequest>;

/// Makes a payload out of a row and the payload into a request; none where the row has faults, all of them noted.
pub fn prepare<P: Payload>(row: &mut RowReader<'_>) -> Option<PreparedRequest> {
    let mut payload = P::from_row(row);
    payload.fill_absent();
    payload.check(&mut row.faults);
    if !row.faults.is_empty() {
        return None;
    }
    let prepared = request(&payload).and_then(|request| with_nulls(request, row));
    prepared.map_err(|reason| row.faults.note(P::OPERATION.name.name(), "json", reason)).ok()
}

/// The request with a null for each field that is to lose its value.
fn with_nulls(mut request: PreparedRequest, row: &RowReader<'_>) -> Result<PreparedRequest, String> {
    let operation = request.operation;
    let takes = |field: &&'static FieldSpec| {
        field.writable.contains(&operation.name) && !operation.path_fields.contains(field)
    };
    let mut nulls = row.nulls().filter(takes).peekable();
    if let (Some(_), Some(body)) = (nulls.peek(), &request.body) {
        let failed = |error: serde_json::Error| format!("cannot be written as JSON: {error}");
        let mut body: Map = serde_json::from_slice(body).map_err(failed)?;
        for field in nulls {
            body.entry(field.name).or_insert(serde_json::Value::Null);
        }
        request.body = Some(serde_json::to_vec(&body).map_err(failed)?);
    }
    Ok(request)
}

/// The request of a payload that was not made from a row, or every fault that it has.
pub fn payload<P: Payload>(mut payload: P) -> Result<PreparedRequest, RowError> {
    payload.fill_absent();
    payload.validate()?;
    request(&payload).map_err(|message| {
        let field = P::OPERATION.name.name().to_owned();
        RowError { row: None, faults: vec![FieldError { field, rule: "json", message, found: None }] }
    })
}

/// The request of a payload that was found valid.
pub fn request<P: Payload>(payload: &P) -> Result<PreparedRequest, String> {
    let mut path = PathBuilder::default();
    payload.path(&mut path);
    let mut body = Vec::with_capacity(BODY);
    serde_json::to_writer(&mut body, payload)
        .map_err(|error| format!("cannot be written as JSON: {error}"))?;
    Ok(PreparedRequest { operation: P::OPERATION, path: path.into_path(), body: Some(body), addressed: true })
}

/// The requests of a row, in the order in which its mode tries them. Every step that the row may need is checked
/// before the first is sent, so that no row turns out to be invalid half-way.
///
/// A row without the key of its record gets a request without an address: the ledger may know the key.
pub fn requests(
    steps: &[Step],
    number: u64,
    row: &mut RowReader<'_>,
) -> Result<Vec<PreparedRequest>, RowError> {
    row.judge_keys();
    let mut requests = Vec::with_capacity(steps.len());
    for step in steps {
        row.read_for(step.operation);
        let addressed = step.operation.path_fields.iter().all(|field| row.has(field));
        if !addressed {
            row.put_placeholders(step.operation.path_fields);
        }
        requests.extend((step.prepare)(row).map(|request| PreparedRequest { addressed, ..request }));
        if !addressed {
            row.remove_placeholders(step.operation.path_fields);
        }
    }
    row.take_faults().into_result(Some(number))?;
    Ok(requests)
}
