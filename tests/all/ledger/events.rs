//! What each event does to what is known of a record, and which cannot happen.

use partnerstack_connector::ledger::{
    AttemptState, Change, Digester, Entry, Event, FieldDigests, Impossible, MAX_RESENDS, Window,
};

use super::support::{NOW, digests, intent, temporary};

/// A record, and what makes its digests.
struct Subject {
    entry: Entry,
    digester: Digester,
}

impl Subject {
    fn new() -> Self {
        let digester = temporary().digester().clone();
        Self { entry: Entry::new(digester.record("id", &["1"]), Some("1".to_owned())), digester }
    }

    /// A lookup finds the record of the open create, which holds all that was sent.
    fn find(&mut self, at: i64) {
        let confirmed = self.entry.attempt.as_ref().unwrap().digests.clone();
        let unseen = FieldDigests::default();
        self.apply(Event::Found { system_key: Some("k".to_owned()), at, confirmed, unseen, dated: false });
    }

    fn values(&self, values: &[(&str, &str)]) -> FieldDigests {
        digests(&self.digester, values)
    }

    fn apply(&mut self, event: Event) -> &mut Self {
        self.entry.apply(event).unwrap();
        self
    }

    fn refuses(&mut self, event: Event) -> Impossible {
        let before = self.entry.clone();
        let refusal = self.entry.apply(event).unwrap_err();
        assert_eq!(self.entry, before);
        refusal
    }

    fn intend(&mut self, operation: Change, values: &[(&str, &str)]) -> &mut Self {
        let event = self.intent(operation, values);
        self.apply(event)
    }

    fn intent(&self, operation: Change, values: &[(&str, &str)]) -> Event {
        Event::Intended(intent(operation, 1, 1, self.values(values)))
    }

    fn create(&mut self, values: &[(&str, &str)]) -> &mut Self {
        let digests = self.values(values);
        self.intend(Change::Create, values).apply(Event::Created {
            system_key: Some("k".to_owned()),
            at: NOW,
            digests,
            dated: false,
        })
    }

    fn update(&mut self, values: &[(&str, &str)]) -> &mut Self {
        let digests = self.values(values);
        self.intend(Change::Update, values).apply(Event::Updated { system_key: None, at: NOW + 9, digests })
    }

    fn knows(&self, name: &str, value: &str) -> bool {
        let field = self.digester.field(name);
        self.entry.known(field.field()) == Some(field.value(value))
    }

    fn state(&self) -> AttemptState {
        self.entry.attempt.as_ref().unwrap().state
    }
}

fn undecided() -> Event {
    Event::Undecided { tries: 0, given_up_at: NOW + 5, status: Some(503), message: "unavailable".to_owned() }
}

fn rejected() -> Event {
    Event::Rejected { status: Some(400), message: "no".to_owned() }
}

#[test]
fn a_confirmed_create_is_known_in_full() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    subject.create(&[("amount", "1"), ("currency", "USD")]);
    assert_eq!((subject.entry.exists_since, subject.entry.system_key.as_deref()), (Some(NOW), Some("k")));
    assert!(subject.knows("amount", "1") && subject.knows("currency", "USD"));
    assert_eq!(subject.state(), AttemptState::Done);
}

#[test]
fn a_record_that_was_there_is_adopted_once() {
    let _limit = partnerstack_tests::limit();
    let adopt = |subject: &Subject| {
        let confirmed = subject.values(&[("amount", "1")]);
        Event::Adopted { system_key: "k".to_owned(), at: NOW - 9, confirmed }
    };
    let mut subject = Subject::new();
    let event = adopt(&subject);
    subject.apply(event);
    assert_eq!((subject.entry.exists_since, subject.entry.system_key.as_deref()), (Some(NOW - 9), Some("k")));
    assert!(subject.knows("amount", "1"));
    assert_eq!(subject.entry.attempt, None, "nobody here has sent it");
    let event = adopt(&subject);
    assert_eq!(subject.refuses(event), Impossible::Known);

    let mut subject = Subject::new();
    subject.intend(Change::Create, &[("amount", "1")]);
    let event = adopt(&subject);
    assert_eq!(subject.refuses(event), Impossible::CreateIsOpen, "it is settled first");
    subject.apply(rejected());
    let event = adopt(&subject);
    subject.apply(event);
    assert_eq!(subject.entry.exists_since, Some(NOW - 9));
}

#[test]
fn an_intent_confirms_nothing() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    subject.intend(Change::Create, &[("amount", "1")]);
    assert_eq!((subject.entry.exists_since, subject.knows("amount", "1")), (None, false));
}

