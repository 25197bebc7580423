//! Why a run does not start.

use crate::error::SetupError;

/// Why a run did not start. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// Something is wrong.
    #[error(transparent)]
    Refused(#[from] SetupError),
    /// Another run has what this one needs. Nothing is wrong: it can be run again later.
    #[error(transparent)]
    InUse(SetupError),
    /// A signal of this number came first.
    #[error("interrupted")]
    Interrupted(i32),
}
