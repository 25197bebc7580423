//! With which code a process ends, which scripts depend on.

use crate::report::counts::{Report, Stopped};
use crate::report::failure_limit::FailureLimit;
use crate::report::outcome::Outcome;
use crate::sync::Verified;

/// Finished, and everything arrived.
pub const DONE: u8 = 0;
/// Finished; some rows failed.
pub const FAILED: u8 = 1;
/// Could not start; nothing was sent.
pub const SETUP: u8 = 2;
/// Stopped before the end.
pub const STOPPED: u8 = 3;
/// Finished; some rows are not decided: it is not known whether they arrived, or they wait for the next run.
pub const UNCERTAIN: u8 = 4;
/// Stopped, and it is of no use to run it again before a person has acted.
pub const PERSON: u8 = 5;
/// What a signal adds its number to: 130 is SIGINT, 143 is SIGTERM.
const SIGNAL: i32 = 128;

/// The code of a run that a signal has ended.
#[must_use]
pub fn of_signal(signal: i32) -> u8 {
    u8::try_from(SIGNAL + signal).unwrap_or(STOPPED)
}

/// The code of what stopped before its end.
fn of_stopped(stopped: &Stopped) -> u8 {
    match stopped {
        Stopped { signal: Some(signal), .. } => of_signal(*signal),
        Stopped { person: true, .. } => PERSON,
        _ => STOPPED,
    }
}

/// The code of a verification.
pub(super) fn of_verified(verified: &Verified) -> u8 {
    match &verified.stopped {
        Some(stopped) => of_stopped(stopped),
        None if verified.unclear() > 0 => UNCERTAIN,
        None if verified.differences() > 0 => FAILED,
        None => DONE,
    }
}

/// The code of one sync: the first that holds, in the order that scripts depend on.
pub(super) fn of_sync(report: &Report, dry_run: bool, allow_failures: Option<FailureLimit>) -> u8 {
    if let Some(stopped) = &report.stopped {
        return of_stopped(stopped);
    }
    if report.guards.is_some() {
        return PERSON;
    }
    let left = if dry_run { 0 } else { report.of(Outcome::Pending) };
    if report.of(Outcome::Uncertain) > 0 || report.unsettled_before > 0 || left > 0 {
        return UNCERTAIN;
    }
    let allowed = allow_failures.is_some_and(|limit| limit.allows(report));
    if report.failed() > 0 && !allowed { FAILED } else { DONE }
}

/// The code of a run: that of the sync which needs a person most.
pub(super) fn of_run(syncs: impl IntoIterator<Item = u8>) -> u8 {
    let rank = |code: &u8| match *code {
        DONE => 0,
        FAILED => 1,
        UNCERTAIN => 2,
        STOPPED => 3,
        PERSON => 4,
        _ => 5,
    };
    syncs.into_iter().max_by_key(rank).unwrap_or(DONE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_syncs_the_worst_counts() {
        assert_eq!(of_run([DONE, FAILED, DONE]), FAILED);
        assert_eq!(of_run([FAILED, UNCERTAIN]), UNCERTAIN);
        assert_eq!(of_run([STOPPED, UNCERTAIN]), STOPPED);
        assert_eq!(of_run([STOPPED, of_signal(2), FAILED]), 130);
        assert_eq!(of_run([STOPPED, PERSON, UNCERTAIN]), PERSON);
        assert_eq!(of_run([PERSON, of_signal(15)]), 143);
        assert_eq!(of_run([DONE, DONE]), DONE);
    }
}
