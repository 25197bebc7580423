//! The public key of the account: whether the ledger knows it, so that what went to one account is not counted for another.

use super::ledger::refused;
use crate::error::SetupError;
use crate::http::credentials::Secret;
use crate::ledger::{Account, KeyStanding, Ledger};

/// The account's key is known to the ledger, or becomes so.
pub(super) async fn check_key(
    ledger: &Ledger,
    account: &Account,
    public: &Secret,
    rotated: bool,
    now: i64,
) -> Result<(), SetupError> {
    let standing = ledger.standing(account, public.reveal()).await.map_err(|error| refused(&error))?;
    match standing {
        KeyStanding::Known => Ok(()),
        KeyStanding::Unknown if !rotated => Err(SetupError::new(format!(
            "the ledger knows the account `{}` under another public key; what it has delivered there may not be there for this one",
            account.name
        ))
        .help(
            "if the key of the same account was replaced: --rotated-key; if this is another account (production after test): \
             --account NAME with a name of its own",
        )),
        KeyStanding::First | KeyStanding::Unknown => {
            ledger.add_public_key(account, public.reveal(), now).await.map_err(|error| refused(&error))
        }
    }
}
