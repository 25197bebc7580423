//! How long the syncs of a process go on without any progress.
//!
//! Progress is a row that becomes final, or a write that the API answers. Only time in which something goes wrong counts:
//! a write that has no answer yet, or calls that come to nothing. Waiting for the pace, for settling or for the source is
//! no trouble.

use std::cell::{Cell, RefCell};
use std::time::Duration;

/// How long trouble may last. All syncs of a process share one.
#[derive(Debug)]
pub struct Patience {
    limit: Duration,
    /// Since when writes come to nothing.
    writes: Cell<Option<Duration>>,
    /// How many writes are being tried: they wait for their turn, are on their way, or pause after trouble.
    tried: Cell<u32>,
    /// Since when reads come to nothing, or everything is put off.
    others: Cell<Option<Duration>>,
    /// How many writes are on their way, and since when there has been one without any progress.
    flying: Cell<u32>,
    flying_since: Cell<Duration>,
    /// Why it is of no use to wait any longer.
    over: RefCell<Option<String>>,
}

impl Patience {
    /// It lasts for so long.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Self {
            limit,
            writes: Cell::new(None),
            tried: Cell::new(0),
            others: Cell::new(None),
            flying: Cell::new(0),
            flying_since: Cell::new(Duration::ZERO),
            over: RefCell::default(),
        }
    }

    /// How long without progress is too long.
    #[must_use]
    pub fn limit(&self) -> Duration {
        self.limit
    }

    /// A row became final, or the API answered a write.
    pub fn moves(&self, now: Duration) {
        self.writes.set(None);
        self.others.set(None);
        self.flying_since.set(now);
    }

    /// A write is tried from now on.
    pub fn tries(&self) {
        self.tried.set(self.tried.get() + 1);
    }

    /// A write is not tried any more. Where none is, nothing goes wrong: what is left waits for settling or the source.
    pub fn rests(&self) {
        self.tried.set(self.tried.get().saturating_sub(1));
        if self.tried.get() == 0 {
            self.writes.set(None);
        }
    }

    /// A write came to nothing.
    pub fn write_failed(&self, now: Duration) {
        self.writes.set(self.writes.get().or(Some(now)));
    }

    /// A read came to nothing, or a call was put off.
    pub fn other_failed(&self, now: Duration) {
        self.others.set(self.others.get().or(Some(now)));
    }

    /// A read was answered.
    pub fn read_answered(&self) {
        self.others.set(None);
    }

    /// A write leaves.
    pub fn flies(&self, now: Duration) {
        if self.flying.get() == 0 {
            self.flying_since.set(now);
        }
        self.flying.set(self.flying.get() + 1);
    }

    /// A write came back.
    pub fn landed(&self) {
        self.flying.set(self.flying.get().saturating_sub(1));
    }

    /// How many writes are on their way.
    #[must_use]
    pub fn flying(&self) -> u32 {
        self.flying.get()
    }

    /// The server asks for more time than there is: every sync ends. The first reason counts.
    pub fn end(&self, why: &str) {
        self.over.borrow_mut().get_or_insert_with(|| why.to_owned());
    }

    /// Why it is of no use to wait any longer, if it is so.
    #[must_use]
    pub fn over(&self) -> Option<String> {
        self.over.borrow().clone()
    }

    /// What is left of it.
    #[must_use]
    pub fn left(&self, now: Duration) -> Duration {
        if self.over.borrow().is_some() {
            return Duration::ZERO;
        }
        let flying = (self.flying.get() > 0).then(|| self.flying_since.get());
        let since = [self.writes.get(), self.others.get(), flying].into_iter().flatten().min();
        since.map_or(self.limit, |since| since.saturating_add(self.limit).saturating_sub(now))
    }
}
