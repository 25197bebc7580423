//! A bounded hand-over between two stages on different threads: items are passed on in batches.
//!
//! A batch is passed on when it is full, or when the stage that makes the items has to wait for more itself. So no item
//! waits for one that is not there yet, and items that come fast are passed on together.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// How much may wait to be taken.
#[derive(Clone, Copy)]
pub(crate) struct Capacity {
    pub(crate) items: usize,
    pub(crate) bytes: usize,
}

/// The two ends of a new hand-over.
pub(crate) fn handoff<T>(capacity: Capacity) -> (Sender<T>, Receiver<T>) {
    let state = HandoffState {
        items: Vec::new(),
        spent: Vec::new(),
        bytes: 0,
        due: false,
        ended: false,
        abandoned: false,
    };
    let shared = Arc::new(HandoffShared {
        capacity,
        state: Mutex::new(state),
        filled: Notify::new(),
        emptied: Condvar::new(),
    });
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

struct HandoffShared<T> {
    capacity: Capacity,
    state: Mutex<HandoffState<T>>,
    filled: Notify,
    emptied: Condvar,
}

struct HandoffState<T> {
    items: Vec<T>,
    /// Items that were taken and are no longer needed.
    spent: Vec<T>,
    bytes: usize,
    /// What is there is a batch.
    due: bool,
    /// The sender is gone: no more items come.
    ended: bool,
    /// The receiver is gone: no more items are taken.
    abandoned: bool,
}

impl<T> HandoffShared<T> {
    fn state(&self) -> MutexGuard<'_, HandoffState<T>> {
        // A holder that panicked has left nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_full(&self, state: &HandoffState<T>) -> bool {
        state.items.len() >= self.capacity.items || state.bytes >= self.capacity.bytes
    }

    fn flush(&self) {
        let mut state = self.state();
        if !state.items.is_empty() {
            state.due = true;
            self.filled.notify_one();
        }
    }
}

/// The end where items are put in. When it is dropped, no more come.
pub(crate) struct Sender<T>(Arc<HandoffShared<T>>);

impl<T> Sender<T> {
    /// Adds items that hold this many bytes as soon as there is room. False: the receiver is gone.
    pub(crate) fn send(&self, items: impl IntoIterator<Item = T>, bytes: usize) -> bool {
        let Self(shared) = self;
        let full = |state: &mut HandoffState<T>| !state.abandoned && shared.is_full(state);
        let mut state =
            shared.emptied.wait_while(shared.state(), full).unwrap_or_else(PoisonError::into_inner);
        state.items.extend(items);
        state.bytes += bytes;
        let spent = std::mem::take(&mut state.spent);
        if shared.is_full(&state) {
            state.due = true;
            shared.filled.notify_one();
        }
        let abandoned = state.abandoned;
        drop(state);
        // Spent items are dropped on the thread that made them: freeing memory of another thread costs several times as
        // much.
        drop(spent);
        !abandoned
    }

    /// Passes on what is there, however little it is.
    pub(crate) fn flush(&self) {
        self.0.flush();
    }

    /// The same as a function of its own.
    pub(crate) fn flushing(&self) -> impl Fn() + Send + Sync + use<T>
    where
        T: Send + 'static,
    {
        let shared = Arc::clone(&self.0);
        move || shared.flush()
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        self.0.state().ended = true;
        self.0.filled.notify_one();
    }
}

/// The end where items are taken out. When it is dropped, the sender ends too.
pub(crate) struct Receiver<T>(Arc<HandoffShared<T>>);

impl<T> Receiver<T> {
    /// The next batch; none at the end.
    pub(crate) async fn take(&mut self) -> Option<Vec<T>> {
        loop {
            let filled = self.0.filled.notified();
            {
                let mut state = self.0.state();
                if !state.items.is_empty() && (state.due || state.ended) {
                    (state.bytes, state.due) = (0, false);
                    self.0.emptied.notify_one();
                    return Some(std::mem::take(&mut state.items));
                }
                if state.ended {
                    return None;
                }
            }
            filled.await;
        }
    }

    /// Gives items back to the thread that made them, to be dropped there.
    pub(crate) fn give_back(&mut self, items: Vec<T>) {
        self.0.state().spent.extend(items);
    }

    /// There is no batch to take without waiting.
    pub(crate) fn would_wait(&self) -> bool {
        let state = self.0.state();
        !state.ended && (state.items.is_empty() || !state.due)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.0.state().abandoned = true;
        self.0.emptied.notify_one();
    }
}
