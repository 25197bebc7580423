//! Whose records a ledger holds: those of the objects of accounts.

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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyStanding {
    /// It belongs to the account.
    Known,
    /// No key of the account is known yet.
    First,
    /// Others belong to the account.
    Unknown,
}