#[test]
fn an_update_confirms_the_fields_that_it_sent() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    subject.create(&[("amount", "1"), ("name", "x")]).update(&[("amount", "2"), ("city", "y")]);
    assert!(subject.knows("amount", "2") && subject.knows("name", "x") && subject.knows("city", "y"));
    assert_eq!(subject.entry.exists_since, Some(NOW), "it exists since it was made");
    assert_eq!(subject.entry.system_key.as_deref(), Some("k"));
}

#[test]
fn what_an_unanswered_update_sent_is_unknown_whatever_it_was_before() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    subject.create(&[("amount", "1"), ("name", "x")]).intend(Change::Update, &[("amount", "2")]);
    assert!(!subject.knows("amount", "1") && !subject.knows("amount", "2"));
    assert!(subject.knows("name", "x"));
    // Another update takes its place; it still is not known what the first one did.
    subject.intend(Change::Update, &[("name", "y")]).apply(rejected());
    assert!(!subject.knows("amount", "1") && subject.knows("name", "x"));
}

#[test]
fn a_refused_update_leaves_what_was_confirmed() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    subject.create(&[("amount", "1")]).intend(Change::Update, &[("amount", "2")]).apply(rejected());
    assert!(subject.knows("amount", "1"));
    assert_eq!(subject.state(), AttemptState::Rejected);
    assert_eq!(subject.entry.attempt.as_ref().unwrap().status, Some(400));
}

#[test]
fn an_update_that_was_given_up_is_rejected_and_its_fields_are_unknown() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    subject.create(&[("amount", "1"), ("name", "x")]).intend(Change::Update, &[("amount", "2")]);
    subject.apply(undecided());
    assert_eq!(subject.state(), AttemptState::Rejected);
    assert!(!subject.knows("amount", "1") && !subject.knows("amount", "2") && subject.knows("name", "x"));
}

#[test]
fn an_open_create_blocks_everything_until_it_is_settled() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    subject.intend(Change::Create, &[("amount", "1")]);
    for _ in 0..2 {
        for operation in [Change::Create, Change::Update] {
            let event = subject.intent(operation, &[("amount", "1")]);
            assert_eq!(subject.refuses(event), Impossible::CreateIsOpen);
        }
        let matched = Event::Matched { system_key: "k".to_owned(), at: NOW };
        assert_eq!(subject.refuses(matched), Impossible::CreateIsOpen);
        // The same holds after it was given up.
        subject.apply(undecided());
    }
    assert_eq!(subject.state(), AttemptState::Uncertain);
    assert_eq!(subject.entry.attempt.as_ref().unwrap().given_up_at, Some(NOW + 5));
    assert_eq!(subject.refuses(rejected()), Impossible::CreateIsOpen);
    assert_eq!(subject.refuses(Event::Sending { at: NOW, window: None }), Impossible::CreateIsOpen);
}

#[test]
fn a_record_that_exists_is_not_created_again() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    subject.create(&[("amount", "1")]);
    let event = subject.intent(Change::Create, &[("amount", "2")]);
    assert_eq!(subject.refuses(event), Impossible::Exists);
}

#[test]
fn answers_without_a_request_are_impossible() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    let digests = FieldDigests::default();
    let created = Event::Created { system_key: None, at: NOW, digests: digests.clone(), dated: false };
    let updated = Event::Updated { system_key: None, at: NOW, digests };
    let none = FieldDigests::default;
    let found = Event::Found { system_key: None, at: NOW, confirmed: none(), unseen: none(), dated: false };
    let all = [created, updated, found, Event::Missed, rejected(), undecided()];
    for event in all.clone() {
        assert_eq!(subject.refuses(event), Impossible::NothingOpen);
    }
    assert_eq!(subject.refuses(Event::NotArrived), Impossible::NothingSent);
    subject.create(&[("amount", "1")]);
    for event in all {
        assert_eq!(subject.refuses(event), Impossible::NothingOpen);
    }
}

#[test]
fn a_create_that_is_found_confirms_what_was_sent() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    subject.intend(Change::Create, &[("amount", "1")]).apply(undecided());
    subject.find(NOW + 7);
    assert!(subject.knows("amount", "1"));
    assert_eq!((subject.entry.exists_since, subject.entry.system_key.as_deref()), (Some(NOW + 7), Some("k")));
}

#[test]
fn a_create_is_sent_again_three_times_and_then_rejected_with_its_last_status() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    for resends in 0..=MAX_RESENDS {
        subject.intend(Change::Create, &[("amount", "1")]).apply(undecided());
        assert_eq!(subject.entry.attempt.as_ref().unwrap().resends, resends);
        subject.apply(Event::Missed);
        let last = if resends == MAX_RESENDS { AttemptState::Rejected } else { AttemptState::Missed };
        assert_eq!(subject.state(), last);
    }
    assert_eq!(subject.entry.attempt.as_ref().unwrap().status, Some(503));
    // Another run tries it again from the beginning.
    subject.intend(Change::Create, &[("amount", "1")]);
    assert_eq!(subject.entry.attempt.as_ref().unwrap().resends, 0);
}

