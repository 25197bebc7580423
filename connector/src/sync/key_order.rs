//! The order of rows: those that concern one record run one at a time, in input order; others run beside them.

use std::collections::{HashMap, VecDeque};

/// What a row concerns. A row may have two: the address that it is sent to, and its record key.
pub(crate) type Lane = [u8; 16];

/// The lanes of one row: its record key, and the address that it is sent to, where it has one.
pub(crate) struct RowLanes {
    lanes: [Lane; 2],
    addressed: bool,
}

impl RowLanes {
    pub(crate) fn new(record: Lane, address: Option<Lane>) -> Self {
        Self { lanes: [record, address.unwrap_or_default()], addressed: address.is_some() }
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[Lane] {
        if self.addressed { &self.lanes } else { self.record() }
    }

    /// That of its record key.
    pub(crate) fn record(&self) -> &[Lane] {
        let [record, _] = &self.lanes;
        std::slice::from_ref(record)
    }
}

/// Rows that wait for rows before them. A row is free when it is the first in each of its lanes.
#[derive(Default)]
pub(crate) struct Lanes {
    lanes: HashMap<Lane, VecDeque<u64>>,
}

impl Lanes {
    /// Adds a row behind those that concern the same; says whether it is free at once.
    pub(crate) fn enter(&mut self, row: u64, lanes: &[Lane]) -> bool {
        let mut free = true;
        for lane in lanes {
            let queue = self.lanes.entry(*lane).or_default();
            free &= queue.is_empty();
            queue.push_back(row);
        }
        free
    }

    /// No row concerns any of these.
    pub(crate) fn none_of(&self, lanes: &[Lane]) -> bool {
        lanes.iter().all(|lane| !self.lanes.contains_key(lane))
    }

    /// The row is the first in each of its lanes.
    pub(crate) fn is_free(&self, row: u64, lanes: &[Lane]) -> bool {
        lanes.iter().all(|lane| self.lanes.get(lane).and_then(VecDeque::front) == Some(&row))
    }

    /// Takes a row that is done out of its lanes; says which rows now stand first in one of them.
    pub(crate) fn leave(&mut self, row: u64, lanes: &[Lane]) -> Vec<u64> {
        let mut next = Vec::new();
        for lane in lanes {
            let Some(queue) = self.lanes.get_mut(lane) else { continue };
            if queue.front() == Some(&row) {
                queue.pop_front();
            }
            match queue.front() {
                Some(first) => next.push(*first),
                None => {
                    self.lanes.remove(lane);
                }
            }
        }
        next
    }
}
