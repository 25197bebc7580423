//! Opens the ledger that a command means, and checks that it is the right one for the account and the keys.

use std::path::PathBuf;

use super::environment::Environment;
use crate::clock::{Clock, SystemClock};
use crate::error::SetupError;
use crate::http::credentials::Secret;
use crate::ledger::{Account, KeyStanding, Ledger, LedgerError, OpenOptions, Place, Scope};

/// Which ledger a command means.
pub(super) struct Choice {
    /// The one that was named, by a flag, the environment or a file.
    pub(super) named: Option<PathBuf>,
    /// It has to be there.
    pub(super) require: bool,
    /// Nothing is written.
    pub(super) read_only: bool,
    /// Without a name it is thrown away.
    pub(super) temporary: bool,
}

/// Opens it.
pub(super) fn open(choice: Choice, environment: &Environment) -> Result<Ledger, SetupError> {
    let place = match choice.named {
        Some(path) => Place::File(path),
        None if choice.temporary => Place::Temporary,
        None => match environment.state_folder() {
            Ok(folder) => Place::File(folder.join("ledger.db")),
            // Who only reads needs no place to write to.
            Err(_) if choice.read_only => Place::Temporary,
            Err(error) => return Err(error),
        },
    };
    let now = SystemClock::default().epoch_milliseconds();
    let options = OpenOptions { place, require: choice.require, read_only: choice.read_only, now };
    Ledger::open(options).map_err(|error| refused(&error))
}

/// The account's keys are known to the ledger, or become so.
pub(super) async fn check_keys(
    ledger: &Ledger,
    account: &Account,
    public: &Secret,
    rotated: bool,
) -> Result<(), SetupError> {
    let now = SystemClock::default().epoch_milliseconds();
    let standing = ledger.standing(account, public.reveal()).await.map_err(|error| refused(&error))?;
    match standing {
        KeyStanding::Known => Ok(()),
        KeyStanding::First => ledger.add_public_key(account, public.reveal(), now).await.map_err(|error| refused(&error)),
        KeyStanding::Unknown if rotated => {
            ledger.add_public_key(account, public.reveal(), now).await.map_err(|error| refused(&error))
        }
        KeyStanding::Unknown => Err(SetupError::new(format!(
            "the ledger knows the account `{}` under another public key; what it has delivered there may not be there for this one",
            account.name
        ))
        .help(
            "if the key of the same account was replaced: --rotated-key; if this is another account (production after test): \
             --account NAME with a name of its own",
        )),
    }
}

/// The rows of the sync are keyed by what they were keyed by before.
pub(super) async fn check_keyed_by(ledger: &Scope, sync: &str, keyed_by: &str) -> Result<(), SetupError> {
    let known = ledger.keyed_by(sync).await.map_err(|error| refused(&error))?;
    match known {
        Some(known) if known != keyed_by => {
            let delivered = ledger.delivered(sync).await.map_err(|error| refused(&error))?;
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
pub(super) fn refused(error: &LedgerError) -> SetupError {
    SetupError::new(error.to_string())
}

fn readable(keyed_by: &str) -> String {
    match keyed_by.split_once(':') {
        Some((_, columns)) => format!("`{columns}`"),
        None => keyed_by.to_owned(),
    }
}
