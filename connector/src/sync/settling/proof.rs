//! What the ledger and this run bring to the evidence of a walk.

use super::lookup_window::asked_in;
use super::walk::{Broken, Finds};
use crate::clock::Clock;
use crate::ledger::{RecentCreate, RecordId, Window};
use crate::report::counts::Stopped;
use crate::sync::shared::context::Context;
use crate::sync::shared::recent::{Created, MOST, Made, RunTime, milliseconds};
use std::time::Duration;

/// Servers cut times to seconds, and requests take their time: at the edge of a window nothing is expected.
const EDGE: i64 = 60_000;

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
                    (create.system_key, Made { left: self.earlier(create.at, None), created })
                };
                self.recent.add_earlier(earlier.into_iter().map(made).collect());
            }
            Err(error) => self.stop(Stopped::because(error.to_string())),
        }
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

    /// A record whose create left no later than that, and was answered, is not where the walk should have seen it. One
    /// that had more time than any write needs was deleted, and says nothing.
    pub(crate) fn another_is_absent(&self, finds: &Finds, windows: &[Window], left: RunTime) -> bool {
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
        if self.recent.absent(left, |made| walked(made) && !young(made), saw).is_some() {
            self.warn(
                "the list does not have a record that was created more than 15 minutes ago: it was probably deleted",
            );
        }
        self.recent.absent(left, |made| walked(made) && young(made), saw).is_some()
    }

    /// A walk broke off. Before the first good answer that can mean that there is no such API at this address.
    pub(crate) fn note_broken_walk(&self, broken: &Broken) {
        if broken.no_list && !self.tally.is_good() {
            let message = format!("{}: is the base URL right?", broken.reason);
            self.stop_for_person(message, None, None);
        }
    }
}
