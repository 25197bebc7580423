//! The records of a server. It knows objects and fields by name: it is a second opinion, not a reader of the spec.

use std::collections::BTreeMap;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::random::Random;

/// The objects, each with what a message calls one of them and the beginning of its keys.
const OBJECTS: [(&str, &str, &str); 5] = [
    ("customers", "Customer", "cus_"),
    ("partnerships", "Partnership", "part_"),
    ("deals", "Deal", "deal_"),
    ("transactions", "Transaction", "txn_"),
    ("leads", "Lead", "lead_"),
];

/// A record.
#[derive(Debug, Clone)]
pub struct Record {
    /// PartnerStack's key.
    pub key: String,
    /// By what the tests tell it from others.
    pub label: String,
    /// What was sent: the create, with every update laid over it.
    pub fields: Map<String, Value>,
    /// Epoch milliseconds.
    pub created_at: i64,
    /// When it was last changed, in epoch milliseconds.
    pub updated_at: i64,
    /// From when on it shows in lists.
    pub shown_from: Instant,
    /// The partner key: the one that it came with, or one that the server made.
    partner_key: String,
}

/// All records, by object, in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct Store {
    records: BTreeMap<&'static str, Vec<Record>>,
    made: u64,
}

/// By what the tests tell a record from others, as far as a body says it.
pub(super) fn label(object: &str, body: &Value) -> String {
    let text = |pointer: &str| body.pointer(pointer).and_then(Value::as_str);
    let label = match object {
        "transactions" => text("/metadata/invoice").or_else(|| text("/key")),
        "customers" => text("/customer_key").or_else(|| text("/email")),
        "partnerships" | "leads" => text("/email"),
        _ => text("/account_name"),
    };
    label.unwrap_or_default().to_lowercase()
}

/// The name of an object that the API has, and what a message calls one of it.
pub(super) fn object_named(name: &str) -> Option<(&'static str, &'static str)> {
    OBJECTS.iter().find(|(object, ..)| *object == name).map(|(object, title, _)| (*object, *title))
}

impl Store {
    pub(super) fn of(&self, object: &str) -> &[Record] {
        self.records.get(object).map_or(&[], Vec::as_slice)
    }

    /// The record that a path means. By which keys, depends on the object.
    pub(super) fn find(&self, object: &str, method: &str, key: &str) -> Option<&Record> {
        let own = match (object, method) {
            ("customers", _) => &["customer_key"][..],
            ("deals" | "leads", _) => &["external_key"],
            ("partnerships", "GET") => &["partner_key", "email"],
            _ => &[],
        };
        self.of(object).iter().find(|record| {
            record.key == key
                || own.iter().any(|name| record.fields.get(*name).is_some_and(|value| value == key))
        })
    }

    /// Makes a record, whatever others there are.
    pub(super) fn create(
        &mut self,
        object: &'static str,
        body: &Value,
        now: i64,
        shown_from: Instant,
    ) -> Record {
        self.made += 1;
        let fields = body.as_object().cloned().unwrap_or_default();
        let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
        let own_key = if object == "transactions" { text("key") } else { None };
        let own_time =
            if object == "transactions" { fields.get("created_at").and_then(Value::as_i64) } else { None };
        let record = Record {
            key: own_key.unwrap_or_else(|| key(object, self.made)),
            label: label(object, body),
            created_at: own_time.unwrap_or(now),
            updated_at: now,
            shown_from,
            partner_key: text("partner_key").unwrap_or_else(|| format!("partner{}", self.made)),
            fields,
        };
        self.records.entry(object).or_default().push(record.clone());
        record
    }

    /// Puts a record there that the client did not make.
    pub(super) fn put(&mut self, object: &'static str, key: Option<&str>, body: &Value, now: i64) {
        let mut record = self.create(object, body, now, Instant::now());
        record.key = key.map_or(record.key, str::to_owned);
        if let Some(last) = self.records.entry(object).or_default().last_mut() {
            *last = record;
        }
    }

    /// Lays the fields of an update over a record.
    pub(super) fn update(
        &mut self,
        object: &'static str,
        key: &str,
        body: &Value,
        now: i64,
    ) -> Option<Record> {
        let record = self.records.get_mut(object)?.iter_mut().find(|record| record.key == key)?;
        record.fields.extend(body.as_object().cloned().unwrap_or_default());
        record.updated_at = now;
        Some(record.clone())
    }

