//! Objects and the mode matrix as types: the traits that generated code implements for them.

use super::mode::SyncMode;
use super::object_spec::{ObjectSpec, Step};
use super::sealed::Sealed;

/// An object of the API, as a type.
pub trait Object: Sealed {
    /// Everything that the spec says of it.
    const SPEC: &'static ObjectSpec;
}

/// The pair of an object and a mode that the spec allows.
#[diagnostic::on_unimplemented(
    message = "the API does not allow `{M}` on `{Self}`",
    label = "this object has no such mode",
    note = "the docs of `{Self}` say why, out of `modes` in its spec file; the README has the table of objects and modes"
)]
pub trait Allows<M: SyncMode>: Object {
    /// The calls that the mode makes for a row, in order.
    const STEPS: &'static [Step];
}
