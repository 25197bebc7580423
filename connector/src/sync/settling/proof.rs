//! What the ledger and this run bring to the evidence of a walk.

use super::evidence::MARGIN;
use super::lookup_window::{Times, asked_in};
use super::walk::{Broken, Finds};
use crate::clock::Clock;
use crate::ledger::{RecentCreate, RecordId, Window};
use crate::report::counts::Stopped;
use crate::sync::shared::context::Context;
use crate::sync::shared::recent::{Created, MOST, Made, RequestTimes, RunTime, milliseconds};
use std::time::Duration;

/// Servers cut times to seconds, and requests take their time: at the edge of a window nothing is expected.
const EDGE: i64 = 60_000;
/// A server's time is cut by less than this.
const SECOND: i64 = 1000;

impl<T, C: Clock + Copy> Context<'_, T, C> {
    /// Reads the latest creates of earlier runs, once.
    pub(crate) async fn know_recent(&self) {
        if self.recent.is_complete() {
            return;
        }
        match self.ledger.recent_creates(self.run, MOST).await {
            Ok(earlier) => {
                let made = |create: RecentCreate| {
                    let created = match (create.window, create.window.and_then(asked_in)) {
                        (None, _) => Created::WhenItLeft,
                        (Some(_), Some(asked)) => Created::AsAsked(asked),
                        (Some(_), None) => Created::Unknown,
                    };
                    let left = self.earlier(create.at, None);
                    (create.system_key, Made { left, created })
                };
                self.recent.add_earlier(earlier.into_iter().map(made).collect());
            }
            Err(error) => self.stop(Stopped::because(error.to_string())),
        }
    }

    /// A moment of an earlier run. Where the clocks do not agree how long before this run it was, the shorter time counts.
    fn earlier(&self, at: i64, by_server: Option<i64>) -> RunTime {
        let began = self.epoch_of(0);
        let by_server = by_server.map(|at| began.saturating_add(self.skew()).saturating_sub(at));
        let ago = [Some(began.saturating_sub(at)), by_server].into_iter().flatten();
        // A clock by which it is still to come was set since, or was not known then.
        let ago = ago.filter(|ago| *ago >= -MARGIN).min().unwrap_or_default();
        // It certainly left before this run, whatever the clocks say.
        ago.max(1).saturating_neg()
    }

    /// How old a record that a list shows is at most, by the server's clock as far as that is known: it tells whole seconds.
    pub(crate) fn age_shown(&self, created: Option<i64>) -> i64 {
        let now = self.clock.epoch_milliseconds().saturating_add(self.skew()).saturating_add(SECOND);
        created.map_or(i64::MAX, |created| now.saturating_sub(created))
    }

    /// How far the server's clock is ahead, as far as it is known.
    fn skew(&self) -> i64 {
        let skews = self.wire.skews();
        if skews.least < 0 { skews.least } else { skews.most }
    }

    /// When a create of an earlier run left, and when it ended: as far as the clocks tell, and not longer ago than any says.
    pub(crate) fn sent_earlier(&self, times: &Times) -> RequestTimes {
        let left = self.earlier(times.at, times.left_by_server());
        RequestTimes { left, ended: left.saturating_add(times.took) }
    }

    /// The creation times around that of the record that was made last.
    pub(crate) fn window_of_latest(&self) -> Option<Window> {
        let Created::AsAsked(asked) = self.recent.latest()?.created else { return None };
        Some(Window { from: asked.saturating_sub(2 * EDGE), to: asked.saturating_add(2 * EDGE) })
    }

    /// Which records of the ledger hold these keys.
    pub(crate) async fn holders(&self, keys: Vec<String>) -> Vec<(String, RecordId)> {
        self.ledger.holders(keys).await.unwrap_or_else(|error| {
            self.stop(Stopped::because(error.to_string()));
            Vec::new()
        })
    }

    /// When the first record left that was answered, and is not where the walk should have seen it. One that had more time
    /// than any write needs was deleted, and says nothing.
    pub(crate) fn absent_since(&self, finds: &Finds, windows: &[Window]) -> Option<RunTime> {
        let now = self.run_time();
        let lag = milliseconds(Duration::from_secs(u64::from(self.job.api.lists.lag)));
        let young = |made: Made| now.saturating_sub(made.left) < lag;
        let walked = |made: Made| {
            let created = match made.created {
                Created::AsAsked(asked) => asked,
                Created::WhenItLeft => self.epoch_of(made.left),
                Created::Unknown => return false,
            };
            windows.iter().any(|window| {
                window.from.saturating_add(EDGE) <= created && created <= window.to.saturating_sub(EDGE)
            })
        };
        let saw = |key: &str| finds.saw(key);
        if self.recent.absent_since(|made| walked(made) && !young(made), saw).is_some() {
            self.warn(
                "the list does not have a record that was created more than 15 minutes ago: it was probably deleted",
            );
        }
        self.recent.absent_since(|made| walked(made) && young(made), saw)
    }

    /// A walk broke off. Before the first good answer that can mean that there is no such API at this address.
    pub(crate) fn note_broken_walk(&self, broken: &Broken) {
        if broken.no_list && !self.tally.is_good() {
            let message = format!("{}: is the base URL right?", broken.reason);
            self.stop_for_person(message, None, None);
        }
    }
}
