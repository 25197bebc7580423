//! The thread of a ledger: it takes everything that was asked for meanwhile, and commits it together.

use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{Builder, JoinHandle};

use tokio::sync::mpsc::{self, OwnedPermit};
use tokio::sync::oneshot;

use crate::ledger::digest::Digester;
use crate::ledger::entry::Entry;
use crate::ledger::error::LedgerError;
use crate::ledger::options::OpenOptions;
use crate::ledger::sqlite::store::{ScopeId, Store};

/// The most commands of one transaction, and the most that wait for the thread.
const GROUP: usize = 1024;

/// The running thread. Dropping it waits until everything that was asked for is done.
pub(in crate::ledger) struct Thread {
    queue: Queue,
    /// Room in the queue for the last command, which must never wait for it.
    end: Option<OwnedPermit<StoreCommand>>,
    running: Option<JoinHandle<Result<(), LedgerError>>>,
}

impl Thread {
    /// Starts a thread that opens a ledger. Returns the ledger's digester, too.
    pub(in crate::ledger) fn start(options: OpenOptions) -> Result<(Self, Digester), LedgerError> {
        let (commands, receiver) = mpsc::channel(GROUP + 1);
        let queue = Queue { commands, place: options.place.to_string().into() };
        let end = queue.commands.clone().try_reserve_owned().map_err(|_| queue.ended())?;
        let (ready, answer) = sync_channel(1);
        let thread = Builder::new().name("ledger".to_owned());
        let thread = thread.spawn(move || run(&options, &ready, receiver)).map_err(|_| queue.ended())?;
        let digester = answer.recv().map_err(|_| queue.ended())??;
        Ok((Self { queue, end: Some(end), running: Some(thread) }, digester))
    }

    pub(in crate::ledger) fn queue(&self) -> &Queue {
        &self.queue
    }

    /// Waits until everything that was asked for is done; returns the error if something was not stored.
    pub(in crate::ledger) fn end(&mut self) -> Result<(), LedgerError> {
        if let Some(end) = self.end.take() {
            // A thread that has ended already needs no command.
            drop(end.send(StoreCommand::End));
        }
        self.running.take().map_or(Ok(()), |thread| thread.join().map_err(|_| self.queue.ended())?)
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // A caller that needs the error calls `end`.
        let _ = self.end();
    }
}

/// The way to the thread.
#[derive(Clone)]
pub(in crate::ledger) struct Queue {
    commands: mpsc::Sender<StoreCommand>,
    /// The ledger, as errors name it.
    place: Arc<str>,
}

impl Queue {
    /// Stores entries of a scope, and gives them back once they are safe.
    pub(in crate::ledger) async fn write(
        &self,
        scope: ScopeId,
        entries: Vec<Entry>,
    ) -> Result<Vec<Entry>, LedgerError> {
        let (reply, answer) = oneshot::channel();
        self.send(StoreCommand::Write(Write { scope, entries, reply })).await?;
        answer.await.map_err(|_| self.ended())?
    }

    /// Anything else. It sees what was written before it.
    pub(in crate::ledger) async fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&mut Store) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let (reply, answer) = oneshot::channel();
        let call = move |store: &mut Store| {
            // The caller may have stopped waiting.
            let _ = reply.send(call(store));
        };
        self.send(StoreCommand::Call(Box::new(call))).await?;
        answer.await.map_err(|_| self.ended())?
    }

    async fn send(&self, command: StoreCommand) -> Result<(), LedgerError> {
        self.commands.send(command).await.map_err(|_| self.ended())
    }

    fn ended(&self) -> LedgerError {
        LedgerError::Failed { place: self.place.to_string(), detail: "its thread has ended".to_owned() }
    }
}

/// What the thread is asked for.
enum StoreCommand {
    Write(Write),
    Call(StoreCall),
    /// What was asked for after this is refused. The thread cannot wait until all senders are gone: a scope may outlive
    /// its ledger.
    End,
}

struct Write {
    scope: ScopeId,
    entries: Vec<Entry>,
    reply: oneshot::Sender<Result<Vec<Entry>, LedgerError>>,
}

type StoreCall = Box<dyn FnOnce(&mut Store) + Send>;

/// Opens a ledger, reports that, and serves it to its end. Returns the error if something was not stored.
fn run(
    options: &OpenOptions,
    ready: &SyncSender<Result<Digester, LedgerError>>,
    commands: mpsc::Receiver<StoreCommand>,
) -> Result<(), LedgerError> {
    let mut store = match Store::open(options) {
        Ok(store) => store,
        Err(error) => {
            let _ = ready.send(Err(error.clone()));
            return Err(error);
        }
    };
    // `Thread::start` waits for this, so the receiver exists.
    let _ = ready.send(Ok(store.digester().clone()));
    serve(&mut store, commands);
    store.close()
}

fn serve(store: &mut Store, mut commands: mpsc::Receiver<StoreCommand>) {
    let mut writes = Vec::new();
    let mut calls = Vec::new();
    let mut goes_on = true;
    while goes_on && let Some(first) = commands.blocking_recv() {
        let mut next = Some(first);
        while let Some(command) = next {
            match command {
                StoreCommand::Write(write) => writes.push(write),
                StoreCommand::Call(call) => calls.push(call),
                StoreCommand::End => goes_on = false,
            }
            let full = writes.len() + calls.len() >= GROUP;
            next = if full || !goes_on { None } else { commands.try_recv().ok() };
        }
        commit(store, &mut writes);
        // After the writes, so that no caller sees what is not safe yet.
        calls.drain(..).for_each(|call| call(store));
    }
}

fn commit(store: &mut Store, writes: &mut Vec<Write>) {
    if writes.is_empty() {
        return;
    }
    match store.write(writes.iter_mut().map(|write| (write.scope, write.entries.as_mut_slice()))) {
        Ok(current) => {
            for (Write { entries, reply, .. }, current) in writes.drain(..).zip(current) {
                let _ = reply.send(if current { Ok(entries) } else { Err(LedgerError::Stale) });
            }
        }
        Err(error) => writes.drain(..).for_each(|write| {
            let _ = write.reply.send(Err(error.clone()));
        }),
    }
}
