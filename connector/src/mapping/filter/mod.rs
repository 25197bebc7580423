//! Which rows of a source are synced: conditions on its columns, judged before anything else is looked at.

pub(crate) mod bound;
pub(crate) mod conditions;

pub use self::bound::{Bound, Number};
pub use self::conditions::{Condition, Filter, Literal, Test};
