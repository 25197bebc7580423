//! Whose records a ledger holds: those of the objects of accounts.

use super::entry::Window;

/// An account of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The API.
    pub base_url: String,
    /// The user's name for it.
    pub name: String,
}

/// The records of one object in one account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeName {
    /// The API.
    pub base_url: String,
    /// The user's name for the account there.
    pub account: String,
    /// The object.
    pub object: String,
}

/// What the ledger knows about a public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyStanding {
    /// It belongs to the account.
    Known,
    /// No key of the account is known yet.
    First,
    /// Others belong to the account.
    Unknown,
    /// It belongs to the account of this name.
    OfAnother(String),
}

/// What the ledger knows about an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccountFacts {
    /// A public key of it is known.
    pub keys: bool,
    /// A record of it is known.
    pub records: bool,
    /// Its records are test records, as far as the system has said so of any.
    pub test: Option<bool>,
}

/// A record of an account that the system should have, by when it was made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownRecord {
    /// Its object.
    pub object: String,
    /// The creation times that it can have, as far as this machine's clock tells.
    pub made: Window,
    /// It was made by a request of this ledger: the time is that of the record.
    pub certain: bool,
}
