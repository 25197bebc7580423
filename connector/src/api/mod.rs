//! What the connector knows of the API: the types of the generated tables, the modes, and the objects as types.

pub mod mode;
pub mod object;
mod object_spec;
pub(crate) mod sealed;
mod spec;

pub use self::object_spec::{
    Compare, FieldSpec, FieldType, IdentitySpec, Method, ModeSpec, NotOffered, ObjectSpec, OneOf, OpenFact,
    Operation, OperationName, Reference, Step, Support, TextFormat, Unit, WhenAbsent,
};
pub use self::spec::{
    AnswerSpec, ApiSpec, AuthenticationSpec, ErrorClass, ErrorRule, FactSource, Hint, HintCondition,
    ListSpec, RateLimit,
};
