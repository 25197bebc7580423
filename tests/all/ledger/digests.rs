//! Digests: what is equal, what is not, and what they do not give away.

use std::collections::BTreeMap;
use std::fs;

use fastrand::Rng;
use partnerstack_connector::ledger::{FieldDigests, RecordId, wait};

use super::support::{account, closed, done, open, temporary};

#[test]
fn parts_of_a_record_key_cannot_run_into_each_other() {
    let _limit = partnerstack_tests::limit();
    let ledger = temporary();
    let id = |kind: &str, parts: &[&str]| ledger.digester().record(kind, parts);
    let all = [
        id("a/b", &["x", "y"]),
        id("a/b", &["xy", ""]),
        id("a/b", &["", "xy"]),
        id("a/b", &["xy"]),
        id("a/b", &["x/y"]),
        id("a/b", &[]),
        id("a", &["b", "x", "y"]),
        id("a/bx", &["y"]),
        id("", &["a/b", "x", "y"]),
    ];
    for (position, one) in all.iter().enumerate() {
        assert!(all.iter().skip(position + 1).all(|other| one != other), "{position}");
    }
    assert_eq!(id("a/b", &["x", "y"]), id("a/b", &["x", "y"]));
}

#[test]
fn a_value_of_one_field_says_nothing_about_another() {
    let _limit = partnerstack_tests::limit();
    let ledger = temporary();
    let (name, city) = (ledger.digester().field("name"), ledger.digester().field("city"));
    assert_ne!(name.field(), city.field());
    assert_ne!(name.value("Paris"), city.value("Paris"));
    assert_ne!(name.value("Paris"), name.value("paris"));
    assert_eq!(name.value("Paris"), ledger.digester().field("name").value("Paris"));
    assert_ne!(name.value("Paris"), ledger.digester().text("Paris"));
}

#[test]
fn each_ledger_has_a_key_of_its_own_and_keeps_it() {
    let _limit = partnerstack_tests::limit();
    let (first_folder, first) = closed();
    let (_second_folder, second) = closed();
    let id = |path| open(path).digester().record("email", &["ada@example.com"]);
    assert_eq!(id(&first), id(&first));
    assert_ne!(id(&first), id(&second));
    drop(first_folder);
}

#[test]
fn nothing_of_a_value_is_in_the_file() {
    let _limit = partnerstack_tests::limit();
    let (folder, path) = closed();
    let ledger = open(&path);
    let mut entry = done(&ledger, 7);
    entry.id = ledger.digester().record("email", &["ada@example.com"]);
    entry.record_key = None;
    let email = ledger.digester().field("email");
    entry.confirmed.set(email.field(), email.value("ada@example.com"));
    wait(ledger.write(vec![entry])).unwrap();
    wait(ledger.ledger.add_public_key(&account(), "public-key-of-the-account", 0)).unwrap();
    for file in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
        let content = fs::read(file.path()).unwrap();
        for secret in ["ada@example.com", "public-key-of-the-account"] {
            let found = content.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} in {}", file.path().display());
        }
    }
}

#[test]
fn an_id_is_read_as_it_is_written() {
    let _limit = partnerstack_tests::limit();
    let id = temporary().digester().record("content", &["x"]);
    assert_eq!(id.to_string().len(), 32);
    assert_eq!(id.to_string().parse(), Ok(id));
    assert_eq!(id.to_string().to_lowercase().parse(), Ok(id));
    for wrong in ["", "12", "g0000000000000000000000000000000", "+0000000000000000000000000000000"] {
        assert!(wrong.parse::<RecordId>().is_err(), "{wrong}");
    }
}

/// Against a map that does the same.
#[test]
fn lists_of_digests_behave_like_maps() {
    let _limit = partnerstack_tests::limit();
    let ledger = temporary();
    let fields: Vec<_> = (0..12).map(|number| ledger.digester().field(&number.to_string())).collect();
    let mut random = Rng::with_seed(11);
    for _ in 0..500 {
        let mut draw = || -> BTreeMap<_, _> {
            let chosen = fields.iter().filter(|_| random.bool()).collect::<Vec<_>>();
            chosen.into_iter().map(|field| (field.field(), field.value([random.u8(0..3)]))).collect()
        };
        let (mut left, right) = (draw(), draw());
        let list = |map: &BTreeMap<_, _>| map.iter().rev().map(|(field, digest)| (*field, *digest)).collect();
        let (one, other): (FieldDigests, FieldDigests) = (list(&left), list(&right));
        assert_eq!(one.iter().collect::<Vec<_>>(), left.clone().into_iter().collect::<Vec<_>>());

        let mut forgotten = one.clone();
        forgotten.forget(&other);
        let expected = left.iter().filter(|(field, _)| !right.contains_key(*field));
        assert!(forgotten.iter().eq(expected.map(|(field, digest)| (*field, *digest))));

        let mut equal = one.clone();
        equal.keep_equal(&other);
        let expected = left.iter().filter(|(field, digest)| right.get(*field) == Some(*digest));
        assert!(equal.iter().eq(expected.map(|(field, digest)| (*field, *digest))));

        let mut merged = one;
        merged.merge(&other);
        left.extend(right);
        assert!(merged.iter().eq(left.iter().map(|(field, digest)| (*field, *digest))));
        assert!(fields.iter().all(|field| merged.get(field.field()) == left.get(&field.field()).copied()));
    }
}

#[test]
fn of_a_field_that_comes_twice_the_last_value_counts() {
    let _limit = partnerstack_tests::limit();
    let ledger = temporary();
    let field = ledger.digester().field("amount");
    let list: FieldDigests =
        [(field.field(), field.value("1")), (field.field(), field.value("2"))].into_iter().collect();
    assert_eq!((list.len(), list.get(field.field())), (1, Some(field.value("2"))));
}
