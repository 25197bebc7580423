//! Opens the ledger that is meant, and checks that it suits what rows are keyed by.

use std::path::PathBuf;

use crate::config::environment::Environment;
use crate::error::SetupError;
use crate::ledger::{Ledger, LedgerError, LedgerPlace, OpenOptions, Scope};

/// Which ledger a command means.
#[derive(Clone)]
pub(crate) struct Choice {
    /// The one that was named, by a flag, the environment or a file.
    pub(crate) named: Option<PathBuf>,
    /// The file that holds the key of its digests, if it is not in the ledger.
    pub(crate) digest_key_file: Option<PathBuf>,
    /// It has to be there.
    pub(crate) require: bool,
    /// Nothing is written.
    pub(crate) read_only: bool,
    /// Without a name it is thrown away.
    pub(crate) temporary: bool,
}

/// The ledger of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsedLedger {
    /// Where it is; none: it is thrown away at the end.
    pub path: Option<PathBuf>,
    /// It did not exist.
    pub new: bool,
}

impl UsedLedger {
    /// Looks whether it exists.
    pub(in crate::run) fn of(choice: &Choice, environment: &Environment) -> Result<Self, SetupError> {
        Ok(match place(choice, environment)? {
            LedgerPlace::File(path) => Self { new: !path.exists(), path: Some(path) },
            LedgerPlace::Temporary => Self { new: true, path: None },
        })
    }
}

fn place(choice: &Choice, environment: &Environment) -> Result<LedgerPlace, SetupError> {
    Ok(match &choice.named {
        Some(path) => LedgerPlace::File(path.clone()),
        None if choice.temporary => LedgerPlace::Temporary,
        None => match environment.default_ledger() {
            Ok(path) => LedgerPlace::File(path),
            // A command that only reads needs no place to write to.
            Err(_) if choice.read_only => LedgerPlace::Temporary,
            Err(error) => return Err(error),
        },
    })
}

/// Opens it.
pub(crate) fn open(choice: &Choice, environment: &Environment, now: i64) -> Result<Ledger, SetupError> {
    let place = place(choice, environment)?;
    let options = OpenOptions {
        place,
        digest_key_file: choice.digest_key_file.clone(),
        require: choice.require,
        read_only: choice.read_only,
        now,
    };
    Ledger::open(options).map_err(|error| refused(&error))
}

/// The rows of the sync are keyed by what they were keyed by before.
pub(crate) async fn check_keyed_by(scope: &Scope, sync: &str, keyed_by: &str) -> Result<(), SetupError> {
    let known = scope.keyed_by(sync).await.map_err(|error| refused(&error))?;
    match known {
        Some(known) if known != keyed_by => {
            let delivered = scope.delivered(sync).await.map_err(|error| refused(&error))?;
            Err(SetupError::new(format!(
                "the rows of `{sync}` were keyed by {} before and are by {} now: {delivered} delivered rows would be sent again",
                readable(&known),
                readable(keyed_by)
            ))
            .help("keep the primary key, or give the sync another `name:` if they are other records"))
        }
        _ => Ok(()),
    }
}

/// What a ledger says, as a reason not to start.
pub(crate) fn refused(error: &LedgerError) -> SetupError {
    SetupError::new(error.to_string())
}

fn readable(keyed_by: &str) -> String {
    match keyed_by.split_once(':') {
        Some((_, columns)) => format!("`{columns}`"),
        None => keyed_by.to_owned(),
    }
}
