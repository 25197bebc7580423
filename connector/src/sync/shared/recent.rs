//! The latest creates that were answered: what a list has to show before it proves that another record is missing.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// That many are enough.
pub(crate) const MOST: usize = 1000;

/// Milliseconds since the run began; before it, less than zero. They do not jump when a clock is set.
pub(crate) type RunTime = i64;

/// When a request left and when it ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RequestTimes {
    pub(crate) left: RunTime,
    pub(crate) ended: RunTime,
}

/// A create that was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Made {
    /// When it left.
    pub(crate) left: RunTime,
    pub(crate) created: Created,
}

/// The creation time under which a list has a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Created {
    /// The one that its body asked for, in epoch milliseconds.
    AsAsked(i64),
    /// About that at which the request left.
    WhenItLeft,
    /// It was asked for several times, and not always the same.
    Unknown,
}

impl Created {
    /// That of a create whose body asked for this one, if for any.
    pub(crate) fn of(asked: Option<i64>) -> Self {
        asked.map_or(Self::WhenItLeft, Self::AsAsked)
    }
}

/// The latest records that this account has made.
#[derive(Default)]
pub(crate) struct Recent {
    /// By the system's key.
    made: RefCell<HashMap<String, Made>>,
    /// The keys, the oldest first.
    order: RefCell<VecDeque<String>>,
    /// The least age at which one was seen in a list.
    youngest_seen: Cell<Option<i64>>,
    /// Those of earlier runs were read from the ledger.
    complete: Cell<bool>,
}

impl Recent {
    /// A create that left at this time was answered.
    pub(crate) fn add(&self, key: &str, made: Made) {
        let (mut known, mut order) = (self.made.borrow_mut(), self.order.borrow_mut());
        if known.insert(key.to_owned(), made).is_none() {
            order.push_back(key.to_owned());
        }
        while order.len() > MOST {
            let oldest = order.pop_front();
            oldest.map(|oldest| known.remove(&oldest));
        }
    }

    /// Those of earlier runs, the latest first. They are older than all that are known.
    pub(crate) fn add_earlier(&self, earlier: Vec<(String, Made)>) {
        let (mut known, mut order) = (self.made.borrow_mut(), self.order.borrow_mut());
        for (key, made) in earlier {
            if order.len() < MOST && !known.contains_key(&key) {
                known.insert(key.clone(), made);
                order.push_front(key);
            }
        }
        self.complete.set(true);
    }

    /// The one with this key.
    pub(crate) fn made(&self, key: &str) -> Option<Made> {
        self.made.borrow().get(key).copied()
    }

    /// The one that was made last.
    pub(crate) fn latest(&self) -> Option<Made> {
        self.order.borrow().back().and_then(|key| self.made.borrow().get(key).copied())
    }

    /// Those of earlier runs are among them.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete.get()
    }

    /// A list shows the record with this key, and how old it is at most by the server's clock. Says whether it is one of these.
    pub(crate) fn seen(&self, key: &str, now: RunTime, age_shown: i64) -> bool {
        let Some(made) = self.made.borrow().get(key).copied() else { return false };
        let known = now.saturating_sub(made.left).max(0);
        // This machine's clock may have been set back since an earlier run: the longer time proves less.
        let age = if made.left < 0 { known.max(age_shown) } else { known };
        let youngest = self.youngest_seen.get().map_or(age, |youngest| youngest.min(age));
        self.youngest_seen.set(Some(youngest));
        true
    }

    /// The least age at which one was seen in a list, in milliseconds.
    pub(crate) fn youngest_seen(&self) -> Option<i64> {
        self.youngest_seen.get()
    }

    /// When the first of those left that a walk should have seen, and did not see.
    pub(crate) fn absent_since(
        &self,
        expected: impl Fn(Made) -> bool,
        saw: impl Fn(&str) -> bool,
    ) -> Option<RunTime> {
        let made = self.made.borrow();
        let absent = made.iter().filter(|(key, made)| expected(**made) && !saw(key));
        absent.map(|(_, made)| made.left).min()
    }
}

/// A time as the ledger and the API write it.
pub(crate) fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
