//! `partnerstack failures`: the rows that did not arrive and are still to be done.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::groups::Groups;
use super::place::LedgerUse;
use crate::cli::args::ledger::{FailuresArgs, LedgerArgs};
use crate::cli::screen::figures::rows;
use crate::cli::screen::streams::Desk;
use crate::config::environment::Environment;
use crate::config::sync_file::load_tests;
use crate::error::SetupError;
use crate::generated::API;
use crate::ledger::{FaultChange, FaultId, FaultState, LedgerError, Scope, ScopeName};
use crate::report::failures::begin::Form;
use crate::report::failures::entry::FailureEntry;
use crate::report::failures::list::FailuresFile;
use crate::report::failures::read::{EntryLine, FailuresReader};
use crate::run::exit::{DONE, SETUP, STOPPED};
use crate::run::ledger::choice;
use crate::run::outputs::failures::{lists_of, with_states};
use crate::source::SourceOptions;
use crate::text::names::near;

/// The latest runs among which a sync is looked for.
const RUNS: usize = 10_000;
/// Entries that are read together.
const BATCH: usize = 512;

/// Shows the entries, writes them as a table, or dismisses some.
pub(in crate::cli) async fn run(
    args: &FailuresArgs,
    environment: &Environment,
    streams: &mut Desk<'_>,
) -> io::Result<u8> {
    match act(args, environment, streams).await {
        Ok(()) => Ok(DONE),
        Err(NotDone::Refused(error)) => {
            writeln!(streams.stderr, "error: {error}")?;
            Ok(SETUP)
        }
        Err(NotDone::InUse(error)) => {
            writeln!(streams.stderr, "error: {error}")?;
            Ok(STOPPED)
        }
        Err(NotDone::Output(error)) => Err(error),
    }
}

/// Why it was not done.
enum NotDone {
    Refused(SetupError),
    /// A run has the records of the account.
    InUse(SetupError),
    /// What it says cannot be written.
    Output(io::Error),
}

impl From<SetupError> for NotDone {
    fn from(error: SetupError) -> Self {
        Self::Refused(error)
    }
}

impl From<LedgerError> for NotDone {
    fn from(error: LedgerError) -> Self {
        let refused = choice::refused(&error);
        if matches!(error, LedgerError::Locked { .. }) {
            Self::InUse(refused)
        } else {
            Self::Refused(refused)
        }
    }
}

async fn act(args: &FailuresArgs, environment: &Environment, streams: &mut Desk<'_>) -> Result<(), NotDone> {
    if let Some(path) = args.csv.as_ref().filter(|path| Form::of(path) != Form::Csv) {
        let error = SetupError::new(format!("`{}` is to be a table", path.display()));
        return Err(error.help("name it .csv").into());
    }
    let (place, name) = sync_named(args, environment)?;
    let dismisses = !args.dismiss.is_empty();
    let place = LedgerUse::open(&place, !dismisses, false, environment)?;
    let folder = lists_of(&place.folder(), &place.account);
    let lists = match &name {
        Named::File(path) => vec![path.clone()],
        Named::Sync(name) => {
            let lists = lists_in(&folder, Some(name))?;
            if lists.is_empty() {
                check_name(name, &place).await?;
            }
            lists
        }
        Named::All => lists_in(&folder, None)?,
    };
    let mut scopes = Vec::new();
    for object in API.objects {
        let (base_url, account) = (place.account.base_url.clone(), place.account.name.clone());
        scopes
            .push(place.ledger.scope(ScopeName { base_url, account, object: object.name.to_owned() }).await?);
    }
    if dismisses {
        let count = dismiss(&args.dismiss, &lists, &scopes).await?;
        place.ledger.close()?;
        return writeln!(streams.stderr, "{} dismissed", rows(count)).map_err(NotDone::Output);
    }
    if let Some(path) = &args.csv {
        let count = write_table(&environment.expand(path.clone()), &lists, &scopes).await?;
        return writeln!(
            streams.stderr,
            "{} in {}: correct them there, and sync the file: --source {}",
            rows(count),
            path.display(),
            path.display()
        )
        .map_err(NotDone::Output);
    }
    let mut shown = 0;
    for list in &lists {
        shown += show(list, &scopes, args.json, streams).await?;
    }
    if shown == 0 {
        writeln!(streams.stderr, "nothing is left to do in {}", folder.display()).map_err(NotDone::Output)?;
    }
    Ok(())
}

