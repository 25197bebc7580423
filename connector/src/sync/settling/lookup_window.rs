//! The creation times among which a lookup finds what a create has made.

use std::time::Duration;

use super::evidence::{MARGIN, windows};
use crate::http::answer::server_time::Skews;
use crate::ledger::{Attempt, Window};
use crate::sync::shared::recent::milliseconds;

/// An intent that is older than this is written down again before its request leaves.
const STALE: Duration = Duration::from_mins(5);

/// What is written down with the intent of a create that is about to leave: the times around the creation time that its
/// body asks for, or around the server's time.
pub(crate) fn intended(asked: Option<i64>, now: i64, skews: Skews) -> Window {
    let (from, to) = match asked {
        Some(at) => (at, at),
        // One window by both clocks cannot be told from one that was asked for: it is never of that width.
        None => (
            now.saturating_add(skews.least),
            now.saturating_add(skews.most).saturating_add(milliseconds(STALE)),
        ),
    };
    Window { from: from.saturating_sub(MARGIN), to: to.saturating_add(MARGIN) }
}

/// The creation time that the body of an attempt asked for.
pub(crate) fn asked(attempt: &Attempt) -> Option<i64> {
    attempt.window.and_then(asked_in)
}

/// The creation time that a body asked for, where its window is around one.
pub(crate) fn asked_in(window: Window) -> Option<i64> {
    (window.to.saturating_sub(window.from) == 2 * MARGIN).then(|| window.from.saturating_add(MARGIN))
}

/// What is known of the times of an attempt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// The window that was written down with the intent.
    intended: Option<Window>,
    /// The creation time that the body asked for.
    pub(crate) asked: Option<i64>,
    /// When it was about to leave, and when it ended at the latest, by this machine's clock.
    pub(crate) at: i64,
    ended: i64,
    /// How long it took.
    pub(crate) took: i64,
}

impl Times {
    /// Those of an attempt.
    pub(crate) fn of(attempt: &Attempt, timeout: Duration) -> Self {
        let ended = attempt.given_up(milliseconds(STALE.saturating_add(timeout)));
        let took = attempt.given_up(milliseconds(timeout)).saturating_sub(attempt.at).max(0);
        Self { intended: attempt.window, asked: asked(attempt), at: attempt.at, ended, took }
    }

    /// All times in which the record can be, by what is known of the server's clock.
    pub(crate) fn windows(&self, skews: Skews) -> Vec<Window> {
        windows(self.intended, self.asked, self.at, self.ended, [0, skews.least, skews.most])
    }

    /// The earliest moment at which the request can have left, by the server's clock.
    pub(crate) fn earliest(&self, skews: Skews) -> i64 {
        let now = self.at.saturating_add(skews.least);
        self.left_by_server().map_or(now, |then| then.min(now))
    }

    /// When it was about to leave by the server's clock, as far as that was known then.
    pub(crate) fn left_by_server(&self) -> Option<i64> {
        self.intended.filter(|_| self.asked.is_none()).map(|window| window.from.saturating_add(MARGIN))
    }
}

/// What was written down about a create holds if it leaves now: it is not too old, and a lookup would search where the server's
/// clock is by all that is known of it meanwhile.
pub(crate) fn is_current(attempt: &Attempt, now: i64, skews: Skews) -> bool {
    let known = Window {
        from: now.saturating_add(skews.least).saturating_sub(MARGIN / 2),
        to: now.saturating_add(skews.most).saturating_add(MARGIN / 2),
    };
    let searched = attempt.window.filter(|_| asked(attempt).is_none());
    let is_young = now.abs_diff(attempt.at) <= STALE.as_millis().try_into().unwrap_or(u64::MAX);
    is_young && searched.is_none_or(|window| window.around(known) == window)
}
