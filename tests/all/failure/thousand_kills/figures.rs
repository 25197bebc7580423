//! What scenarios came to, in numbers.

use std::collections::BTreeMap;
use std::fmt;

use partnerstack_tests::process::Ended;

/// The figures of some scenarios. What was lost, doubled or rejected is not counted: such a scenario fails.
#[derive(Debug, Default)]
pub(super) struct Figures {
    pub(super) scenarios: u64,
    /// Two processes on one ledger.
    pub(super) side_by_side: u64,
    pub(super) kills: u64,
    /// Kills while requests were under way, and how many those were.
    pub(super) in_flight: u64,
    pub(super) cut_short: u64,
    /// Runs that ended by themselves.
    pub(super) ended: u64,
    pub(super) requests: u64,
    /// Requests that went wrong on purpose, by what went wrong.
    pub(super) faults: BTreeMap<String, u64>,
    pub(super) rows: u64,
    pub(super) records: u64,
    /// Rows that a run left uncertain, and rows of earlier runs that it could not settle: a later run did.
    pub(super) uncertain: u64,
    /// Rows that a run rejected because kills cut their requests short: a later run delivered them.
    pub(super) rejected: u64,
    /// How many scenarios had this object in this mode.
    pub(super) pairs: BTreeMap<String, u64>,
}

impl Figures {
    /// Counts a run that ended by itself.
    pub(super) fn ran(&mut self, ended: &Ended) {
        self.ended += 1;
        self.uncertain += ended.rows("uncertain") + ended.count("unsettled_before");
        self.rejected += ended.rows("rejected");
    }

    /// Adds those of another scenario.
    pub(super) fn add(&mut self, other: &Self) {
        self.scenarios += other.scenarios;
        self.side_by_side += other.side_by_side;
        self.kills += other.kills;
        self.in_flight += other.in_flight;
        self.cut_short += other.cut_short;
        self.ended += other.ended;
        self.requests += other.requests;
        self.rows += other.rows;
        self.records += other.records;
        self.uncertain += other.uncertain;
        self.rejected += other.rejected;
        for (sum, more) in [(&mut self.faults, &other.faults), (&mut self.pairs, &other.pairs)] {
            for (name, count) in more {
                *sum.entry(name.clone()).or_default() += count;
            }
        }
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "scenarios: {} ({} of two processes on one ledger)", self.scenarios, self.side_by_side)?;
        writeln!(
            f,
            "kills: {} ({} with requests in flight, {} requests)",
            self.kills, self.in_flight, self.cut_short
        )?;
        writeln!(f, "runs that ended by themselves: {}", self.ended)?;
        writeln!(f, "requests: {}", self.requests)?;
        writeln!(f, "faults: {} {:?}", self.faults.values().sum::<u64>(), self.faults)?;
        writeln!(f, "objects and modes: {:?}", self.pairs)?;
        writeln!(f, "rows: {}, records: {}", self.rows, self.records)?;
        writeln!(f, "uncertain, settled by a later run: {}", self.uncertain)?;
        writeln!(f, "rejected, delivered by a later run: {}", self.rejected)?;
        write!(f, "doubled: 0, lost: 0, rejected at the end: 0 in every scenario that is counted here")
    }
}
