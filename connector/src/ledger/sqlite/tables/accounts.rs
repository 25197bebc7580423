//! The accounts of a ledger: their public keys, and what is known of them.

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::ledger::account::{Account, AccountFacts, KeyStanding, KnownRecord};
use crate::ledger::digest::Digest;
use crate::ledger::entry::Window;

/// Whether a public key belongs to the account.
pub(in crate::ledger) fn standing(
    connection: &Connection,
    account: &Account,
    public_key: Digest,
) -> rusqlite::Result<KeyStanding> {
    let Account { base_url, name } = account;
    let sql = "SELECT account FROM public_keys WHERE base_url = ?1 AND digest = ?3
               ORDER BY account <> ?2 LIMIT 1";
    let owner: Option<String> =
        connection.query_row(sql, params![base_url, name, public_key.0], |row| row.get(0)).optional()?;
    Ok(match owner {
        Some(owner) if owner == *name => KeyStanding::Known,
        Some(owner) => KeyStanding::OfAnother(owner),
        None if has_keys(connection, account)? => KeyStanding::Unknown,
        None => KeyStanding::First,
    })
}

fn has_keys(connection: &Connection, account: &Account) -> rusqlite::Result<bool> {
    let Account { base_url, name } = account;
    let sql = "SELECT EXISTS (SELECT 1 FROM public_keys WHERE base_url = ?1 AND account = ?2)";
    connection.query_row(sql, params![base_url, name], |row| row.get(0))
}

/// Notes that a public key belongs to the account; `alone`: and no other any more.
pub(in crate::ledger) fn add_public_key(
    connection: &Connection,
    account: &Account,
    public_key: Digest,
    alone: bool,
    now: i64,
) -> rusqlite::Result<()> {
    let Account { base_url, name } = account;
    let transaction = connection.unchecked_transaction()?;
    if alone {
        let sql = "DELETE FROM public_keys WHERE base_url = ?1 AND account = ?2 AND digest <> ?3";
        transaction.execute(sql, params![base_url, name, public_key.0])?;
    }
    let sql =
        "INSERT OR IGNORE INTO public_keys (base_url, account, digest, added_at) VALUES (?1, ?2, ?3, ?4)";
    transaction.execute(sql, params![base_url, name, public_key.0, now])?;
    transaction.commit()
}

/// What is known about an account.
pub(in crate::ledger) fn facts(connection: &Connection, account: &Account) -> rusqlite::Result<AccountFacts> {
    let Account { base_url, name } = account;
    let sql = "SELECT EXISTS (SELECT 1 FROM scopes JOIN records ON records.scope = scopes.id
                              WHERE base_url = ?1 AND account = ?2)";
    let records = connection.query_row(sql, params![base_url, name], |row| row.get(0))?;
    let sql = "SELECT test FROM accounts WHERE base_url = ?1 AND account = ?2";
    let test = connection.query_row(sql, params![base_url, name], |row| row.get(0)).optional()?;
    Ok(AccountFacts { keys: has_keys(connection, account)?, records, test })
}

/// Notes whether a record of the scope's account is a test record. In production there may be test records too, so that one
/// that is none decides.
pub(in crate::ledger) fn note_test(
    connection: &Connection,
    scope: Option<i64>,
    test: bool,
) -> rusqlite::Result<()> {
    let sql = "INSERT INTO accounts (base_url, account, test)
               SELECT base_url, account, ?2 FROM scopes WHERE id = ?1
               ON CONFLICT DO UPDATE SET test = min(test, excluded.test)";
    connection.execute(sql, params![scope, test]).map(drop)
}

/// Records that the system should have, at most `limit`: those whose creation times are certain first, and the latest
/// of them.
pub(in crate::ledger) fn known_records(
    connection: &Connection,
    account: &Account,
    limit: usize,
) -> rusqlite::Result<Vec<KnownRecord>> {
    let sql = "SELECT object, operation = 'create' AND state = 'done' AS certain,
                      coalesce(window_from, exists_since), coalesce(window_to, exists_since)
               FROM records JOIN scopes ON records.scope = scopes.id
               WHERE base_url = ?1 AND account = ?2 AND exists_since IS NOT NULL AND system_key IS NOT NULL
               ORDER BY certain DESC, number DESC LIMIT ?3";
    let known = |row: &Row<'_>| {
        let made = Window { from: row.get(2)?, to: row.get(3)? };
        let certain: Option<bool> = row.get(1)?;
        Ok(KnownRecord { object: row.get(0)?, made, certain: certain.unwrap_or_default() })
    };
    let Account { base_url, name } = account;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    connection.prepare(sql)?.query_map(params![base_url, name, limit], known)?.collect()
}

/// The accounts of which something is known.
pub(in crate::ledger) fn all(connection: &Connection) -> rusqlite::Result<Vec<Account>> {
    let sql = "SELECT DISTINCT base_url, account FROM scopes ORDER BY base_url, account";
    let account = |row: &Row<'_>| Ok(Account { base_url: row.get(0)?, name: row.get(1)? });
    connection.prepare(sql)?.query_map([], account)?.collect()
}
