//! The creation times among which a lookup finds what a create has made, by this machine's clock and the server's.

use std::time::Duration;

use crate::ledger::{Attempt, Window};

/// How far around the expected time of creation a lookup searches.
const MARGIN: Duration = Duration::from_mins(10);
/// An intent that is older than this is written down again before its request leaves.
const STALE: Duration = Duration::from_mins(5);

/// The creation times that a lookup searches.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// Where the server's clock was believed to stand when the request left.
    then: Window,
    /// The same by this machine's clock, where the server's has to be added.
    local: Option<Window>,
}

impl Times {
    /// Those of what an attempt may have made.
    pub(crate) fn of(attempt: &Attempt, timeout: Duration) -> Option<Self> {
        let then = attempt.window?;
        // A window that lies around the creation time that the body asked for is exact; it needs no clock.
        let by_clock = then.to.saturating_sub(then.from) > 2 * milliseconds(MARGIN);
        let local = by_clock.then(|| around_leaving(attempt.at, timeout));
        Some(Self { then, local })
    }

    /// By what is known of the server's clock by now, and by what was known then: either may be right.
    pub(crate) fn window(self, skew: i64) -> Window {
        let by_now = self.local.map(|Window { from, to }| Window {
            from: from.saturating_add(skew),
            to: to.saturating_add(skew),
        });
        by_now.map_or(self.then, |by_now| self.then.around(by_now))
    }
}

/// The creation times among which a create is found that is about to leave, by the server's clock. `asked` is the
/// creation time that its body asks for.
pub(crate) fn window_of(asked: Option<i64>, server_time: i64, timeout: Duration) -> Window {
    match asked {
        Some(at) => Window {
            from: at.saturating_sub(milliseconds(MARGIN)),
            to: at.saturating_add(milliseconds(MARGIN)),
        },
        None => around_leaving(server_time, timeout),
    }
}

/// An intent of that time is too old: a lookup would search at the wrong time.
pub(crate) fn is_stale(intended_at: i64, now: i64) -> bool {
    now.saturating_sub(intended_at) > milliseconds(STALE)
}

/// Since when a record that was found exists, by this machine's clock.
pub(crate) fn exists_since(created: Option<i64>, now: i64, skew: i64) -> i64 {
    created.map_or(now, |created| created.saturating_sub(skew))
}

/// A time as the ledger and the API write it.
pub(crate) fn milliseconds(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX)
}

fn around_leaving(at: i64, timeout: Duration) -> Window {
    let late = STALE.saturating_add(timeout);
    Window {
        from: at.saturating_sub(milliseconds(MARGIN)),
        to: at.saturating_add(milliseconds(MARGIN.saturating_add(late))),
    }
}
