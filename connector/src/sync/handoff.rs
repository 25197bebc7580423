//! Where one stage leaves what it has made for the next one: a little ahead of it, and no more.
//!
//! Things wait until there are many, or whoever makes them has to wait for more: so none waits for one that is yet to
//! come, and those that come fast are handed over together.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

/// How much may wait.
#[derive(Clone, Copy)]
pub(crate) struct Room {
    pub(crate) things: usize,
    pub(crate) bytes: usize,
}

/// A shelf with nothing on it: the end where things are put, and the end where they are taken.
pub(crate) fn shelf<T>(room: Room) -> (Front<T>, Back<T>) {
    let state =
        State { things: Vec::new(), spent: Vec::new(), bytes: 0, due: false, ended: false, left: false };
    let shelf =
        Arc::new(Shelf { room, state: Mutex::new(state), filled: Notify::new(), emptied: Condvar::new() });
    (Front(Arc::clone(&shelf)), Back(shelf))
}

struct Shelf<T> {
    room: Room,
    state: Mutex<State<T>>,
    filled: Notify,
    emptied: Condvar,
}

struct State<T> {
    things: Vec<T>,
    /// Things that were taken and are no longer needed.
    spent: Vec<T>,
    bytes: usize,
    /// Whoever asks gets what there is.
    due: bool,
    /// Nothing more comes.
    ended: bool,
    /// Nobody takes any more.
    left: bool,
}

impl<T> Shelf<T> {
    fn state(&self) -> MutexGuard<'_, State<T>> {
        // Nothing is left half done where a holder could panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_full(&self, state: &State<T>) -> bool {
        state.things.len() >= self.room.things || state.bytes >= self.room.bytes
    }

    fn hand_over(&self) {
        let mut state = self.state();
        if !state.things.is_empty() {
            state.due = true;
            self.filled.notify_one();
        }
    }
}

/// Where things are put. Nothing more comes once it is dropped.
pub(crate) struct Front<T>(Arc<Shelf<T>>);

impl<T> Front<T> {
    /// Adds things of so many bytes as soon as there is room; says whether anybody will take them.
    pub(crate) fn put(&self, things: impl IntoIterator<Item = T>, bytes: usize) -> bool {
        let Self(here) = self;
        let full = |state: &mut State<T>| !state.left && here.is_full(state);
        let mut state = here.emptied.wait_while(here.state(), full).unwrap_or_else(PoisonError::into_inner);
        state.things.extend(things);
        state.bytes += bytes;
        let spent = std::mem::take(&mut state.spent);
        if here.is_full(&state) {
            state.due = true;
            here.filled.notify_one();
        }
        let left = state.left;
        drop(state);
        // Here is where they were made: memory that another thread gives back costs several times as much.
        drop(spent);
        !left
    }

    /// Lets whoever asks have what there is.
    pub(crate) fn hand_over(&self) {
        self.0.hand_over();
    }

    /// The same, for somebody who only knows when.
    pub(crate) fn handing_over(&self) -> impl Fn() + Send + Sync + use<T>
    where
        T: Send + 'static,
    {
        let here = Arc::clone(&self.0);
        move || here.hand_over()
    }
}

impl<T> Drop for Front<T> {
    fn drop(&mut self) {
        self.0.state().ended = true;
        self.0.filled.notify_one();
    }
}

/// Where things are taken. Nobody takes any more once it is dropped.
pub(crate) struct Back<T>(Arc<Shelf<T>>);

impl<T> Back<T> {
    /// What was put there since, once it is time; none at the end.
    pub(crate) async fn take(&mut self) -> Option<Vec<T>> {
        loop {
            let filled = self.0.filled.notified();
            {
                let mut state = self.0.state();
                if !state.things.is_empty() && (state.due || state.ended) {
                    (state.bytes, state.due) = (0, false);
                    self.0.emptied.notify_one();
                    return Some(std::mem::take(&mut state.things));
                }
                if state.ended {
                    return None;
                }
            }
            filled.await;
        }
    }

    /// Gives things back to where they were made, to be dropped there.
    pub(crate) fn give_back(&mut self, things: Vec<T>) {
        self.0.state().spent.extend(things);
    }

    /// Nothing can be taken without waiting.
    pub(crate) fn is_waiting(&self) -> bool {
        let state = self.0.state();
        !state.ended && (state.things.is_empty() || !state.due)
    }
}

impl<T> Drop for Back<T> {
    fn drop(&mut self) {
        self.0.state().left = true;
        self.0.emptied.notify_one();
    }
}
