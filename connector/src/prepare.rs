//! From a row to the requests it may need: the last generic function of the runtime.

use crate::error::RowError;
use crate::mapping::RowReader;
use crate::object::Payload;
use crate::path::PathBuilder;
use crate::spec::{Operation, Step};

/// A request that is ready to be sent: plain data.
///
/// Its path and body hold what the row held, so it has no `Debug`.
#[derive(Clone)]
pub struct PreparedRequest {
    /// The operation that it performs.
    pub operation: &'static Operation,
    /// The path after the base URL, percent-encoded, with the query where there is one.
    pub path: String,
    /// The JSON body; none for reads.
    pub body: Option<Vec<u8>>,
}

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
    request(&payload).map_err(|reason| row.faults.note(P::OPERATION.name.name(), "json", reason)).ok()
}

/// The request of a payload that was found valid.
pub fn request<P: Payload>(payload: &P) -> Result<PreparedRequest, String> {
    let mut path = PathBuilder::default();
    payload.path(&mut path);
    let body = serde_json::to_vec(payload).map_err(|error| format!("cannot be written as JSON: {error}"))?;
    Ok(PreparedRequest { operation: P::OPERATION, path: path.into_path(), body: Some(body) })
}

/// The requests of a row, in the order in which its mode tries them. Every step that the row may come to is checked
/// before the first is sent, so that no row is found faulty half-way.
pub fn requests(
    steps: &[Step],
    number: u64,
    mut row: RowReader<'_>,
) -> Result<Vec<PreparedRequest>, RowError> {
    let mut requests = Vec::with_capacity(steps.len());
    for (position, step) in steps.iter().enumerate() {
        let addressed = step.operation.path_fields.iter().all(|field| row.has(field));
        let last = position + 1 == steps.len();
        // A row that does not say which record it means goes on to the step that needs no address.
        if addressed || last {
            requests.extend((step.prepare)(&mut row));
        }
    }
    row.take_faults().into_result(Some(number))?;
    Ok(requests)
}