    /// The field of a body by which its record exists, where it does.
    pub(super) fn taken(&self, object: &str, body: &Value) -> Option<&'static str> {
        let identities: &[&'static str] = match object {
            "customers" => &["customer_key", "email"],
            "partnerships" => &["partner_key", "email"],
            "deals" | "leads" => &["external_key"],
            _ => &["key"],
        };
        identities.iter().copied().find(|name| {
            let Some(value) = body.get(*name).and_then(Value::as_str) else { return false };
            let same = |other: &Value| {
                other.as_str().is_some_and(|other| match *name {
                    "email" => other.eq_ignore_ascii_case(value),
                    _ => other == value,
                })
            };
            self.of(object).iter().any(|record| record.fields.get(*name).is_some_and(same))
        })
    }

    /// A page of a list: newest first, what shows already, inside the window of the query.
    pub(super) fn list(&self, object: &str, query: &[(String, String)], now: Instant) -> Answer {
        let text =
            |name: &str| query.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        let number = |name: &str, absent: i64| match text(name).map(str::parse) {
            None => Ok(absent),
            Some(Ok(number)) => Ok(number),
            Some(Err(_)) => Err(Answer::error(400, &format!("'{name}' is not of type 'integer'"))),
        };
        let read =
            || Ok((number("limit", 10)?, number("min_created", i64::MIN)?, number("max_created", i64::MAX)?));
        let (limit, from, to) = match read() {
            Ok(read) => read,
            Err(answer) => return answer,
        };
        let Some(limit) = usize::try_from(limit).ok().filter(|limit| (1..=250).contains(limit)) else {
            return Answer::error(400, "'limit' is not between 1 and 250");
        };

        let mut found: Vec<_> =
            self.of(object).iter().enumerate().filter(|(_, record)| record.shown_from <= now).collect();
        found.sort_by_key(|(place, record)| std::cmp::Reverse((record.created_at, *place)));
        let mut start = 0;
        if let Some(cursor) = text("starting_after") {
            // The last of doubles: a page that ends with one of them must not begin anew with the other.
            match found.iter().rposition(|(_, record)| record.key == cursor) {
                Some(place) => start = place + 1,
                None => return Answer::error(400, "'starting_after' is not a known key"),
            }
        }
        let mut inside = found.into_iter().skip(start).map(|(_, record)| record);
        let mut inside = inside.by_ref().filter(|record| (from..=to).contains(&record.created_at));
        let items: Vec<Value> = inside.by_ref().take(limit).map(|record| record.shown(object)).collect();
        let has_more = inside.next().is_some();
        Answer::ok("Page returned successfully", &json!({"has_more": has_more, "items": items}))
    }
}

impl Record {
    /// The record as the API shows it, which is not how it was sent.
    pub(super) fn shown(&self, object: &str) -> Value {
        let mut shown = self.fields.clone();
        let mut moved = |name: &str| shown.shift_remove(name).unwrap_or_default();
        let mut added: Vec<(&str, Value)> = Vec::new();
        match object {
            "customers" => {
                let meta = moved("meta");
                let customer_key = moved("customer_key");
                let fields = meta.as_object().into_iter().flatten();
                let fields = fields.map(|(name, value)| json!({"api_name": name, "value": value})).collect();
                added = vec![
                    ("customer_key", customer_key),
                    ("meta", json!({})),
                    ("fields", Value::Array(fields)),
                ];
            }
            "partnerships" => {
                let group = json!({"key": moved("group_key"), "default": false});
                let manager = json!({"email": moved("manager_email"), "name": moved("manager_name")});
                added =
                    vec![("partner_key", json!(self.partner_key)), ("group", group), ("manager", manager)];
            }
            "transactions" => {
                let (external, email) = (moved("customer_external_key"), moved("customer_email"));
                let key = match moved("customer_key") {
                    Value::Null => json!("cus_00000000000000"),
                    key => key,
                };
                let customer = json!({"key": key, "external_key": external, "email": email});
                added = vec![("customer", customer)];
            }
            _ => {}
        }
        added.extend([
            ("key", json!(self.key)),
            ("created_at", json!(self.created_at)),
            ("updated_at", json!(self.updated_at)),
            ("test", json!(true)),
        ]);
        shown.extend(added.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Value::Object(shown)
    }
}

/// A key such as `cus_` and 14 letters or digits.
fn key(object: &str, number: u64) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    let mut random = Random::of(number, object);
    let letter = |_| {
        let place = usize::try_from(random.below(62)).unwrap_or_default();
        char::from(LETTERS.get(place).copied().unwrap_or(b'x'))
    };
    let prefix = OBJECTS.iter().find(|(known, ..)| *known == object).map_or("", |(.., prefix)| prefix);
    prefix.chars().chain((0..14).map(letter)).collect()
}
