//! The spec as written: one struct for each block of YAML, keys named as in the files, nothing judged yet.
//!
//! Plain serde types without places: a place is found later, by the route to a value (see `source`).

pub(crate) mod api;
#[cfg(feature = "schema")]
pub(crate) mod case;
pub(crate) mod fact;
pub(crate) mod field;
pub(crate) mod mode;
pub(crate) mod object;
pub(crate) mod operation;

pub use self::api::{
    Answers, Api, Authentication, ErrorClass, ErrorRule, Hint, HintCondition, Lists, RateLimit, Scheme,
};
#[cfg(feature = "schema")]
pub use self::case::{BrokenRule, Case, CaseFile, Request};
pub use self::fact::{Certainty, FactSource, NotOffered, OpenFact};
pub use self::field::{Field, FieldType, Format, Unit, WhenAbsent};
pub use self::mode::{Mode, Modes};
pub use self::object::{Compare, Constraint, Identity, Object, SystemKey};
pub use self::operation::{Method, Operation, OperationName, Operations};
