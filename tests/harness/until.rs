//! Waits for conditions, each with a deadline: the one place where the tests sleep.

use std::future::Future;
use std::thread;
use std::time::{Duration, Instant};

/// Nothing that a test waits for takes longer, however busy the machine.
pub const PATIENCE: Duration = Duration::from_secs(90);
const LOOK: Duration = Duration::from_millis(1);

/// Blocks the thread until something is so.
#[track_caller]
pub fn until(what: &str, is_so: impl FnMut() -> bool) {
    assert!(so_within(PATIENCE, is_so), "not within {PATIENCE:?}: {what}");
}

/// Blocks the thread until something is so, at most for this long; says whether it is.
pub fn so_within(time: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let end = Instant::now() + time;
    loop {
        if is_so() {
            return true;
        }
        if Instant::now() > end {
            return false;
        }
        thread::sleep(LOOK);
    }
}

/// Lets other tasks of the thread go on until something is so.
pub async fn until_so(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() <= end, "not within {PATIENCE:?}: {what}");
        tokio::time::sleep(LOOK).await;
    }
}

/// Waits for the end of work, which has to come.
pub async fn ends<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE * 2, work).await.expect("it ends")
}
