//! Opens the ledger that is meant, and checks that it suits what rows are keyed by.

use std::path::PathBuf;

use crate::config::environment::Environment;
use crate::error::SetupError;
use crate::ledger::{Ledger, LedgerError, LedgerPlace, OpenOptions, Scope};

/// Which ledger a command means.
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

/// Opens it.
pub(crate) fn open(choice: Choice, environment: &Environment, now: i64) -> Result<Ledger, SetupError> {
    let place = match choice.named {
        Some(path) => LedgerPlace::File(path),
        None if choice.temporary => LedgerPlace::Temporary,
        None => match environment.state_folder() {
            Ok(folder) => LedgerPlace::File(folder.join("ledger.db")),
            // A command that only reads needs no place to write to.
            Err(_) if choice.read_only => LedgerPlace::Temporary,
            Err(error) => return Err(error),
        },
    };
    let options = OpenOptions {
        place,
        digest_key_file: choice.digest_key_file,
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
