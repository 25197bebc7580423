//! `partnerstack history` and `partnerstack resolve`: what happened to a record, and settling it by hand.

use std::io;

use jiff::Timestamp;
use serde_json::json;

use crate::api::ObjectSpec;
use crate::cli::args::{HistoryArgs, LedgerArgs, ResolveArgs};
use crate::cli::screen::streams::Desk;
use crate::clock::{Clock, SystemClock};
use crate::config::environment::Environment;
use crate::error::SetupError;
use crate::generated::API;
use crate::http::base_url::BaseUrl;
use crate::ledger::{Account, Entry, Event, Ledger, LedgerError, RecordId, Recorded, ScopeName};
use crate::mapping::record_key::{CONTENT_KIND, comparable, identity_kind, key_parts};
use crate::run::exit::{DONE, FAILED, SETUP, STOPPED};
use crate::run::ledger::choice::{self, Choice};
use crate::text::names::near;
use crate::text::printable::one_line;

/// Says what the ledger knows of the records that a person calls by this key.
pub(in crate::cli) async fn history(
    args: &HistoryArgs,
    environment: &Environment,
    streams: &mut Desk<'_>,
) -> io::Result<u8> {
    let found = async {
        let object = args.object.as_deref().map(object_named).transpose()?;
        let (ledger, account) = open(&args.place, true, environment)?;
        let found = find(&ledger, &account, &args.key).await?;
        Ok::<_, SetupError>(
            found
                .into_iter()
                .filter(|known| object.is_none_or(|object| known.object == object.name))
                .collect::<Vec<_>>(),
        )
    };
    let found = match found.await {
        Ok(found) => found,
        Err(error) => {
            writeln!(streams.stderr, "error: {error}")?;
            return Ok(SETUP);
        }
    };
    if found.is_empty() {
        writeln!(
            streams.stderr,
            "the ledger knows no record by this key: no run has sent it to this account"
        )?;
        return Ok(FAILED);
    }
    for known in &found {
        if args.json {
            writeln!(streams.stdout, "{}", to_json(known))?;
        } else {
            print(known, streams)?;
        }
    }
    Ok(DONE)
}

/// Settles a record by hand.
pub(in crate::cli) async fn resolve(
    args: &ResolveArgs,
    environment: &Environment,
    streams: &mut Desk<'_>,
) -> io::Result<u8> {
    let mut code = SETUP;
    let settled = async {
        let object = object_named(&args.object)?;
        let (ledger, account) = open(&args.place, false, environment)?;
        let scope = ScopeName {
            base_url: account.base_url.clone(),
            account: account.name.clone(),
            object: object.name.to_owned(),
        };
        // First, so that no run writes what is read now.
        let scope = ledger.scope(scope).await.map_err(|error| {
            code = if matches!(error, LedgerError::Locked { .. }) { STOPPED } else { SETUP };
            choice::refused(&error)
        })?;
        let mut found = find(&ledger, &account, &args.key).await?;
        found.retain(|known| known.object == object.name);
        let mut found = found.into_iter();
        let (Some(known), None) = (found.next(), found.next()) else {
            return Err(SetupError::new(format!("the ledger does not know one of the {} by this key", object.name))
                .help("see what it knows: partnerstack history KEY; the key is that of the failures file or of PartnerStack"));
        };
        let now = SystemClock::default().epoch_milliseconds();
        let event = if args.arrived {
            Event::Arrived { system_key: args.key_there.clone(), at: now }
        } else {
            Event::NotArrived
        };
        let mut entry = known.entry;
        entry.apply(event).map_err(|error| SetupError::new(error.to_string()))?;
        scope.write(vec![entry]).await.map_err(|error| choice::refused(&error))?;
        ledger.close().map_err(|error| choice::refused(&error))
    };
    match settled.await {
        Ok(()) => {
            let what = if args.arrived {
                "it counts as delivered"
            } else {
                "the next sync that has its row sends it again"
            };
            writeln!(streams.stderr, "settled: {what}")?;
            Ok(DONE)
        }
        Err(error) => {
            writeln!(streams.stderr, "error: {error}")?;
            Ok(code)
        }
    }
}

fn object_named(name: &str) -> Result<&'static ObjectSpec, SetupError> {
    let names: Vec<&str> = API.objects.iter().map(|object| object.name).collect();
    API.object(name)
        .ok_or_else(|| SetupError::new(format!("there is no object `{name}`")).help(near(name, &names)))
}

