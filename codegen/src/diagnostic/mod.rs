//! What is said about a file that is wrong: every sentence with its code, where it points, and how it is shown.

pub(crate) mod mistake;
pub(crate) mod render;
pub(crate) mod report;
pub mod sentence;
pub(crate) mod words;

pub use self::mistake::Diagnostic;
pub use self::render::carets;
pub use self::report::{Diagnostics, Report};
pub use self::sentence::{CODES, Sentence};
pub use self::words::nearest;
