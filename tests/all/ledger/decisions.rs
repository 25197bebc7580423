//! What is done with a row, for each state of its record: the table of `decide`, line by line.

use partnerstack_connector::ledger::{
    Change, Decision, Entry, Event, FieldDigests, FieldId, RowFacts, decide,
};

use super::support::{NOW, Open, digests, intent, temporary};

/// The modes of the table's columns.
#[derive(Clone, Copy)]
enum Can {
    Both,
    Update,
    Create,
}

struct Table {
    ledger: Open,
    writable: Vec<FieldId>,
}

impl Table {
    fn new() -> Self {
        let ledger = temporary();
        let writable = ["amount", "name"].map(|name| ledger.digester().field(name).field()).to_vec();
        Self { ledger, writable }
    }

    fn values(&self, values: &[(&str, &str)]) -> FieldDigests {
        digests(self.ledger.digester(), values)
    }

    /// A record that was created with `amount` 1 and `origin` here: an update cannot write `origin`.
    fn existing(&self, system_key: Option<&str>) -> Entry {
        let mut entry = self.open();
        let digests = self.values(&[("amount", "1"), ("origin", "here")]);
        let system_key = system_key.map(str::to_owned);
        entry.apply(Event::Created { system_key, at: NOW, digests, dated: false }).unwrap();
        entry
    }

    fn open(&self) -> Entry {
        let mut entry = Entry::new(self.ledger.digester().record("id", &["1"]), None);
        let digests = self.values(&[("amount", "1"), ("origin", "here")]);
        entry.apply(Event::Intended(intent(Change::Create, 1, 1, digests))).unwrap();
        entry
    }

    /// With update and create, with update only, with create only.
    fn decide(
        &self,
        entry: Option<&Entry>,
        has_key: bool,
        full: bool,
        values: &[(&str, &str)],
    ) -> [Decision; 3] {
        let mapped = self.values(values);
        [Can::Both, Can::Update, Can::Create].map(|can| {
            let updatable = (!matches!(can, Can::Create)).then_some(self.writable.as_slice());
            let creates = !matches!(can, Can::Update);
            decide(entry, &RowFacts { mapped: &mapped, updatable, creates, has_key, full })
        })
    }
}

use Decision::{Create, SettleFirst, Skip, Unchanged, Update, UpdateThenCreate};

#[test]
fn an_open_create_is_settled_first() {
    let _limit = partnerstack_tests::limit();
    let table = Table::new();
    let decisions = table.decide(Some(&table.open()), true, true, &[("amount", "1")]);
    assert_eq!(decisions, [SettleFirst; 3]);
}

#[test]
fn a_record_that_is_not_known_to_exist() {
    let _limit = partnerstack_tests::limit();
    let table = Table::new();
    let mut rejected = table.open();
    rejected.apply(Event::Rejected { status: Some(400), message: String::new() }).unwrap();
    let mut missed = table.open();
    missed.apply(Event::Missed).unwrap();
    for entry in [None, Some(&rejected), Some(&missed)] {
        let row = [("amount", "1")];
        assert_eq!(table.decide(entry, true, false, &row), [UpdateThenCreate, Update, Create]);
        assert_eq!(table.decide(entry, false, false, &row), [Create, Update, Create]);
    }
}

#[test]
fn a_record_that_equals_the_row() {
    let _limit = partnerstack_tests::limit();
    let table = Table::new();
    let entry = table.existing(Some("k"));
    for row in [&[("amount", "1")][..], &[("amount", "1"), ("origin", "here")], &[]] {
        assert_eq!(table.decide(Some(&entry), false, false, row), [Unchanged; 3]);
    }
    let row = [("amount", "1"), ("origin", "here")];
    assert_eq!(table.decide(Some(&entry), false, true, &row), [UpdateThenCreate, Update, Unchanged]);
    // Nothing that an update could write: not even `full` has anything to send.
    assert_eq!(table.decide(Some(&entry), false, true, &[("origin", "here")]), [Unchanged; 3]);
}

#[test]
fn a_record_that_was_found_equals_the_row_as_far_as_it_was_sent_and_nothing_can_follow() {
    let _limit = partnerstack_tests::limit();
    let table = Table::new();
    let mut entry = table.open();
    let (confirmed, unseen) = (table.values(&[("origin", "here")]), table.values(&[("amount", "1")]));
    entry
        .apply(Event::Found { system_key: Some("k".to_owned()), at: NOW, confirmed, unseen, dated: false })
        .unwrap();
    let row = [("amount", "1"), ("origin", "here")];
    assert_eq!(table.decide(Some(&entry), false, false, &row), [UpdateThenCreate, Update, Unchanged]);
    assert_eq!(
        table.decide(Some(&entry), false, false, &[("amount", "2")]),
        [UpdateThenCreate, Update, Skip]
    );
    // What an update has sent since says more than what the create had sent.
    entry.apply(Event::Intended(intent(Change::Update, 2, 1, table.values(&[("amount", "2")])))).unwrap();
    assert_eq!(table.decide(Some(&entry), false, false, &row), [UpdateThenCreate, Update, Skip]);
}

#[test]
fn a_record_that_differs_from_the_row() {
    let _limit = partnerstack_tests::limit();
    let table = Table::new();
    let entry = table.existing(Some("k"));
    // A field that was never sent differs too.
    for row in [&[("amount", "2")][..], &[("name", "new")], &[("amount", "2"), ("origin", "there")]] {
        assert_eq!(table.decide(Some(&entry), false, false, row), [UpdateThenCreate, Update, Skip]);
    }
    for row in [&[("origin", "there")][..], &[("amount", "1"), ("elsewhere", "x")]] {
        assert_eq!(table.decide(Some(&entry), false, false, row), [Skip; 3]);
    }
}

#[test]
fn a_record_without_a_key_can_only_be_changed_by_a_row_that_brings_one() {
    let _limit = partnerstack_tests::limit();
    let table = Table::new();
    let entry = table.existing(None);
    assert_eq!(table.decide(Some(&entry), false, false, &[("amount", "2")]), [Skip; 3]);
    assert_eq!(table.decide(Some(&entry), true, false, &[("amount", "2")]), [UpdateThenCreate, Update, Skip]);
}

#[test]
fn a_row_that_goes_back_to_the_old_value_under_an_open_update_is_not_unchanged() {
    let _limit = partnerstack_tests::limit();
    let table = Table::new();
    let mut entry = table.existing(Some("k"));
    let digests = table.values(&[("amount", "2")]);
    entry.apply(Event::Intended(intent(Change::Update, 1, 1, digests))).unwrap();
    assert_eq!(
        table.decide(Some(&entry), false, false, &[("amount", "1")]),
        [UpdateThenCreate, Update, Skip]
    );
    assert_eq!(table.decide(Some(&entry), false, false, &[("origin", "here")]), [Unchanged; 3]);
}
