//! What the design promises of hand-written source: it knows no object and no field of the API, and every concern has
//! its room.
#![cfg(test)]

pub(crate) mod rust;

use std::collections::BTreeSet;

use partnerstack_connector::generated::API;

use self::rust::{Source, Text, hand_written, phrases};

/// A dependency or an ability, and the only places that name it.
struct Room {
    /// What a path must not begin with, or hold.
    names: &'static [&'static str],
    /// Prefixes of files.
    only_in: &'static [&'static str],
    why: &'static str,
}

const ROOMS: [Room; 9] = [
    Room {
        names: &["reqwest"],
        only_in: &["connector/src/http/transport.rs"],
        why: "the HTTP client is known to the transport alone",
    },
    Room {
        names: &["Instant", "SystemTime", "tokio::time", "thread::sleep", "Timestamp::now", "Zoned::now"],
        // The sandbox stands for a machine of its own, with its own clock.
        only_in: &["connector/src/clock.rs", "connector/src/sandbox/"],
        why: "the engine gets its time from a `Clock`",
    },
    Room {
        names: &["clap"],
        only_in: &["connector/src/cli/"],
        why: "flags are known to the command line alone",
    },
    Room {
        names: &["serde_yaml", "yaml_serde", "saphyr", "saphyr_parser"],
        only_in: &["codegen/src/source.rs", "codegen/src/source/"],
        why: "YAML is read in one place",
    },
    Room {
        names: &["rusqlite"],
        only_in: &["connector/src/ledger/"],
        why: "SQL is spoken in the ledger alone",
    },
    Room {
        names: &["partnerstack_codegen"],
        only_in: &["connector/src/cli/", "codegen/src/main.rs"],
        why: "the engine needs no generator at run time; the command line reads sync files with its YAML room",
    },
    Room {
        names: &["schemars"],
        only_in: &[
            "codegen/src/schema.rs",
            "codegen/src/syntax.rs",
            "codegen/src/syntax/",
            "connector/src/cli/",
        ],
        why: "schemas are derived from what people write: the spec's grammar and the sync file's keys",
    },
    Room {
        names: &["crate::cli"],
        only_in: &["connector/src/cli/"],
        why: "the command line is at the edge: nothing imports it",
    },
    Room {
        names: &["crate::sandbox"],
        only_in: &["connector/src/cli/", "connector/src/sandbox/"],
        why: "the sandbox is at the edge: the engine does not import it",
    },
];

#[test]
fn no_object_and_no_field_of_the_api_is_named() {
    let _limit = partnerstack_tests::limit();
    let names = names_of_the_api();
    let found: Vec<String> = hand_written().iter().flat_map(|source| named(source, &names)).collect();
    assert!(
        found.is_empty(),
        "hand-written source must not know the API; what is true of it belongs into spec/\n{}",
        found.join("\n")
    );
}

#[test]
fn every_concern_has_its_room() {
    let _limit = partnerstack_tests::limit();
    let found: Vec<String> = hand_written().iter().flat_map(out_of_room).collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_room_is_in_use() {
    let _limit = partnerstack_tests::limit();
    // A room that nobody enters any more guards nothing: the name has changed.
    let sources = hand_written();
    for room in &ROOMS {
        let entered = |source: &Source| {
            room.only_in.iter().any(|place| source.name.starts_with(place))
                && named_paths(source, room).next().is_some()
        };
        // Nothing imports the command line, and that is the point.
        assert!(room.names == ["crate::cli"] || sources.iter().any(entered), "{:?}", room.names);
    }
}

/// Names of objects, as words; and names of fields that have more than one word.
fn names_of_the_api() -> BTreeSet<Vec<String>> {
    let objects = API.objects.iter().flat_map(|object| [object.name, object.singular]);
    let fields = API.objects.iter().flat_map(|object| object.fields.iter().map(|field| field.name));
    let names: BTreeSet<_> =
        objects.chain(fields.filter(|name| name.contains('_'))).flat_map(phrases).collect();
    assert!(names.len() > 2 * API.objects.len(), "the tables are empty");
    names
}

/// A sentence for each token that has a name of the API in it.
fn named(source: &Source, names: &BTreeSet<Vec<String>>) -> Vec<String> {
    let mut found = Vec::new();
    for token in &source.texts {
        let (kind, text) = match token {
            Text::Literal(text) => ("literal", text),
            Text::Identifier(text) => ("identifier", text),
        };
        let phrases = phrases(text);
        let has = |name: &&Vec<String>| {
            phrases.iter().any(|phrase| phrase.windows(name.len()).any(|part| part == name.as_slice()))
        };
        if let Some(name) = names.iter().find(has).filter(|_| !is_foreign(&source.name, token)) {
            let place = source.place(text);
            found.push(format!("{place}: the {kind} `{}` names `{}`", text.escape_debug(), name.join("_")));
        }
    }
    found
}

/// SQL has transactions too, and its library calls them so.
fn is_foreign(file: &str, token: &Text) -> bool {
    file.starts_with("connector/src/ledger/")
        && matches!(token, Text::Identifier(name) if ["transaction", "unchecked_transaction"].contains(&name.as_str()))
}

fn out_of_room(source: &Source) -> Vec<String> {
    let strangers =
        ROOMS.iter().filter(|room| !room.only_in.iter().any(|place| source.name.starts_with(place)));
    let sentences = strangers.flat_map(|room| {
        named_paths(source, room).map(|path| {
            let place = source.place(path.last().map_or("", String::as_str));
            format!(
                "{place}: names `{}`, which belongs into {}: {}",
                path.join("::"),
                room.only_in.join(" or "),
                room.why
            )
        })
    });
    sentences.collect()
}

/// The paths of a source that name what a room keeps.
fn named_paths<'s>(source: &'s Source, room: &Room) -> impl Iterator<Item = &'s Vec<String>> {
    let names: Vec<Vec<&str>> = room.names.iter().map(|name| name.split("::").collect()).collect();
    source.paths.iter().filter(move |path| {
        names.iter().any(|name| path.windows(name.len()).any(|part| part == name.as_slice()))
    })
}

