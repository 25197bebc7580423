//! What can be wrong with a ledger, in sentences for people.

use std::fmt;

/// The ledger cannot be used. What is in it stays as it is; nothing replaces it.
///
/// The text names the ledger, what happened, and, after `help:`, what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// There is none, and there has to be one.
    #[error(
        "there is no ledger at {place}\n  help: is the path right, is the disk mounted? The first sync makes it, without \
         --require-ledger; a later one that lacks it sends rows again that arrived before"
    )]
    Missing {
        /// Where it should be.
        place: String,
    },
    /// The key of its digests is not there, or another one.
    #[error("the ledger {place} {what}; it was left as it is\n  help: {help}")]
    DigestKey {
        /// The ledger.
        place: String,
        /// What is wrong.
        what: String,
        /// What to do about it.
        help: &'static str,
    },
    /// Another process writes these records.
    #[error(
        "the {object} of account {account} in the ledger {place} are in use by {}\n  help: run the same command again \
         once that one has ended, or wait longer for it (--wait S); another account needs a name of its own (--account)",
        named(.holder.as_ref())
    )]
    Locked {
        /// The ledger.
        place: String,
        /// The object.
        object: String,
        /// The name of the account.
        account: String,
        /// The process that has it, where that can be read.
        holder: Option<Holder>,
    },
    /// This process writes it.
    #[error(
        "the ledger {place} is open in this process already\n  help: open it once, and take a scope of it for each \
         object"
    )]
    OpenHere {
        /// The ledger.
        place: String,
    },
    /// The file has several names, and this is not the one that it was opened under.
    #[error(
        "the ledger {place} has another name too (a hard link), and was opened under that one: what it wrote last may lie \
         beside that name alone\n  help: use the other name, or remove this one; for a ledger of its own, make a copy while no sync runs"
    )]
    OtherName {
        /// The ledger.
        place: String,
    },
    /// It was written by a newer version of this program.
    #[error(
        "the ledger {place} has format {found}, this program knows up to {known}; it was left as it is\n  help: a newer \
         version of partnerstack wrote it: use that one, or another"
    )]
    Newer {
        /// The ledger.
        place: String,
        /// Its format.
        found: i64,
        /// The newest format that is known here.
        known: i64,
    },
    /// It was written by an older version, and may only be read now.
    #[error(
        "the ledger {place} has format {found}, which has to become {known} before it can be read\n  help: the next \
         sync (without --dry-run) does that"
    )]
    Older {
        /// The ledger.
        place: String,
        /// Its format.
        found: i64,
        /// The format that is needed.
        known: i64,
    },
    /// It is something else.
    #[error(
        "{place} is a database of another program, not a ledger; it was left as it is\n  help: name another file: \
         --ledger PATH"
    )]
    Foreign {
        /// The database.
        place: String,
    },
    /// It cannot be read any more.
    #[error(
        "the ledger {place} is damaged, or no ledger ({detail}); it was left as it is\n  help: put a backup in its \
         place. Without what it remembers, rows that arrived before would be sent again: move it away only where \
         nothing was sent yet, or where doubles do no harm"
    )]
    Damaged {
        /// The ledger.
        place: String,
        /// What was found.
        detail: String,
    },
    /// There is no room for it.
    #[error(
        "the ledger {place} cannot grow: {detail}; what it holds is safe\n  help: make room on that disk (or raise the \
         quota), then run the same command again: it goes on where it stopped"
    )]
    Full {
        /// The ledger.
        place: String,
        /// The message of the system.
        detail: String,
    },
    /// It may not be read or written.
    #[error(
        "the ledger {place} cannot be {purpose}: {detail}\n  help: this user needs the file, its folder and the files \
         beside it whose names begin with its name; or name another place: --ledger PATH"
    )]
    Denied {
        /// The ledger.
        place: String,
        /// What was tried: `opened`, `written`.
        purpose: &'static str,
        /// The message of the system.
        detail: String,
    },
    /// Another program writes it, without the lock that this one uses.
    #[error(
        "the ledger {place} is being written by another program: {detail}\n  help: close the database tool that has it \
         open, then run the same command again"
    )]
    Busy {
        /// The ledger.
        place: String,
        /// The message of the store.
        detail: String,
    },
    /// Something else went wrong.
    #[error(
        "the ledger {place} failed: {detail}\n  help: look for trouble with that disk; then run the same command again: \
         it goes on where it stopped"
    )]
    Failed {
        /// The ledger.
        place: String,
        /// The message of the store.
        detail: String,
    },
    /// A record was changed since it was read: a fault of this program, stopped before it did harm.
    #[error(
        "the ledger holds a newer state of a record than the one that was to be written; please report this"
    )]
    Stale,
}

/// The process that has locked a ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Its id.
    pub pid: u32,
    /// Since when, in UTC.
    pub since: String,
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "process {}, since {}", self.pid, self.since)
    }
}

fn named(holder: Option<&Holder>) -> String {
    holder.map_or_else(|| "another process".to_owned(), ToString::to_string)
}