/// What the argument names.
enum Named {
    File(PathBuf),
    Sync(String),
    All,
}

/// What the argument names, and the ledger and account of the sync where it is a sync file. Flags come first.
fn sync_named(args: &FailuresArgs, environment: &Environment) -> Result<(LedgerArgs, Named), SetupError> {
    let mut place = args.place.clone();
    let Some(of) = &args.of else { return Ok((place, Named::All)) };
    let path = environment.expand(PathBuf::from(of));
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    if ["yaml", "yml"].contains(&extension) {
        let (settings, _) = load_tests(&path, environment)?;
        let target = settings.target;
        place.base_url = place.base_url.or(target.base_url);
        place.account = place.account.or(Some(target.account));
        place.ledger = place.ledger.or(target.ledger);
        place.digest_key_file = place.digest_key_file.or(target.digest_key_file);
        let named = settings.failures.map_or(Named::Sync(settings.name), Named::File);
        return Ok((place, named));
    }
    let named = if path.is_file() { Named::File(path) } else { Named::Sync(of.clone()) };
    Ok((place, named))
}

/// The failures files in a folder, of one sync or of all.
fn lists_in(folder: &Path, name: Option<&str>) -> Result<Vec<PathBuf>, SetupError> {
    let found = match fs::read_dir(folder) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(SetupError::new(format!(
                "the folder `{}` cannot be read: {error}",
                folder.display()
            )));
        }
    };
    let mut lists: Vec<PathBuf> = found.filter_map(|entry| Some(entry.ok()?.path())).collect();
    lists.retain(|path| path.extension().is_some_and(|extension| extension == "ndjson"));
    lists.sort();
    lists.retain(|path| name.is_none_or(|name| sync_of(path) == name));
    Ok(lists)
}

/// A sync without failures is one that has run.
async fn check_name(name: &str, place: &LedgerUse) -> Result<(), NotDone> {
    let runs = place.ledger.runs(Some(place.account.clone()), RUNS).await?;
    let names: Vec<&str> = runs.iter().map(|run| run.sync.as_str()).collect();
    if names.contains(&name) {
        return Ok(());
    }
    let error = SetupError::new(format!("no sync `{name}` has run, as far as {} knows", place.named()));
    Err(if names.is_empty() { error } else { error.help(near(name, &names)) }.into())
}

/// The sync that a default failures file is of: its name stands before that of the object.
fn sync_of(path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default();
    Path::new(stem).file_stem().unwrap_or_default().to_string_lossy().into_owned()
}

/// The entries of a file that are to be done.
struct OpenEntries<'s> {
    reader: FailuresReader,
    scopes: &'s [Scope],
}

impl<'s> OpenEntries<'s> {
    fn of(path: &Path, scopes: &'s [Scope]) -> Result<Option<Self>, SetupError> {
        let reader =
            FailuresReader::open(path, &SourceOptions::default()).map_err(|error| unread(path, &error))?;
        Ok(reader.map(|reader| Self { reader, scopes }))
    }

    /// The next of them; none at the end.
    async fn next(&mut self) -> io::Result<Option<Vec<EntryLine>>> {
        let entries = self.reader.read(BATCH)?;
        if entries.is_empty() {
            return Ok(None);
        }
        let mut open = Vec::with_capacity(entries.len());
        let mut rest = entries;
        // Each is of one object; which, the ledger knows.
        for scope in self.scopes {
            let mut unknown = Vec::new();
            for (entry, state) in with_states(rest, scope).await {
                match state {
                    Some(FaultState::Open(_)) => open.push(entry),
                    Some(FaultState::Replaced | FaultState::Closed) => {}
                    None => unknown.push(entry),
                }
            }
            rest = unknown;
        }
        open.append(&mut rest);
        Ok(Some(open))
    }
}

fn unread(path: &Path, error: &io::Error) -> SetupError {
    SetupError::new(format!("the failures file `{}` cannot be read: {error}", path.display()))
}

