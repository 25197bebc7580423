//! Random histories against a world that knows the truth: a server, requests in the air, answers that get lost, and a
//! process that dies and only has what it stored.

use std::collections::BTreeMap;

use fastrand::Rng;
use partnerstack_connector::ledger::{
    AttemptState, Change, Decision, Digester, Entry, Event, FieldDigester, FieldDigests, FieldId, Impossible,
    RowFacts, decide,
};

use super::support::{NOW, intent, temporary};

type Values = BTreeMap<usize, u8>;

/// What is true, and what the connector knows of it.
struct World {
    random: Rng,
    fields: Vec<FieldDigester>,
    updatable: Vec<FieldId>,
    /// The server's record.
    server: Option<Values>,
    /// How many records the server was made to hold that are still there.
    doubles: u32,
    /// A create that may still arrive.
    in_the_air: Option<Values>,
    entry: Entry,
    /// What survives the process.
    stored: Entry,
    /// The record was there before, so rows know its key.
    keyed: bool,
    /// Somebody deletes records.
    deletions: bool,
    seen: BTreeMap<&'static str, u32>,
}

#[test]
fn no_history_breaks_a_promise() {
    let _limit = partnerstack_tests::limit();
    let digester = temporary().digester().clone();
    let mut seen = BTreeMap::new();
    for seed in 0..4_000 {
        let mut world = World::new(seed, &digester);
        for _ in 0..60 {
            world.step();
        }
        for (name, count) in world.seen {
            *seen.entry(name).or_insert(0) += count;
        }
    }
    // A history that never gets anywhere would prove nothing.
    for name in ["unchanged", "skip", "created", "updated", "found", "missed", "gone", "lost update", "died"]
    {
        assert!(seen.get(name).is_some_and(|count| *count > 500), "{name}: {seen:?}");
    }
}

impl World {
    fn new(seed: u64, digester: &Digester) -> Self {
        let mut random = Rng::with_seed(seed);
        let fields: Vec<_> = (0..5).map(|number| digester.field(&number.to_string())).collect();
        let entry = Entry::new(digester.record("id", &["1"]), None);
        let keyed = random.bool();
        let server = (keyed && random.bool()).then(Values::new);
        Self {
            updatable: fields.iter().take(3).map(FieldDigester::field).collect(),
            doubles: u32::from(server.is_some()),
            server,
            in_the_air: None,
            stored: entry.clone(),
            entry,
            keyed,
            deletions: random.bool(),
            seen: BTreeMap::new(),
            fields,
            random,
        }
    }

    fn step(&mut self) {
        self.land();
        if self.deletions && self.random.u8(0..20) == 0 {
            (self.server, self.doubles) = (None, 0);
        }
        if self.random.u8(0..30) == 0 {
            self.die();
        }
        let chosen: Vec<usize> = (0..self.fields.len()).filter(|_| self.random.bool()).collect();
        let row: Values = chosen.into_iter().map(|field| (field, self.random.u8(0..2))).collect();
        // A record that others have made as well can only be kept single by its key.
        let mode = if self.keyed { self.random.u8(1..3) } else { self.random.u8(0..3) };
        self.row(&row, mode);
        assert!(self.entry.exists_since.is_some() || self.entry.confirmed.is_empty());
        assert!(self.doubles <= 1, "{:?}", self.entry);
    }

    /// A row comes along, in mode insert, update or upsert.
    fn row(&mut self, row: &Values, mode: u8) {
        for _ in 0..4 {
            let mapped = self.digests(row);
            let updatable = self.updatable.clone();
            let facts = RowFacts {
                mapped: &mapped,
                updatable: (mode > 0).then_some(updatable.as_slice()),
                creates: mode != 1,
                has_key: self.keyed,
                full: mode > 0 && self.random.u8(0..10) == 0,
            };
            let again = match decide(Some(&self.entry), &facts) {
                Decision::Unchanged => {
                    self.note("unchanged");
                    self.check_unchanged(row);
                    false
                }
                Decision::Skip => {
                    self.note("skip");
                    assert!(self.entry.exists_since.is_some());
                    false
                }
                Decision::SettleFirst => self.settle(),
                Decision::Create => self.create(row),
                Decision::Update | Decision::UpdateThenCreate => self.update(row),
            };
            if !again {
                return;
            }
        }
    }

    fn check_unchanged(&self, row: &Values) {
        if !self.deletions {
            let server = self.server.as_ref().expect("unchanged, and there is no record");
            let equal = row.iter().all(|(field, value)| server.get(field) == Some(value));
            assert!(equal, "unchanged: {row:?}, but the server has {server:?}: {:?}", self.entry);
        }
    }

