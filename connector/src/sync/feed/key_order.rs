//! Per-key ordering: rows that concern one record run one at a time, in input order; others run beside them.

use std::collections::{HashMap, VecDeque};

use super::digest_hash::ByDigest;

/// What orders a row behind others: a digest of its record key, or of the address that it is sent to.
pub(crate) type OrderKey = [u8; 16];

/// The order keys of one row: its record key; the address that it is sent to, where it has one; and the value that finds
/// its record, where it is found by one.
pub(crate) struct RowOrder {
    keys: [OrderKey; 3],
    count: usize,
}

impl RowOrder {
    pub(crate) fn new(record: OrderKey, address: Option<OrderKey>, matched: Option<OrderKey>) -> Self {
        let (mut keys, mut count) = ([record; 3], 1);
        for key in [address, matched].into_iter().flatten() {
            if let Some(place) = keys.get_mut(count) {
                *place = key;
                count += 1;
            }
        }
        Self { keys, count }
    }

    /// All of them.
    pub(crate) fn all(&self) -> &[OrderKey] {
        self.keys.get(..self.count).unwrap_or(&self.keys)
    }

    /// That of its record key.
    pub(crate) fn record(&self) -> &[OrderKey] {
        let [record, ..] = &self.keys;
        std::slice::from_ref(record)
    }
}

/// A queue of row numbers for each order key. A row is free when it is the first in each of its queues.
#[derive(Default)]
pub(crate) struct KeyOrder {
    queues: HashMap<OrderKey, VecDeque<u64>, ByDigest>,
}

impl KeyOrder {
    /// Adds a row behind those with the same keys; says whether it is free at once.
    pub(crate) fn enter(&mut self, row: u64, keys: &[OrderKey]) -> bool {
        let mut free = true;
        for key in keys {
            let queue = self.queues.entry(*key).or_default();
            free &= queue.is_empty();
            queue.push_back(row);
        }
        free
    }

    /// No row has any of these keys.
    pub(crate) fn none_of(&self, keys: &[OrderKey]) -> bool {
        keys.iter().all(|key| !self.queues.contains_key(key))
    }

    /// The row is the first in each of its queues.
    pub(crate) fn is_free(&self, row: u64, keys: &[OrderKey]) -> bool {
        keys.iter().all(|key| self.queues.get(key).and_then(VecDeque::front) == Some(&row))
    }

    /// Takes a row that is done out of its queues; says which rows are now first in one of them.
    pub(crate) fn leave(&mut self, row: u64, keys: &[OrderKey]) -> Vec<u64> {
        let mut next = Vec::new();
        for key in keys {
            let Some(queue) = self.queues.get_mut(key) else { continue };
            if queue.front() == Some(&row) {
                queue.pop_front();
            }
            match queue.front() {
                Some(first) => next.push(*first),
                None => {
                    self.queues.remove(key);
                }
            }
        }
        next
    }
}
