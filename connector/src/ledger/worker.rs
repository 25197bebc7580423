//! The thread of a ledger: it takes what has been asked for in the meantime, and commits it together.

use std::sync::mpsc::SyncSender;

use tokio::sync::{mpsc, oneshot};

use super::digest::Digester;
use super::entry::Entry;
use super::error::LedgerError;
use super::store::Store;
use super::{OpenOptions, file};

/// The most commands of one transaction, and the most that wait for the thread.
pub(super) const GROUP: usize = 1024;

/// The answer to a command. Nobody need be waiting for it any more.
pub(super) type Reply<T> = oneshot::Sender<Result<T, LedgerError>>;

/// Something to do with the tables, and to answer.
pub(super) type Call = Box<dyn FnOnce(&mut Store<'_>) + Send>;

/// What the thread is asked for.
pub(super) enum Command {
    /// Stores entries; answers once they are safe.
    Write(Vec<Entry>, Reply<Vec<Entry>>),
    /// Anything else. It sees what was written before it.
    Call(Call),
}

/// What is known of a ledger once it is open.
pub(super) struct Opened {
    pub(super) digester: Digester,
    /// It knows no record of the scope, and learns none.
    pub(super) blank: bool,
}

/// Opens a ledger, says so, and serves it until nobody can ask any more. Says why it failed, if it did.
pub(super) fn run(
    options: OpenOptions,
    ready: &SyncSender<Result<Opened, LedgerError>>,
    commands: mpsc::Receiver<Command>,
) -> Result<(), LedgerError> {
    let OpenOptions { place, scope, require, read_only, now } = options;
    let opened =
        if read_only { file::open_reader(&place, require) } else { file::open_writer(&place, require, now) };
    let opened = match opened {
        Ok(opened) => opened,
        Err(error) => return answer_failed(ready, error),
    };
    let failed = match Store::new(&opened.connection, &opened.path, scope, !read_only) {
        Err(error) => return answer_failed(ready, error),
        Ok(store) => {
            // Who asked for it is still there: it waits for this.
            let _ = ready.send(Ok(Opened { digester: opened.digester, blank: store.is_blank() }));
            serve(store, commands)
        }
    };
    let closed = opened.connection.close().map_err(|(_, error)| LedgerError::of(&opened.path, &error));
    // Only now may another process have it.
    drop(opened.lock);
    failed.map_or(closed, Err)
}

fn answer_failed(
    ready: &SyncSender<Result<Opened, LedgerError>>,
    error: LedgerError,
) -> Result<(), LedgerError> {
    let _ = ready.send(Err(error.clone()));
    Err(error)
}

fn serve(mut store: Store<'_>, mut commands: mpsc::Receiver<Command>) -> Option<LedgerError> {
    let mut writes = Vec::new();
    let mut calls = Vec::new();
    while let Some(first) = commands.blocking_recv() {
        let mut next = Some(first);
        while let Some(command) = next {
            match command {
                Command::Write(entries, reply) => writes.push((entries, reply)),
                Command::Call(call) => calls.push(call),
            }
            let full = writes.len() + calls.len() >= GROUP;
            next = if full { None } else { commands.try_recv().ok() };
        }
        commit(&mut store, &mut writes);
        // After the writes, so that nobody sees what is not safe yet.
        calls.drain(..).for_each(|call| call(&mut store));
    }
    store.failed()
}

fn commit(store: &mut Store<'_>, writes: &mut Vec<(Vec<Entry>, Reply<Vec<Entry>>)>) {
    if writes.is_empty() {
        return;
    }
    match store.write(writes.iter_mut().map(|(entries, _)| entries.as_mut_slice())) {
        Ok(current) => {
            for ((entries, reply), current) in writes.drain(..).zip(current) {
                let _ = reply.send(if current { Ok(entries) } else { Err(LedgerError::Stale) });
            }
        }
        Err(error) => writes.drain(..).for_each(|(_, reply)| {
            let _ = reply.send(Err(error.clone()));
        }),
    }
}