#[test]
fn the_update_step_of_an_upsert_does_not_reset_the_count() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    for resends in 0..=MAX_RESENDS {
        subject.intend(Change::Update, &[("amount", "1")]);
        subject.apply(Event::Rejected { status: Some(404), message: "not found".to_owned() });
        subject.apply(Event::Gone);
        subject.intend(Change::Create, &[("amount", "1")]).apply(undecided()).apply(Event::Missed);
        assert_eq!(subject.entry.attempt.as_ref().unwrap().resends, resends);
    }
    assert_eq!(subject.state(), AttemptState::Rejected);
}

#[test]
fn of_two_creates_that_differ_only_what_both_sent_is_certain() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    let mut first = intent(Change::Create, 1, 1, subject.values(&[("amount", "1"), ("currency", "USD")]));
    first.window = Some(Window { from: 1, to: 2 });
    subject.apply(Event::Intended(first)).apply(undecided()).apply(Event::Missed);
    let mut second = intent(Change::Create, 2, 1, subject.values(&[("amount", "2"), ("currency", "USD")]));
    second.window = Some(Window { from: 5, to: 9 });
    subject.apply(Event::Intended(second)).apply(undecided());
    assert_eq!(subject.entry.attempt.as_ref().unwrap().window, Some(Window { from: 1, to: 9 }));
    subject.find(NOW);
    assert!(
        subject.knows("currency", "USD") && !subject.knows("amount", "1") && !subject.knows("amount", "2")
    );
}

#[test]
fn a_request_that_leaves_late_is_looked_for_later_too() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    subject.intend(Change::Create, &[("amount", "1")]);
    let window = Window { from: NOW + 3_000_000, to: NOW + 4_000_000 };
    subject.apply(Event::Sending { at: NOW + 3_600_000, window: Some(window) });
    let attempt = subject.entry.attempt.as_ref().unwrap();
    assert_eq!(attempt.window, Some(Window { from: NOW - 600_000, to: NOW + 4_000_000 }));
    assert_eq!(attempt.given_up(60_000), NOW + 3_660_000, "for a process that died");
}

#[test]
fn a_record_that_was_not_found_is_forgotten_and_may_be_created() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    subject.create(&[("amount", "1")]).intend(Change::Update, &[("amount", "2")]);
    subject.apply(Event::Rejected { status: Some(404), message: "not found".to_owned() });
    subject.apply(Event::Gone);
    assert_eq!((subject.entry.exists_since, &subject.entry.system_key), (None, &None));
    assert!(!subject.knows("amount", "1"));
    subject.create(&[("amount", "2")]);
    assert!(subject.knows("amount", "2"));
}

#[test]
fn a_record_that_is_matched_exists_and_nothing_of_it_is_known() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    subject.apply(Event::Matched { system_key: "k".to_owned(), at: NOW });
    assert_eq!((subject.entry.exists_since, subject.entry.system_key.as_deref()), (Some(NOW), Some("k")));
    assert!(subject.entry.confirmed.is_empty());
}

#[test]
fn what_another_record_has_confirmed_does_not_count() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    subject.create(&[("amount", "1"), ("name", "x")]).intend(Change::Update, &[("amount", "2")]);
    let digests = subject.values(&[("amount", "2")]);
    subject.apply(Event::Updated { system_key: Some("other".to_owned()), at: NOW, digests });
    assert!(subject.knows("amount", "2") && !subject.knows("name", "x"));
}

#[test]
fn a_person_settles_what_no_lookup_can() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    subject.intend(Change::Create, &[("amount", "1")]).apply(undecided());
    let mut arrived = Subject { entry: subject.entry.clone(), digester: subject.digester.clone() };
    arrived.apply(Event::Arrived { system_key: Some("k".to_owned()), at: NOW });
    assert!(arrived.knows("amount", "1"));
    assert_eq!((arrived.entry.exists_since, arrived.state()), (Some(NOW), AttemptState::Done));

    subject.apply(Event::NotArrived);
    assert_eq!((subject.entry.exists_since, subject.state()), (None, AttemptState::Rejected));
    subject.create(&[("amount", "1")]);
}

#[test]
fn that_a_record_arrived_says_nothing_about_an_open_update() {
    let _limit = partnerstack_tests::limit();
    let mut subject = Subject::new();
    subject.create(&[("amount", "1"), ("name", "x")]).intend(Change::Update, &[("amount", "2")]);
    subject.apply(Event::Arrived { system_key: None, at: NOW });
    assert!(!subject.knows("amount", "1") && !subject.knows("amount", "2") && subject.knows("name", "x"));
    assert_eq!(subject.entry.system_key.as_deref(), Some("k"));
}
