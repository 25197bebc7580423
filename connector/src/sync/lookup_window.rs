//! The creation times among which a lookup finds what a create has made, by this machine's clock and the server's.

use std::time::Duration;

use crate::clock::Clock;
use crate::http::transport::Transport;
use crate::ledger::{Attempt, Entry, Event, Window};
use crate::sync::engine::Engine;
use crate::sync::plan::Item;
use crate::sync::settle::Times;

/// How far around the expected time of creation a lookup searches.
const MARGIN: Duration = Duration::from_mins(10);
/// An intent that is older than this is written down again before its request leaves.
const STALE: Duration = Duration::from_mins(5);

impl<T: Transport, C: Clock> Engine<'_, T, C> {
    /// The creation times among which what a create makes is found.
    pub(crate) fn window(&self, item: &Item) -> Window {
        match item.created {
            Some(at) => Window {
                from: at.saturating_sub(milliseconds(MARGIN)),
                to: at.saturating_add(milliseconds(MARGIN)),
            },
            None => self.window_around(self.server_time()),
        }
    }

    /// The creation times that a lookup searches for what an attempt may have made.
    pub(crate) fn times(&self, attempt: &Attempt) -> Option<Times> {
        let then = attempt.window?;
        // A window that lies around the creation time that the body asked for is exact; it needs no clock.
        let by_clock = then.to.saturating_sub(then.from) > 2 * milliseconds(MARGIN);
        let local = by_clock.then(|| self.window_around(attempt.at));
        Some(Times { then, local })
    }

    fn window_around(&self, at: i64) -> Window {
        let late = STALE + self.job.limits.timeout;
        Window {
            from: at.saturating_sub(milliseconds(MARGIN)),
            to: at.saturating_add(milliseconds(MARGIN + late)),
        }
    }

    /// Since when a record that was found exists, by this machine's clock.
    pub(crate) fn since(&self, created: Option<i64>) -> i64 {
        created.map_or_else(|| self.clock.epoch_milliseconds(), |created| created.saturating_sub(self.skew()))
    }

    /// Writes the intent of a create down again if its request leaves so late that a lookup would search in vain.
    pub(crate) async fn refresh(&self, item: &Item, entry: &mut Entry) -> bool {
        let now = self.clock.epoch_milliseconds();
        match entry.open_create() {
            Some(attempt) if now.saturating_sub(attempt.at) > milliseconds(STALE) => self
                .record(entry, Event::Sending { at: now, window: Some(self.window(item)) })
                .await
                .is_some(),
            _ => true,
        }
    }
}

/// A time as the ledger and the API write it.
pub(crate) fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}
