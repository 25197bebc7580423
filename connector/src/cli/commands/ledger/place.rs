//! Which ledger a command looks into, and which of its accounts.

use std::path::PathBuf;

use jiff::Timestamp;

use crate::cli::args::ledger::LedgerArgs;
use crate::clock::{Clock, SystemClock};
use crate::config::environment::Environment;
use crate::error::SetupError;
use crate::files::folder;
use crate::generated::API;
use crate::http::base_url::BaseUrl;
use crate::ledger::{Account, Ledger};
use crate::run::ledger::choice::{self, Choice};

/// A ledger that a command looks into.
pub(super) struct LedgerUse {
    pub(super) ledger: Ledger,
    pub(super) account: Account,
    path: PathBuf,
}

impl LedgerUse {
    /// Opens the ledger that flags and environment name.
    pub(super) fn open(
        place: &LedgerArgs,
        read_only: bool,
        require: bool,
        environment: &Environment,
    ) -> Result<Self, SetupError> {
        let named =
            place.ledger.clone().map(|path| environment.expand(path)).or_else(|| environment.ledger());
        let path = named.clone().map_or_else(|| environment.default_ledger(), Ok)?;
        let choice = Choice {
            named,
            digest_key_file: place
                .digest_key_file
                .clone()
                .map(|path| environment.expand(path))
                .or_else(|| environment.digest_key_file()),
            require,
            read_only,
            temporary: false,
        };
        let now = SystemClock::default().epoch_milliseconds();
        let account = account(place)?;
        Ok(Self { ledger: choice::open(&choice, environment, now)?, account, path })
    }

    /// The folder of the ledger, which has the failures files too.
    pub(super) fn folder(&self) -> PathBuf {
        folder::of(&self.path).to_path_buf()
    }

    /// Its name for people.
    pub(super) fn named(&self) -> String {
        let Account { base_url, name } = &self.account;
        format!("the ledger {}, account `{name}` of {base_url}", self.path.display())
    }
}

/// The account that flags name.
fn account(place: &LedgerArgs) -> Result<Account, SetupError> {
    let base_url = BaseUrl::parse(place.base_url.as_deref().unwrap_or(API.base_url))?;
    let name = place.account.clone().unwrap_or_else(|| "default".to_owned());
    Ok(Account { base_url: base_url.as_str().to_owned(), name })
}

/// A time for people.
pub(super) fn time(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds)
        .map_or_else(|_| milliseconds.to_string(), |time| format!("{time:.0}"))
}
