//! One bad day: a server that fails in ways drawn from a seed, and one sync or two that are killed at instants drawn
//! from it as well.

use std::time::Duration;

use partnerstack_tests::process::{Ended, Process};
use partnerstack_tests::process_desk::ProcessDesk;
use partnerstack_tests::rows::Rows;
use partnerstack_tests::server::{Duplicates, Fault, Kind, Moment, On, Options, Outage, Random, Skew, Storm};

use super::ending::{delivered, settle, settled};
use super::figures::Figures;

/// Everything that can go wrong with a request. A list whose items cannot be told apart is for reads alone.
const KINDS: [Kind; 14] = [
    Kind::Reset,
    Kind::Closed,
    Kind::ClosedBehind,
    Kind::Hang,
    Kind::Slow,
    Kind::Error(500),
    Kind::Error(502),
    Kind::Error(503),
    Kind::Error(408),
    Kind::Throttle(None),
    Kind::Throttle(Some(1)),
    Kind::Truncated,
    Kind::Html,
    Kind::Empty,
];

/// A scenario.
pub(super) struct Scenario {
    random: Random,
    desk: ProcessDesk,
    inputs: Vec<Input>,
    kills: u64,
    figures: Figures,
}

/// A sync of a scenario.
struct Input {
    source: Source,
    rows: Rows,
    /// Its run, and the number of it.
    running: Option<(u64, Process)>,
    /// A run has ended with everything delivered.
    done: bool,
}

impl Input {
    fn of(source: Source) -> Self {
        Self { source, rows: source.rows(0), running: None, done: false }
    }
}

impl Scenario {
    /// The scenario of a seed.
    pub(super) fn of(seed: u64) -> Self {
        let mut random = Random::of(seed, "a thousand kills");
        let mut all = vec![Input::of(Source::of(seed % 10, &mut random))];
        if random.below(4) == 0 {
            let other = Input::of(Source::of(random.below(10), &mut random));
            all.extend(Some(other).filter(|other| other.rows.object != all[0].rows.object));
        }
        let options = options(seed, &mut random);
        let desk = ProcessDesk::new(options);
        // A run begins with a burst; at this rate it is small against the rows.
        desk.set("--rate", "6000");
        for input in all.iter().filter(|input| input.rows.mode == "update") {
            input.rows.exist_at(&desk.server);
        }
        let mut figures = Figures { scenarios: 1, ..Figures::default() };
        figures.side_by_side = u64::from(all.len() > 1);
        for Input { rows, .. } in &all {
            *figures.pairs.entry(format!("{} {}", rows.object, rows.mode)).or_default() += 1;
        }
        let kills = 4 + random.below(8);
        Self { random, desk, inputs: all, kills, figures }
    }

    /// Kills, lets the rest be delivered, and judges.
    pub(super) fn run(mut self) -> Figures {
        while self.figures.kills < self.kills && self.kill_one() {}
        for place in 0..self.inputs.len() {
            if let Some((_, process)) = self.inputs[place].running.take() {
                self.ended(place, &process.end());
            }
        }
        for input in &mut self.inputs {
            if !input.done {
                input.rows = settle(&self.desk, input.source, &mut self.figures);
            }
        }
        for input in &self.inputs {
            self.figures.rows += input.rows.each.len() as u64;
            settled(&self.desk, &input.rows);
            self.figures.records += self.desk.server.records(input.rows.object).len() as u64;
        }
        for call in self.desk.server.calls() {
            self.figures.requests += 1;
            if let Some(kind) = call.fault {
                *self.figures.faults.entry(format!("{kind:?}")).or_default() += 1;
            }
        }
        self.figures
    }

    /// Sees to it that every sync runs that is not done, and kills one of them at some instant. Says whether there was one.
    fn kill_one(&mut self) -> bool {
        let open: Vec<usize> = (0..self.inputs.len()).filter(|place| !self.inputs[*place].done).collect();
        let count = open.len() as u64;
        for place in &open {
            let input = &mut self.inputs[*place];
            if input.running.is_none() {
                let process = start(&self.desk, &input.rows);
                input.running = Some((self.desk.last_run(), process));
            }
        }
        let Some(victim) = open.get(usize::try_from(self.random.below(count)).unwrap()).copied() else {
            return false;
        };
        let (run, mut process) = self.inputs[victim].running.take().unwrap();
        let runs = match self.random.below(8) {
            // At any time from the start on.
            0 | 1 => process.runs_for(Duration::from_millis(self.random.below(80))),
            // While it settles.
            2 => process.runs_for(Duration::from_millis(900 + self.random.below(700))),
            // Just after some request.
            _ => {
                let requests = usize::try_from(1 + self.random.below(25)).unwrap();
                process.asks(&self.desk.server, requests)
                    && process.runs_for(Duration::from_micros(self.random.below(6000)))
            }
        };
        if !runs {
            self.ended(victim, &process.end());
            return true;
        }
        let under_way = self.desk.server.under_way(run) as u64;
        let ended = process.kill();
        if ended.code.is_some() {
            // It was quicker.
            self.ended(victim, &ended);
            return true;
        }
        self.figures.kills += 1;
        self.figures.in_flight += u64::from(under_way > 0);
        self.figures.cut_short += under_way;
        true
    }