/// Shows the entries of a file; says how many.
async fn show(path: &Path, scopes: &[Scope], json: bool, streams: &mut Desk<'_>) -> Result<u64, NotDone> {
    let Some(mut entries) = OpenEntries::of(path, scopes)? else { return Ok(0) };
    let mut groups = Groups::default();
    let failed = |error| NotDone::Refused(unread(path, &error));
    while let Some(entries) = entries.next().await.map_err(failed)? {
        for entry in entries {
            if json {
                let text = String::from_utf8_lossy(&entry.line);
                writeln!(streams.stdout, "{text}").map_err(NotDone::Output)?;
            }
            groups.add(serde_json::from_slice(&entry.line).ok());
        }
    }
    if !json && groups.count > 0 {
        writeln!(streams.stdout, "{} to be done, in {}", rows(groups.count), path.display())
            .and_then(|()| groups.print(&mut streams.stdout))
            .map_err(NotDone::Output)?;
    }
    Ok(groups.count)
}

/// Writes the entries of files as one table; says how many.
async fn write_table(path: &Path, lists: &[PathBuf], scopes: &[Scope]) -> Result<u64, NotDone> {
    let refused = |error: io::Error| {
        SetupError::new(format!("`{}` cannot be written: {error}", path.display())).help("name another file")
    };
    let mut columns: Vec<String> = Vec::new();
    for list in lists {
        let Some(mut entries) = OpenEntries::of(list, scopes)? else { continue };
        while let Some(entries) = entries.next().await.map_err(|error| unread(list, &error))? {
            let entries = entries.iter().filter_map(|entry| serde_json::from_slice(&entry.line).ok());
            for name in entries.filter_map(|entry: FailureEntry| entry.record).flatten().map(|(name, _)| name)
            {
                if !columns.contains(&name) {
                    columns.push(name);
                }
            }
        }
    }
    let mut table = FailuresFile::new(path, &columns, false, SourceOptions::default()).map_err(refused)?;
    table.output_mut().check().and_then(|()| table.output_mut().claim()).map_err(refused)?;
    let mut count = 0;
    for list in lists {
        let Some(mut entries) = OpenEntries::of(list, scopes)? else { continue };
        while let Some(entries) = entries.next().await.map_err(|error| unread(list, &error))? {
            for entry in &entries {
                table.keep(entry).map_err(refused)?;
                count += 1;
            }
        }
    }
    table.finish(false).map_err(refused)?;
    Ok(count)
}

/// Takes entries out of their files, and notes that in the ledger; says how many.
async fn dismiss(ids: &[FaultId], lists: &[PathBuf], scopes: &[Scope]) -> Result<u64, NotDone> {
    let ids: BTreeSet<FaultId> = ids.iter().copied().collect();
    let (mut found, mut with_entries) = (BTreeSet::new(), Vec::new());
    for list in lists {
        let Some(mut entries) = OpenEntries::of(list, scopes)? else { continue };
        let before = found.len();
        while let Some(entries) = entries.next().await.map_err(|error| unread(list, &error))? {
            found.extend(entries.iter().filter_map(|entry| entry.id).filter(|id| ids.contains(id)));
        }
        if found.len() > before {
            with_entries.push(list);
        }
    }
    if let Some(missing) = ids.difference(&found).next() {
        let error = SetupError::new(format!("no entry that is to be done has the id {missing}"));
        return Err(error.help("see them: partnerstack failures").into());
    }
    for scope in scopes {
        let states = scope.fault_states(found.iter().copied().collect()).await?;
        let known = found.iter().zip(states).filter(|(_, state)| state.is_some());
        let changes: Vec<FaultChange> = known.map(|(id, _)| FaultChange::Dismissed(*id)).collect();
        if !changes.is_empty() {
            scope.change_faults(changes).await?;
        }
    }
    for list in with_entries {
        rewrite(list, &found).map_err(|error| {
            SetupError::new(format!("the failures file `{}` cannot be written: {error}", list.display()))
        })?;
    }
    Ok(found.len() as u64)
}

/// Writes a file anew without some of its entries.
fn rewrite(path: &Path, without: &BTreeSet<FaultId>) -> io::Result<()> {
    let mut file = FailuresFile::new(path, &[], true, SourceOptions::default())?;
    file.output_mut().check()?;
    file.output_mut().claim()?;
    let Some(mut entries) = file.earlier()? else { return Ok(()) };
    loop {
        let batch = entries.read(BATCH)?;
        if batch.is_empty() {
            break;
        }
        for entry in batch.iter().filter(|entry| entry.id.is_none_or(|id| !without.contains(&id))) {
            file.keep(entry)?;
        }
    }
    file.finish(true).map(drop)
}