fn open(
    place: &LedgerArgs,
    read_only: bool,
    environment: &Environment,
) -> Result<(Ledger, Account), SetupError> {
    let base_url = BaseUrl::parse(place.base_url.as_deref().unwrap_or(API.base_url))?;
    let account = Account {
        base_url: base_url.as_str().to_owned(),
        name: place.account.clone().unwrap_or_else(|| "default".to_owned()),
    };
    let choice = Choice {
        named: place.ledger.clone().map(|path| environment.expand(path)).or_else(|| environment.ledger()),
        digest_key_file: place
            .digest_key_file
            .clone()
            .map(|path| environment.expand(path))
            .or_else(|| environment.digest_key_file()),
        require: true,
        read_only,
        temporary: false,
    };
    let now = SystemClock::default().epoch_milliseconds();
    Ok((choice::open(&choice, environment, now)?, account))
}

/// By the values of its columns, by the system's key, or by what is kept as a digest, which is made here: of an identity
/// field, of personal columns, or of all that a row says.
async fn find(ledger: &Ledger, account: &Account, key: &str) -> Result<Vec<Recorded>, SetupError> {
    let mut ids: Vec<RecordId> = vec![ledger.digester().record(CONTENT_KIND, &[key])];
    let keyed_by = ledger.all_keyed_by(account).await.map_err(|error| choice::refused(&error))?;
    let kinds = || keyed_by.iter().filter(|kind| *kind != CONTENT_KIND);
    for parts in key_parts(key) {
        ids.extend(kinds().map(|kind| ledger.digester().record(kind, &parts)));
    }
    for identity in API.objects.iter().flat_map(|object| object.identity) {
        let id =
            ledger.digester().record(&identity_kind(identity.field), &[comparable(key, identity.compare)]);
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ledger.history(account, key, ids).await.map_err(|error| choice::refused(&error))
}

fn print(known: &Recorded, streams: &mut Desk<'_>) -> io::Result<()> {
    let Recorded { object, sync, entry } = known;
    let key = entry.record_key.as_deref().map_or_else(|| "(kept as a digest)".to_owned(), one_line);
    writeln!(streams.stdout, "{object} {key}")?;
    match entry.exists_since {
        Some(since) => writeln!(
            streams.stdout,
            "  exists at {} since {} under {}",
            API.title,
            time(since),
            entry.system_key.as_deref().map_or_else(|| "a key that is not known".to_owned(), one_line)
        )?,
        None => writeln!(streams.stdout, "  not known to exist at {}", API.title)?,
    }
    let Some(attempt) = &entry.attempt else { return Ok(()) };
    writeln!(
        streams.stdout,
        "  last attempt: {} of row {} in run {}{}, {}: {}{}",
        attempt.operation.name(),
        attempt.row,
        attempt.run,
        sync.as_deref().map_or_else(String::new, |sync| format!(" of `{}`", one_line(sync))),
        time(attempt.at),
        attempt.state.name(),
        attempt.status.map_or_else(String::new, |status| format!(" (HTTP {status})")),
    )?;
    if let Some(message) = &attempt.message {
        writeln!(streams.stdout, "  {message}")?;
    }
    if is_open(entry) {
        writeln!(
            streams.stdout,
            "  nobody knows yet whether it arrived: the next sync looks it up, or settle it: partnerstack resolve KEY --object {object} --arrived | --not-arrived"
        )?;
    }
    Ok(())
}

fn to_json(known: &Recorded) -> serde_json::Value {
    let Recorded { object, sync, entry } = known;
    json!({
        "object": object,
        "key": entry.record_key,
        "system_key": entry.system_key,
        "exists_since": entry.exists_since,
        "open": is_open(entry),
        "attempt": entry.attempt.as_ref().map(|attempt| json!({
            "operation": attempt.operation.name(),
            "state": attempt.state.name(),
            "at": attempt.at,
            "run": attempt.run,
            "sync": sync,
            "row": attempt.row,
            "status": attempt.status,
            "message": attempt.message,
        })),
    })
}

fn is_open(entry: &Entry) -> bool {
    entry.open_create().is_some()
}

fn time(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds)
        .map_or_else(|_| milliseconds.to_string(), |time| format!("{time:.0}"))
}
