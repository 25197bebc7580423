//! Why a run does not start.

use crate::error::SetupError;

/// Why a run did not start. Nothing was sent.
#[derive(Debug, thiserror::Error)]
pub enum NotReady {
    /// Something is wrong.
    #[error(transparent)]
    Refused(#[from] SetupError),
    /// Another run has what this one needs, or there was no answer. Nothing is wrong: it can be run again later.
    #[error(transparent)]
    Later(SetupError),
    /// The keys are not those of the account, as the ledger knows it. The text says what to do; the flags are those
    /// with which the same command goes on, where there is one.
    #[error("{error}")]
    NotItsKeys {
        /// What is wrong.
        error: SetupError,
        /// How to go on.
        go_on: Option<GoOn>,
    },
    /// The keys cannot be used: a person has to act.
    #[error(transparent)]
    NeedsPerson(SetupError),
    /// A signal of this number came first.
    #[error("interrupted")]
    Interrupted(i32),
}

/// How the same command goes on: its flags for the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GoOn {
    /// The account.
    pub account: String,
    /// The public key is new, the account is the same.
    pub rotated_key: bool,
}
