//! Whether a new key pair is one of the account that the ledger knows: it sees records that the ledger knows.

use super::choice::refused;
use crate::api::{ApiSpec, Operation, OperationName};
use crate::clock::Clock;
use crate::error::SetupError;
use crate::generated::API;
use crate::http::answer::response::{Answer, text_of};
use crate::http::transport::Transport;
use crate::http::wire::{How, Once, Wire};
use crate::ledger::{Account, KnownRecord, Ledger, ScopeName, Window};
use crate::request::prepare::PreparedRequest;
use crate::run::not_ready::NotReady;
use crate::sync::{Interrupt, page_path};

/// So many records are looked up.
const RECORDS: usize = 5;
/// How far the clocks of this machine and of the server may be apart, in milliseconds.
const MARGIN: i64 = 600_000;
/// The most pages that are read of one time: what was made then was mostly made by the ledger's own runs.
const PAGES: usize = 20;

/// What lookups with a new key pair say.
pub(in crate::run) enum RotatedKey {
    /// A record that the ledger knows is there.
    SameAccount,
    /// None of them is.
    NothingFound,
}

/// An account with the key pair of this run.
pub(in crate::run) struct AccountInUse<'k, T, C: Clock> {
    pub(in crate::run) ledger: &'k Ledger,
    pub(in crate::run) account: &'k Account,
    /// Its requests have the key pair.
    pub(in crate::run) wire: &'k Wire<T, C>,
    pub(in crate::run) interrupt: &'k Interrupt,
}

/// Looks up records of the account, by their creation times.
pub(in crate::run) async fn look_up<T: Transport, C: Clock + Copy>(
    key: &AccountInUse<'_, T, C>,
) -> Result<RotatedKey, NotReady> {
    let known = key.ledger.known_records(key.account, RECORDS).await.map_err(|error| refused(&error))?;
    let mut looked: Vec<(String, Option<Window>)> = Vec::new();
    for KnownRecord { object, made, certain } in known {
        let Window { from, to } = made;
        let made = Window { from: from.saturating_sub(MARGIN), to: to.saturating_add(MARGIN) };
        // Of a record that was there before the ledger knew it, only the list as a whole tells.
        let window = certain.then_some(made);
        if looked.contains(&(object.clone(), window)) {
            continue;
        }
        if sees(key, &object, window).await? {
            return Ok(RotatedKey::SameAccount);
        }
        looked.push((object, window));
    }
    Ok(RotatedKey::NothingFound)
}

/// Whether the list shows, within a window of creation times, a record that the ledger knows.
async fn sees<T: Transport, C: Clock + Copy>(
    key: &AccountInUse<'_, T, C>,
    object: &str,
    window: Option<Window>,
) -> Result<bool, NotReady> {
    let operation = API.object(object).and_then(|object| object.operation(OperationName::List));
    let Some(operation) = operation else { return Ok(false) };
    let (base_url, account) = (key.account.base_url.clone(), key.account.name.clone());
    let name = ScopeName { base_url, account, object: object.to_owned() };
    let scope = key.ledger.scope(name).await.map_err(|error| refused(&error))?;
    let mut cursor = None;
    for _ in 0..PAGES {
        let path = page_path(operation.path, &API.lists, API.lists.max_size, window, cursor.as_deref());
        let answer = read(key, operation, path).await?;
        let Some(page) = answer.page(&API) else { return Err(no_list("a page of it cannot be read")) };
        let keys: Vec<String> =
            page.items.iter().filter_map(|record| record.get(API.answers.key).and_then(text_of)).collect();
        if !scope.holders(keys).await.map_err(|error| refused(&error))?.is_empty() {
            return Ok(true);
        }
        cursor = page.cursor(&API).filter(|_| page.more);
        if cursor.is_none() {
            break;
        }
    }
    Ok(false)
}

async fn read<T: Transport, C: Clock + Copy>(
    key: &AccountInUse<'_, T, C>,
    operation: &'static Operation,
    path: String,
) -> Result<Answer, NotReady> {
    let api: &ApiSpec = &API;
    let request = PreparedRequest::read(operation, path);
    let mut once = Once::default();
    let ended = tokio::select! {
        ended = key.wire.call(&request, &mut once) => ended,
        signal = key.interrupt.wait() => return Err(NotReady::Interrupted(signal)),
    };
    match ended.how {
        How::Applied(answer) => Ok(answer),
        How::Refused(_, answer) | How::Denied(answer) | How::Moved(answer) => {
            let error = SetupError::new(format!(
                "--rotated-key looks up records of the account `{}`, and the API refuses that: {}",
                key.account.name,
                answer.explained(api)
            ));
            Err(NotReady::NeedsPerson(
                error.help(format_args!("check the keys: {}", api.authentication.keys_at)),
            ))
        }
        How::Trouble { message, .. } => Err(no_list(&message)),
        How::Stopped => Err(no_list("there was no answer")),
    }
}

/// Whose keys they are is not known: the run can be tried again.
fn no_list(why: &str) -> NotReady {
    NotReady::Later(
        SetupError::new(format!(
            "--rotated-key looks up records of the account in its lists, and cannot: {why}"
        ))
        .help("run the same command again"),
    )
}
