//! The account of a run, as the ledger names it, and its public key: what went to one account is never counted for another.

use super::choice::refused;
use super::rotated_key::{AccountInUse, RotatedKey, look_up};
use crate::api::ObjectSpec;
use crate::clock::Clock;
use crate::config::settings::TargetSettings;
use crate::error::SetupError;
use crate::http::base_url::BaseUrl;
use crate::http::credentials::Secret;
use crate::http::transport::Transport;
use crate::ledger::{Account, AccountFacts, KeyStanding, ScopeName};
use crate::run::not_ready::{GoOn, NotReady};

/// What accounts are called where the user has named none.
const PRODUCTION: &str = "production";
const TEST: &str = "test";

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

/// A key pair that a run would use for an account, and the ledger that knows the account.
pub(in crate::run) struct AccountKey<'k, T, C: Clock> {
    pub(in crate::run) of: AccountInUse<'k, T, C>,
    pub(in crate::run) public: &'k Secret,
    /// The user says that the key is a new one of the same account.
    pub(in crate::run) rotated: bool,
}

impl<T: Transport, C: Clock + Copy> AccountKey<'_, T, C> {
    /// Whether the key is one that the ledger knows for the account, or can be its first. Nothing is sent, and nothing
    /// is written.
    pub(in crate::run) async fn is_its_own(&self) -> Result<(), NotReady> {
        match self.standing().await? {
            KeyStanding::Known | KeyStanding::First => Ok(()),
            KeyStanding::OfAnother(owner) => Err(self.of_another(&owner).await?),
            KeyStanding::Unknown if self.rotated || !self.facts(self.of.account).await?.records => Ok(()),
            KeyStanding::Unknown => Err(self.not_its_own().await?),
        }
    }

    /// The same; and the ledger notes the key where it is the account's first, where no record of the account is known,
    /// or where `--rotated-key` is right.
    pub(in crate::run) async fn check(&self) -> Result<(), NotReady> {
        self.is_its_own().await?;
        match self.standing().await? {
            KeyStanding::Known | KeyStanding::OfAnother(_) => Ok(()),
            KeyStanding::First => self.add().await,
            // A key that brought nothing: it was a wrong one.
            KeyStanding::Unknown if !self.facts(self.of.account).await?.records => self.replace().await,
            KeyStanding::Unknown => match look_up(&self.of).await? {
                RotatedKey::SameAccount => self.add().await,
                RotatedKey::NothingFound => Err(self.not_rotated().await?),
            },
        }
    }

    /// The key of this account is unknown and it has records, so other runs of it have to be kept out meanwhile.
    pub(in crate::run) async fn is_disputed(&self) -> Result<bool, NotReady> {
        Ok(self.standing().await? == KeyStanding::Unknown)
    }

    async fn standing(&self) -> Result<KeyStanding, SetupError> {
        let standing = self.of.ledger.standing(self.of.account, self.public.reveal()).await;
        standing.map_err(|error| refused(&error))
    }

    async fn facts(&self, account: &Account) -> Result<AccountFacts, SetupError> {
        self.of.ledger.account_facts(account).await.map_err(|error| refused(&error))
    }

    async fn add(&self) -> Result<(), NotReady> {
        let now = self.of.wire.clock().epoch_milliseconds();
        let added = self.of.ledger.add_public_key(self.of.account, self.public.reveal(), now).await;
        Ok(added.map_err(|error| refused(&error))?)
    }

    async fn replace(&self) -> Result<(), NotReady> {
        let now = self.of.wire.clock().epoch_milliseconds();
        let replaced = self.of.ledger.replace_public_keys(self.of.account, self.public.reveal(), now).await;
        Ok(replaced.map_err(|error| refused(&error))?)
    }

    /// The key is that of another account: most likely the other pair was to be exported.
    async fn of_another(&self, owner: &str) -> Result<NotReady, SetupError> {
        let account = &self.of.account.name;
        let other = Account { name: owner.to_owned(), ..self.of.account.clone() };
        let kind = kind_of(self.facts(&other).await?);
        let error = SetupError::new(format!(
            "this run is for the account `{account}`, and its public key is that of the account `{owner}`{kind}"
        ))
        .help(format_args!("export the key pair of `{account}`, and run the same command again"));
        Ok(NotReady::NotItsKeys { error, go_on: None })
    }

    /// The key is unknown, and the account has records.
    async fn not_its_own(&self) -> Result<NotReady, SetupError> {
        let facts = self.facts(self.of.account).await?;
        let account = &self.of.account.name;
        let error = SetupError::new(format!(
            "the public key is not that of the account `{account}`{}: what the ledger knows of that account may not be \
             there for this key, and would count as delivered",
            kind_of(facts)
        ));
        // Looking records up tells whether a key was replaced. Nothing may be sent again without that.
        let go_on = match facts.test {
            Some(true) => self.another_account(PRODUCTION).await?,
            _ => GoOn { account: account.clone(), rotated_key: true },
        };
        Ok(NotReady::NotItsKeys { error, go_on: Some(go_on) })
    }

    /// None of the account's records was found with the new key.
    async fn not_rotated(&self) -> Result<NotReady, SetupError> {
        let facts = self.facts(self.of.account).await?;
        let account = &self.of.account.name;
        let error = SetupError::new(format!(
            "this key pair does not see the records that the ledger knows of the account `{account}`{}: it is the pair of \
             another account, and --rotated-key is refused",
            kind_of(facts)
        ));
        let name = if facts.test == Some(true) { PRODUCTION } else { TEST };
        let go_on = Some(self.another_account(name).await?);
        Ok(NotReady::NotItsKeys { error, go_on })
    }

    /// An account of that name; of a similar one where the name is that of this run's account.
    async fn another_account(&self, name: &str) -> Result<GoOn, SetupError> {
        let name = if self.of.account.name == name { format!("{name}-2") } else { name.to_owned() };
        let other = Account { name, ..self.of.account.clone() };
        let facts = self.facts(&other).await?;
        // It has another key already: whether this one took its place, lookups tell.
        Ok(GoOn { rotated_key: facts.keys && facts.records, account: other.name })
    }
}

/// What is known of the records of an account, as it is added to its name.
fn kind_of(facts: AccountFacts) -> &'static str {
    match facts.test {
        Some(true) => ", whose records are test records",
        Some(false) => ", whose records are production records",
        None => "",
    }
}