    /// A run has ended by itself.
    fn ended(&mut self, place: usize, ended: &Ended) {
        self.figures.ran(ended);
        self.inputs[place].done = delivered(ended);
    }
}

/// Starts a sync of these rows, with a failures file of its own.
pub(super) fn start(desk: &ProcessDesk, rows: &Rows) -> Process {
    desk.set("--failures", &desk.path(&format!("{}-failures.ndjson", rows.object)));
    desk.lay(rows).start(&[])
}

/// Rows of an object and mode of the matrix, so many at first.
#[derive(Clone, Copy)]
pub(super) struct Source {
    pair: u64,
    count: usize,
    step: usize,
}

impl Source {
    fn of(pair: u64, random: &mut Random) -> Self {
        let count = usize::try_from(60 + random.below(80)).unwrap();
        Self { pair, count, step: usize::try_from(3 + random.below(9)).unwrap() }
    }

    /// The rows, with so many new ones at the end.
    pub(super) fn rows(&self, new: usize) -> Rows {
        let all = 0..self.count + new;
        let changes = (0..self.count).step_by(self.step);
        match self.pair {
            0 => Rows::customers("insert", all),
            1 => Rows::customers("update", 0..self.count).with_changes(changes),
            2 => Rows::customers("upsert", all).with_changes(changes),
            3 => Rows::partnerships("insert", all),
            4 => Rows::partnerships("update", 0..self.count).with_changes(changes),
            5 => Rows::partnerships("upsert", all).with_changes(changes),
            6 => Rows::deals("insert", all),
            7 => Rows::deals("upsert", all),
            8 => Rows::transactions(all),
            _ => Rows::past_transactions(all),
        }
    }
}

/// How the server behaves.
fn options(seed: u64, random: &mut Random) -> Options {
    let milliseconds = |random: &mut Random, of: &[u64]| {
        let place = usize::try_from(random.below(of.len() as u64)).unwrap();
        Duration::from_millis(of[place])
    };
    let mut options = Options {
        seed,
        latency: milliseconds(random, &[2, 10, 10, 30]),
        effect_after: milliseconds(random, &[0, 0, 0, 300]),
        lag: milliseconds(random, &[0, 0, 300, 700, 1500]),
        in_a_row: 2,
        faults: faults(random),
        ..Options::default()
    };
    options.lag_on_updates = random.below(2) == 0;
    options.duplicates = match random.below(4) {
        0 => Duplicates::Refuse(400),
        1 => Duplicates::Refuse(409),
        _ => Duplicates::Accept,
    };
    let after = usize::try_from(20 + random.below(80)).unwrap();
    match random.below(8) {
        0 => options.outage = Some(Outage { after, lasting: Duration::from_secs(1) }),
        1 => {
            let retry_after = Some(1).filter(|_| random.below(2) == 0);
            options.storm = Some(Storm { after, lasting: Duration::from_millis(500), retry_after });
        }
        2 => options.skew = Skew { first: 7_200_000, ..Skew::default() },
        3 => options.skew = Skew { first: -7_200_000, ..Skew::default() },
        _ => {}
    }
    options
}

/// What goes wrong: nothing, a bit of everything, or much of one kind.
fn faults(random: &mut Random) -> Vec<Fault> {
    match random.below(6) {
        0 => Vec::new(),
        1 | 2 => {
            let place = usize::try_from(random.below(KINDS.len() as u64)).unwrap();
            of(KINDS[place], 80)
        }
        _ => {
            let mut faults: Vec<Fault> = KINDS.into_iter().flat_map(|kind| of(kind, 6)).collect();
            faults.push(Fault { kind: Kind::Bare, moment: Moment::After, on: On::Reads, permille: 20 });
            faults
        }
    }
}

/// A kind of fault on so many of a thousand writes before their effect, as many after it, and on twice as many reads.
fn of(kind: Kind, permille: u64) -> Vec<Fault> {
    let (before, after) = match kind {
        // A 429 has no effect.
        Kind::Throttle(_) => (permille / 4, 0),
        // Each says that the request was served.
        Kind::Slow | Kind::ClosedBehind | Kind::Empty => (0, permille),
        _ => (permille, permille),
    };
    vec![
        Fault { kind, moment: Moment::Before, on: On::Writes, permille: before },
        Fault { kind, moment: Moment::After, on: On::Writes, permille: after },
        Fault { kind, moment: Moment::After, on: On::Reads, permille: before + after },
    ]
}
