//! What the design promises of hand-written source: it knows no object and no field of the API, a folder imports only
//! folders below it, and every dependency has its room.
#![cfg(test)]

mod dependencies;
mod floors;
mod imports;
pub(crate) mod rust;

use std::collections::BTreeSet;

use partnerstack_connector::generated::API;

use self::rust::{Source, Text, hand_written, phrases};

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
