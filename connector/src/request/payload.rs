//! Payloads: the traits that generated code implements for the bodies of requests.

use serde::Serialize;

use super::path::PathBuilder;
use crate::api::Operation;
use crate::api::object::Object;
use crate::api::sealed::Sealed;
use crate::mapping::row_reader::RowReader;
use crate::row::fault::{Faults, RowError};

/// What one operation sends for one row.
pub trait Payload: Serialize + Sealed + Sized {
    /// The object that it belongs to.
    type Object: Object;
    /// The operation that sends it.
    const OPERATION: &'static Operation;

    /// Reads the fields of a row. Faults are left in the reader, and a field with a fault has a placeholder here: look at
    /// the faults before the result is used.
    #[doc(hidden)]
    fn from_row(row: &mut RowReader<'_>) -> Self;

    /// Fills in what the spec sends where a row has no value.
    #[doc(hidden)]
    fn fill_absent(&mut self);

    /// Notes every rule of the spec that a value breaks.
    #[doc(hidden)]
    fn check(&self, faults: &mut Faults);

    /// Writes the path of the request.
    #[doc(hidden)]
    fn path(&self, path: &mut PathBuilder);

    /// Checks it by the rules of the spec; returns every fault at once.
    fn validate(&self) -> Result<(), RowError> {
        let mut faults = Faults::default();
        self.check(&mut faults);
        faults.into_result(None)
    }
}

/// A payload that makes a record.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not create a record",
    label = "an insert takes the `Create` of an object's module",
    note = "an upsert takes an `Update` first, then a `Create` for a record that does not exist"
)]
pub trait CreatePayload: Payload {}

/// A payload that changes a record.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not change a record",
    label = "an update takes the `Update` of an object's module",
    note = "an object without an `Update` cannot be changed: the docs of its type say why"
)]
pub trait UpdatePayload: Payload {}