/// What each line below is found to name; the others are innocent.
const PLANTED: &str = r##"
//! Customers in the documentation of a module are fine.
/// So are transactions and a partner_key here.
// And a deal here.
fn innocent() {
    let partnerstack = "PartnerStack has no secret; partnering, dealt, ideal, first name, email, key";
    let source = format!("{partnerstack}: {}", "dealers");
}
const LITERAL: &str = "all customers of it";
const ESCAPED: &str = "a line\ncustomer_keys are\tno field";
const RAW: &str = r#"{"first_name": 1}"#;
const BYTES: &[u8] = b"/transactions/";
fn identifier(partner_key: u8) {}
struct DealUpdate;
enum Kind { Partnership }
static CUSTOMER_EMAIL: u8 = 0;
fn in_a_macro() { println!("{} {x}", vec!["deals"], x = object.close_date); }
#[command(name = "transaction")]
struct InAnAttribute;
mod path { use crate::generated::customer::Create; }
"##;

#[test]
fn the_finder_finds_what_was_planted() {
    let _limit = partnerstack_tests::limit();
    let source = Source::parse("planted.rs", PLANTED);
    let found: Vec<String> =
        named(&source, &names_of_the_api()).iter().map(|line| line.replace("planted.rs:", "")).collect();
    let expected = [
        "9: the literal `all customers of it` names `customers`",
        "10: the literal `a line\\ncustomer_keys are\\tno field` names `customer`",
        "11: the literal `{\\\"first_name\\\": 1}` names `first_name`",
        "12: the literal `/transactions/` names `transactions`",
        "13: the identifier `partner_key` names `partner_key`",
        "14: the identifier `DealUpdate` names `deal`",
        "15: the identifier `Partnership` names `partnership`",
        "16: the identifier `CUSTOMER_EMAIL` names `customer`",
        "17: the literal `deals` names `deals`",
        "17: the identifier `close_date` names `close_date`",
        "18: the literal `transaction` names `transaction`",
        "20: the identifier `customer` names `customer`",
    ];
    assert_eq!(found, expected);
}

#[test]
fn the_finder_sees_every_way_to_name_a_path() {
    let _limit = partnerstack_tests::limit();
    let intruders = r"
        use reqwest::Client;
        use std::{fs, time::{Duration, Instant}};
        fn waits() { tokio::select! { () = tokio::time::sleep(Duration::ZERO) => {} } }
        use tokio::{sync::Notify, time};
        fn now() -> i64 { jiff::Timestamp::now().as_millisecond() }
        #[derive(clap::Parser)]
        struct Flags;
        fn edge() { crate::cli::main(); }
        fn innocent(time: Duration, instant: u8) { clock.sleep(time); std::time::Duration::ZERO; clock.now(); }
    ";
    let found = out_of_room(&Source::parse("connector/src/sync/engine.rs", intruders));
    let paths: Vec<&str> = found.iter().map(|line| line.split('`').nth(1).unwrap()).collect();
    let expected = [
        "reqwest::Client",
        "std::time::Instant",
        "tokio::time::sleep",
        "tokio::time",
        "jiff::Timestamp::now",
        "clap::Parser",
        "crate::cli::main",
    ];
    assert_eq!(paths, expected, "{found:#?}");
    assert_eq!(
        out_of_room(&Source::parse("connector/src/http/transport.rs", "use reqwest::Client;")),
        Vec::<String>::new()
    );
}
