//! No test runs forever. Each begins with `let _limit = partnerstack_tests::limit();`, which a test of the tests makes
//! sure of; where one outlives its limit, the whole run ends and says which one it was.

use std::io::{self, Write as _};
use std::panic::Location;
use std::sync::{Mutex, Once, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::process;

/// No test needs longer, even where it builds the connector on a machine that is busy with something else.
const LIMIT: Duration = Duration::from_mins(10);
/// How often it is looked who is overdue.
const LOOK: Duration = Duration::from_secs(1);

static RUNNING: Mutex<Vec<Running>> = Mutex::new(Vec::new());
static WATCHDOG: Once = Once::new();

/// A test that has begun and not ended.
struct Running {
    name: String,
    began: Instant,
    limit: Duration,
}

/// Ends with the test that it was made for.
#[must_use = "it holds as long as it is kept"]
pub struct Limit {
    began: Instant,
}

/// Limits the test that calls it to ten minutes.
#[track_caller]
pub fn limit() -> Limit {
    limit_of(LIMIT)
}

/// Limits the test that calls it.
#[track_caller]
pub fn limit_of(limit: Duration) -> Limit {
    WATCHDOG.call_once(|| {
        thread::spawn(watch);
    });
    // A test has a thread that is named after it, unless it is the only one at a time.
    let name = match thread::current().name() {
        Some(name) if name != "main" => name.to_owned(),
        _ => Location::caller().to_string(),
    };
    let began = Instant::now();
    running(|running| running.push(Running { name, began, limit }));
    Limit { began }
}

impl Drop for Limit {
    fn drop(&mut self) {
        running(|running| {
            if let Some(place) = running.iter().position(|test| test.began == self.began) {
                running.swap_remove(place);
            }
        });
    }
}

fn running<T>(work: impl FnOnce(&mut Vec<Running>) -> T) -> T {
    work(&mut RUNNING.lock().unwrap_or_else(PoisonError::into_inner))
}

fn watch() {
    loop {
        thread::sleep(LOOK);
        let overdue = running(|running| {
            let overdue = running.iter().filter(|test| test.began.elapsed() > test.limit);
            overdue.map(|test| format!("{} (longer than {:?})", test.name, test.limit)).collect::<Vec<_>>()
        });
        if !overdue.is_empty() {
            // What a test prints is kept back until it ends, which these do not.
            let _ = writeln!(io::stderr(), "\nthese tests do not end:\n{}", overdue.join("\n"));
            process::kill_all();
            std::process::abort();
        }
    }
}
