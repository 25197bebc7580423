//! `partnerstack history` and `partnerstack resolve`: what happened to a record, and settling it by hand.

use std::io::{self, Write};

use serde_json::json;

use super::place::{LedgerUse, time};
use crate::api::ObjectSpec;
use crate::cli::args::ledger::{HistoryArgs, ResolveArgs};
use crate::cli::screen::streams::Desk;
use crate::clock::{Clock, SystemClock};
use crate::config::environment::Environment;
use crate::error::SetupError;
use crate::generated::API;
use crate::ledger::{
    Account, Entry, Event, FaultChange, Ledger, LedgerError, RecordId, Recorded, RecordedFault, ScopeName,
};
use crate::mapping::record_key::{CONTENT_KIND, comparable, identity_kind, key_parts};
use crate::run::exit::{DONE, FAILED, SETUP, STOPPED};
use crate::run::ledger::choice;
use crate::text::names::near;
use crate::text::printable::one_line;

/// Says what the ledger knows of the records that a person calls by this key, and of rows that did not arrive.
pub(in crate::cli) async fn history(
    args: &HistoryArgs,
    environment: &Environment,
    streams: &mut Desk<'_>,
) -> io::Result<u8> {
    let found = async {
        let object = args.object.as_deref().map(object_named).transpose()?;
        let place = LedgerUse::open(&args.place, true, true, environment)?;
        let is_meant = |name: &str| object.is_none_or(|object| name == object.name);
        let mut found = find(&place.ledger, &place.account, &args.key).await?;
        found.records.retain(|known| is_meant(&known.object));
        found.faults.retain(|fault| is_meant(&fault.object));
        let others = others_that_know(&place, &args.key).await?;
        Ok::<_, SetupError>((found, place, others))
    };
    let (found, place, others) = match found.await {
        Ok(found) => found,
        Err(error) => {
            writeln!(streams.stderr, "error: {error}")?;
            return Ok(SETUP);
        }
    };
    let is_empty = found.records.is_empty() && found.faults.is_empty();
    if is_empty {
        writeln!(
            streams.stderr,
            "the ledger knows no record by this key: no run has sent it to this account\nlooked in {}",
            place.named()
        )?;
    } else if !args.json {
        writeln!(streams.stdout, "in {}", place.named())?;
    }
    for known in &found.records {
        if args.json {
            writeln!(streams.stdout, "{}", to_json(known))?;
        } else {
            print(known, streams)?;
        }
    }
    for fault in &found.faults {
        if args.json {
            writeln!(streams.stdout, "{}", fault_to_json(fault))?;
        } else {
            print_fault(fault, streams)?;
        }
    }
    for Account { base_url, name } in others {
        let url = if base_url == place.account.base_url {
            String::new()
        } else {
            format!(" --base-url {base_url}")
        };
        let out: &mut dyn Write =
            if args.json || is_empty { &mut *streams.stderr } else { &mut *streams.stdout };
        writeln!(out, "the account `{name}` of {base_url} knows this key too: add --account {name}{url}")?;
    }
    Ok(if is_empty { FAILED } else { DONE })
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
        let LedgerUse { ledger, account, .. } = LedgerUse::open(&args.place, false, true, environment)?;
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
        let mut found = find(&ledger, &account, &args.key).await?.records;
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
        let arrived = FaultChange::Arrived { record: entry.id, id: None, later: false, corrects: None };
        scope.write(vec![entry]).await.map_err(|error| choice::refused(&error))?;
        if args.arrived {
            scope.change_faults(vec![arrived]).await.map_err(|error| choice::refused(&error))?;
        }
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

/// By the values of its columns, by the system's key, or by what is kept as a digest, which is made here: of an identity
/// field, of personal columns, or of all that a row says.
async fn find(ledger: &Ledger, account: &Account, key: &str) -> Result<KnownByKey, SetupError> {
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
    let records = ledger.history(account, key, ids.clone()).await.map_err(|error| choice::refused(&error))?;
    for known in &records {
        if !ids.contains(&known.entry.id) {
            ids.push(known.entry.id);
        }
    }
    let faults = ledger.fault_history(account, ids).await.map_err(|error| choice::refused(&error))?;
    Ok(KnownByKey { records, faults })
}

/// The other accounts of the ledger that know the key.
async fn others_that_know(place: &LedgerUse, key: &str) -> Result<Vec<Account>, SetupError> {
    let accounts = place.ledger.accounts().await.map_err(|error| choice::refused(&error))?;
    let mut others = Vec::new();
    for account in accounts.into_iter().filter(|account| *account != place.account) {
        let found = find(&place.ledger, &account, key).await?;
        if !found.records.is_empty() || !found.faults.is_empty() {
            others.push(account);
        }
    }
    Ok(others)
}

/// What an account knows by a key.
struct KnownByKey {
    records: Vec<Recorded>,
    /// Rows that did not arrive.
    faults: Vec<RecordedFault>,
}

fn print_fault(fault: &RecordedFault, streams: &mut Desk<'_>) -> io::Result<()> {
    let sync = fault.sync.as_deref().map_or_else(String::new, |sync| format!(" of `{}`", one_line(sync)));
    let status = fault.status.map_or_else(String::new, |status| format!(" (HTTP {status})"));
    let open = if fault.open { "still to be done" } else { "no more to be done" };
    writeln!(
        streams.stdout,
        "{}: row {} was {} in run {}{sync}, {}{status}, {open}; id {}\n  {}",
        fault.object,
        fault.row,
        fault.outcome,
        fault.run,
        time(fault.at),
        fault.id,
        fault.message
    )
}

fn fault_to_json(fault: &RecordedFault) -> serde_json::Value {
    json!({
        "object": fault.object,
        "failure": {
            "id": fault.id.to_string(),
            "outcome": fault.outcome,
            "open": fault.open,
            "run": fault.run,
            "sync": fault.sync,
            "row": fault.row,
            "at": fault.at,
            "status": fault.status,
            "message": fault.message,
        },
    })
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