    fn create(&mut self, row: &Values) -> bool {
        let digests = self.digests(row);
        assert!(self.entry.open_create().is_none() && self.entry.exists_since.is_none());
        self.apply(Event::Intended(intent(Change::Create, 1, 1, digests.clone())));
        self.store();
        // The server may take it, refuse it, or lose it; and it may say so, or not, or not yet.
        match self.random.u8(0..8) {
            0..3 => {
                self.make(row);
                self.apply(Event::Created {
                    system_key: Some("k".to_owned()),
                    at: NOW,
                    digests,
                    dated: false,
                });
                self.note("created");
            }
            3 => {
                self.apply(Event::Rejected { status: Some(400), message: "no".to_owned() });
            }
            4 => {
                self.make(row);
                self.lose();
            }
            5 => self.lose(),
            6 => {
                self.in_the_air = Some(row.clone());
                self.lose();
            }
            _ => {
                self.die();
                return false;
            }
        }
        self.store_or_die();
        false
    }

    /// Says whether to decide again.
    fn update(&mut self, row: &Values) -> bool {
        let sent: Values =
            row.iter().filter(|(field, _)| **field < 3).map(|(field, value)| (*field, *value)).collect();
        let digests = self.digests(&sent);
        self.apply(Event::Intended(intent(Change::Update, 1, 1, digests.clone())));
        self.store();
        let mut maybe_applied = false;
        for _ in 0..3 {
            let Some(server) = &mut self.server else {
                self.apply(Event::Rejected { status: Some(404), message: "not found".to_owned() });
                self.apply(Event::Gone);
                self.note("gone");
                self.store_or_die();
                return true;
            };
            match self.random.u8(0..6) {
                0..2 => {
                    server.extend(&sent);
                    self.apply(Event::Updated { system_key: Some("k".to_owned()), at: NOW, digests });
                    self.note("updated");
                    self.store_or_die();
                    return false;
                }
                2 => {
                    let event = if maybe_applied {
                        Event::Undecided {
                            tries: 0,
                            given_up_at: NOW,
                            status: Some(400),
                            message: "no".to_owned(),
                        }
                    } else {
                        Event::Rejected { status: Some(400), message: "no".to_owned() }
                    };
                    self.apply(event);
                    self.store_or_die();
                    return false;
                }
                3 => {
                    server.extend(&sent);
                    maybe_applied = true;
                }
                4 => maybe_applied = true,
                _ => {
                    self.die();
                    return false;
                }
            }
        }
        self.note("lost update");
        self.apply(Event::Undecided {
            tries: 0,
            given_up_at: NOW,
            status: None,
            message: "no answer".to_owned(),
        });
        self.store_or_die();
        false
    }

    /// A lookup: it may come too early or fail; where it counts, nothing is in the air any more.
    fn settle(&mut self) -> bool {
        if self.random.bool() {
            return false;
        }
        if let Some(late) = self.in_the_air.take()
            && self.random.bool()
        {
            self.make(&late);
        }
        if self.server.is_some() {
            self.note("found");
            let confirmed = self.entry.attempt.as_ref().unwrap().digests.clone();
            let unseen = FieldDigests::default();
            self.apply(Event::Found {
                system_key: Some("k".to_owned()),
                at: NOW,
                confirmed,
                unseen,
                dated: false,
            });
        } else {
            self.note("missed");
            self.apply(Event::Missed);
            let state = self.entry.attempt.as_ref().unwrap().state;
            assert!(matches!(state, AttemptState::Missed | AttemptState::Rejected));
        }
        self.store_or_die();
        true
    }

    /// No answer came.
    fn lose(&mut self) {
        let event =
            Event::Undecided { tries: 0, given_up_at: NOW, status: None, message: "no answer".to_owned() };
        self.apply(event);
        for operation in [Change::Create, Change::Update] {
            let event = Event::Intended(intent(operation, 1, 1, FieldDigests::default()));
            assert_eq!(self.entry.apply(event), Err(Impossible::CreateIsOpen));
        }
    }

    /// What is in the air may arrive at any time.
    fn land(&mut self) {
        if self.random.u8(0..4) == 0
            && let Some(row) = self.in_the_air.take()
        {
            self.make(&row);
        }
    }

    fn make(&mut self, row: &Values) {
        self.server = Some(row.clone());
        self.doubles += 1;
    }

    fn apply(&mut self, event: Event) {
        self.entry.apply(event).unwrap();
    }

    fn store(&mut self) {
        self.stored = self.entry.clone();
    }

    /// The worst moment: something was answered, and is not stored yet.
    fn store_or_die(&mut self) {
        if self.random.u8(0..8) == 0 { self.die() } else { self.store() }
    }

    fn die(&mut self) {
        self.note("died");
        self.entry = self.stored.clone();
    }

    fn digests(&self, values: &Values) -> FieldDigests {
        values
            .iter()
            .map(|(field, value)| (self.fields[*field].field(), self.fields[*field].value([*value])))
            .collect()
    }

    fn note(&mut self, name: &'static str) {
        *self.seen.entry(name).or_insert(0) += 1;
    }
}
