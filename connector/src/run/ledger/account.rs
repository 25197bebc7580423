//! The account of a run, as the ledger names it, and its public key: whether the ledger knows it, so that what went to one account is not counted for another.

use super::choice::refused;
use crate::api::ObjectSpec;
use crate::config::settings::TargetSettings;
use crate::error::SetupError;
use crate::http::base_url::BaseUrl;
use crate::http::credentials::Secret;
use crate::ledger::{Account, KeyStanding, Ledger, ScopeName};

/// The account, as the ledger names it.
pub(in crate::run) fn account_of(target: &TargetSettings, base_url: &BaseUrl) -> Account {
    let base_url = if target.sandbox { "sandbox" } else { base_url.as_str() };
    Account { base_url: base_url.to_owned(), name: target.account.clone() }
}

/// The records of an object in an account.
pub(in crate::run) fn scope_of(account: &Account, object: &ObjectSpec) -> ScopeName {
    let Account { base_url, name: account } = account.clone();
    ScopeName { base_url, account, object: object.name.to_owned() }
}

/// The account's key is known to the ledger, or becomes so at the time `now`; where that is none, nothing is noted.
pub(in crate::run) async fn check_key(
    ledger: &Ledger,
    account: &Account,
    public: &Secret,
    rotated: bool,
    now: Option<i64>,
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
        KeyStanding::First | KeyStanding::Unknown => match now {
            Some(now) => {
                ledger.add_public_key(account, public.reveal(), now).await.map_err(|error| refused(&error))
            }
            None => Ok(()),
        },
    }
}
