//! A thousand kills: many small syncs, each on a bad day of its own, killed again and again and then judged.
//!
//! `PARTNERSTACK_KILLS=100` tries a tenth of it, `PARTNERSTACK_SCENARIO=17` one scenario.

mod ending;
mod figures;
mod scenario;

use std::collections::BTreeMap;
use std::env;
use std::io::{self, Write as _};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use self::figures::Figures;
use self::scenario::Scenario;

/// Scenarios wait most of the time, so more of them go on at once than a machine has cores.
const AT_ONCE: usize = 8;

#[test]
#[ignore = "full scale"]
fn a_thousand_kills() {
    let _limit = partnerstack_tests::limit_of(Duration::from_hours(2));
    let began = Instant::now();
    let wanted = number("PARTNERSTACK_KILLS").unwrap_or(1000);
    let one = number("PARTNERSTACK_SCENARIO");
    let all = Mutex::new(All::default());
    thread::scope(|scope| {
        for worker in 0..AT_ONCE {
            let all = &all;
            let name = format!("a_thousand_kills {worker}");
            let work = move || {
                loop {
                    let next = all.lock().unwrap().next(wanted, one);
                    let Some(seed) = next else { break };
                    let ran = catch_unwind(AssertUnwindSafe(|| Scenario::of(seed).run()));
                    let mut all = all.lock().unwrap();
                    match ran {
                        Ok(figures) => all.figures.add(&figures),
                        Err(why) => _ = all.failed.insert(seed, words(&*why)),
                    }
                }
            };
            thread::Builder::new().name(name).spawn_scoped(scope, work).unwrap();
        }
    });
    let all = all.into_inner().unwrap();
    // What a test prints through `println!` is kept back where it passes.
    writeln!(io::stderr(), "\n{}\nseconds: {}", all.figures, began.elapsed().as_secs()).unwrap();
    assert!(all.failed.is_empty(), "PARTNERSTACK_SCENARIO=N runs one again: {:#?}", all.failed);
}

/// What all scenarios have come to.
#[derive(Default)]
struct All {
    begun: u64,
    figures: Figures,
    failed: BTreeMap<u64, String>,
}

impl All {
    /// The seed of the next scenario, while there are too few kills.
    fn next(&mut self, wanted: u64, one: Option<u64>) -> Option<u64> {
        let seed = one.unwrap_or(self.begun);
        let more = if one.is_some() { self.begun == 0 } else { self.figures.kills < wanted };
        self.begun += 1;
        more.then_some(seed)
    }
}

fn number(name: &str) -> Option<u64> {
    let text = env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is not a number: {text}")))
}

/// What a panic said.
fn words(why: &(dyn std::any::Any + Send)) -> String {
    let text = why.downcast_ref::<String>().cloned();
    text.or_else(|| why.downcast_ref::<&str>().map(|text| (*text).to_owned())).unwrap_or_default()
}
