//! The keys of a sync file as YAML has them. What is said of them here is what editors show.

use std::collections::BTreeMap;
use std::path::PathBuf;

use partnerstack_codegen::json_schema::exactly_one_of;
use schemars::{JsonSchema, Schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, MapAccess, SeqAccess};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::bounds;
use super::cast_keys::CastKey;
use super::either::either;
use super::feed_keys::FeedKey;
use super::given::NewLedger;
use super::guard_keys::GuardKeys;
use super::row_tests::test_keys::TestKeys;
use super::where_keys::ConditionKey;
use crate::api::mode::Mode;
use crate::source::Format;

/// What is synced, and how: the flags of `partnerstack sync` with `_` for `-`, which override it, and some keys of its
/// own.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Keys {
    /// A name for the sync, of which those of its files are made [default: the stem of this file].
    #[schemars(regex(pattern = r"^[^/\\\u0000]+$"), example = &"nightly")]
    pub(crate) name: Option<String>,
    /// What to sync: `partnerstack describe` lists them.
    pub(crate) object: Option<String>,
    /// What happens to the record of a row.
    pub(crate) mode: Option<ModeKey>,
    /// Where the rows are: a file, from the folder of this one, or `-` for standard input.
    #[schemars(example = &"rows.csv", example = &"-")]
    pub(crate) source: Option<String>,
    /// How the rows are written [default: told by the file's name or its start].
    pub(crate) format: Option<FormatKey>,
    /// What separates cells: one character, or `tab`, `comma`, `semicolon`, `pipe` [default: found from the header].
    #[schemars(regex(pattern = r#"^(tab|\\t|comma|semicolon|pipe|[^0-9A-Za-z"\r\n\u0000\u0080-\uFFFF])$"#))]
    #[schemars(example = &";", example = &"tab")]
    pub(crate) delimiter: Option<String>,
    /// The encoding of the source [default: UTF-8].
    #[schemars(example = &"windows-1252")]
    pub(crate) encoding: Option<String>,
    /// Where in a JSON document the records are: the names on the way to their array, with dots between them [default: it
    /// is an array].
    #[schemars(example = &"data.items", length(min = 1))]
    pub(crate) records: Option<String>,
    /// Texts of the source that stand for no value, as an empty cell does.
    #[schemars(extend("type" = "array"), example = json!(["NULL", "\\N"]))]
    pub(crate) null_values: Option<Vec<NullKey>>,
    /// What columns must hold for a row to be synced; the other rows are counted and not sent.
    #[schemars(example = json!({"Status": "paid", "Total": {"over": 0}}))]
    pub(crate) r#where: Option<BTreeMap<String, ConditionKey>>,
    /// The fields, and where each gets its value; a map has entries such as `FIELD.NAME`. Left out: columns named like
    /// fields feed them.
    pub(crate) mapping: Option<BTreeMap<String, FeedKey>>,
    /// Rows, and what becomes of each: `partnerstack test` runs them, without network, keys and ledger.
    pub(crate) tests: Option<Vec<TestKeys>>,
    /// What makes two rows the same record [default: the first of the object's identity fields that the row has].
    #[schemars(example = &"id", example = json!([{"value": "stripe"}, "id"]), example = &"content")]
    pub(crate) primary_key: Option<PrimaryKeyKey>,
    /// The field by which the records of rows without a key are found; not for inserts.
    pub(crate) match_on: Option<String>,
    /// Read so many rows at most.
    #[schemars(range(min = bounds::LIMIT.least, max = bounds::LIMIT.most), example = 10)]
    pub(crate) limit: Option<u64>,
    /// Send and write nothing; show what would be sent and what it would cost; needs no keys.
    pub(crate) dry_run: Option<bool>,
    /// Send unchanged rows too; not for inserts.
    pub(crate) full: Option<bool>,
    /// Sync into a stand-in on this machine that is thrown away; needs no keys.
    pub(crate) sandbox: Option<bool>,
    /// The prefix of every path of the API [default: the API's own].
    #[schemars(example = &"http://127.0.0.1:8080/api/v2")]
    pub(crate) base_url: Option<String>,
    /// A name for the account, for the ledger [default: default].
    #[schemars(example = &"production")]
    pub(crate) account: Option<String>,
    /// The public key is new, the account is the same.
    pub(crate) rotated_key: Option<bool>,
    /// The ledger [default: in the state folder].
    #[schemars(example = &"ledger.db")]
    pub(crate) ledger: Option<PathBuf>,
    /// Keep the key of the ledger's digests in this file, apart from the ledger.
    #[schemars(example = &"/run/secrets/partnerstack-digests")]
    pub(crate) digest_key_file: Option<PathBuf>,
    /// Refuse to start without an existing ledger.
    pub(crate) require_ledger: Option<bool>,
    /// What it means that the ledger is new [default: false].
    pub(crate) new_ledger: Option<NewLedgerKey>,
    /// Where rows that did not arrive are written (.ndjson or .csv) [default: beside the ledger].
    #[schemars(example = &"failures.ndjson")]
    pub(crate) failures: Option<PathBuf>,
    /// Where counts for a monitor are written at the end, in the text form of Prometheus.
    #[schemars(example = &"partnerstack.prom")]
    pub(crate) metrics: Option<PathBuf>,
    /// Where a dry run writes what a run would do, a line of JSON for each row; other runs do not look at it.
    #[schemars(example = &"plan.ndjson")]
    pub(crate) plan: Option<PathBuf>,
    /// How long one request may take, in seconds [default: 60].
    #[schemars(range(min = bounds::TIMEOUT.least, max = bounds::TIMEOUT.most), example = 60)]
    pub(crate) timeout: Option<u64>,
    /// The most requests in flight [default: 256].
    #[schemars(range(min = bounds::CONCURRENCY.least, max = bounds::CONCURRENCY.most), example = 64)]
    pub(crate) concurrency: Option<u64>,
    /// Requests a minute [default: the quota of the API].
    #[schemars(range(min = bounds::RATE.least, max = bounds::RATE.most), example = 1000)]
    pub(crate) rate: Option<u64>,
    /// How long a write may take to show in the API's lists, in seconds.
    #[schemars(range(min = bounds::SETTLE_AFTER.least, max = bounds::SETTLE_AFTER.most), example = 60)]
    pub(crate) settle_after: Option<u64>,
    /// How much longer to wait at the end for lists to show what became of a create, in seconds [default: 0].
    #[schemars(range(min = bounds::SETTLE_WAIT.least, max = bounds::SETTLE_WAIT.most), example = 900)]
    pub(crate) settle_wait: Option<u64>,
    /// How long to wait for another run of the account and object, in seconds (600).
    pub(crate) wait: Option<u64>,
    /// How long requests in flight may still be answered once the run is to stop, in seconds [default: 8].
    #[schemars(range(min = bounds::GRACE.least, max = bounds::GRACE.most), example = 8)]
    pub(crate) grace: Option<u64>,
    /// What a run must not go beyond without being asked.
    pub(crate) guards: Option<GuardKeys>,
    /// Stop when more rows than that have failed.
    pub(crate) max_failures: Option<LimitKey>,
    /// Exit 0 although rows have failed, unless more than that.
    pub(crate) allow_failures: Option<LimitKey>,
    /// Stop after so many seconds without any progress [default: 300].
    #[schemars(range(min = bounds::GIVE_UP.least, max = bounds::GIVE_UP.most), example = 300)]
    pub(crate) give_up: Option<u64>,
    /// Print one line of JSON at the end, on standard output.
    pub(crate) json: Option<bool>,
    /// What a row is whose record arrived with other values and cannot be changed [default: report].
    pub(crate) on_change: Option<OnChangeKey>,
    /// Make the key of a record from its record key where the row has none [default: true].
    pub(crate) derive_key: Option<bool>,
}

/// A text that stands for no value. `NULL` needs no quotes.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "NullValue", example = &"NULL", extend("type" = ["string", "number", "boolean", "null"]))]
pub(crate) struct NullKey;

/// What a sync does with a record.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Mode")]
pub(crate) enum ModeKey {
    /// Create records.
    Insert,
    /// Change records that exist.
    Update,
    /// Change records that exist, create those that are missing.
    Upsert,
}

impl From<ModeKey> for Mode {
    fn from(mode: ModeKey) -> Self {
        match mode {
            ModeKey::Insert => Self::Insert,
            ModeKey::Update => Self::Update,
            ModeKey::Upsert => Self::Upsert,
        }
    }
}

/// How rows are written.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Format")]
pub(crate) enum FormatKey {
    /// Cells separated by a delimiter, with a header.
    Csv,
    /// One JSON object on each line.
    Ndjson,
    /// One JSON array of objects.
    Json,
}

impl From<FormatKey> for Format {
    fn from(format: FormatKey) -> Self {
        match format {
            FormatKey::Csv => Self::Csv,
            FormatKey::Ndjson => Self::Ndjson,
            FormatKey::Json => Self::Json,
        }
    }
}

/// What a row is whose record arrived with other values and cannot be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "OnChange")]
pub(crate) enum OnChangeKey {
    /// A failure.
    Report,
    /// Skipped without a fuss.
    Ignore,
}

/// The name of a column, or a list of them; `content`: equal rows are one record.
#[derive(Debug, JsonSchema)]
#[schemars(untagged, rename = "PrimaryKey")]
pub(crate) enum PrimaryKeyKey {
    /// The name of the column; `content`: equal rows are one record.
    Column(String),
    /// Several columns and fixed parts, at least one of them a column.
    #[schemars(extend("contains" = {"anyOf": [{"type": "string"}, {"required": ["column"]}]}))]
    Parts(Vec<PartKey>),
}

/// A part of the primary key.
#[derive(Debug, JsonSchema)]
#[schemars(untagged, rename = "KeyPart")]
pub(crate) enum PartKey {
    /// The name of a column.
    Column(String),
    /// A column and what is made of its cells, or a text that is the same for every row.
    More(PartKeys),
}

/// A part of the primary key: a column, or a text that is the same for every row and keeps the ids of two systems apart.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "KeyPartDetails", transform = part_rules)]
pub(crate) struct PartKeys {
    /// The name of the column.
    #[schemars(example = &"invoice_id")]
    pub(crate) column: Option<String>,
    /// `trim`: without blanks around the cell.
    #[schemars(extend("enum" = ["trim", null]))]
    pub(crate) r#as: Option<CastKey>,
    /// The text that is the same for every row.
    #[schemars(extend("type" = ["string", "number"]), example = &"stripe")]
    pub(crate) value: Option<Value>,
}

/// Either a column or a value.
fn part_rules(schema: &mut Schema) {
    exactly_one_of(schema, &["column", "value"]);
}

/// What a new ledger means. `true`: the run first looks for what runs with a lost ledger have made. `empty`: nothing was sent
/// before. `false`: a job without a terminal is refused, if the object has no update.
#[derive(Debug, JsonSchema)]
#[schemars(untagged, rename = "NewLedger", example = true, example = &"empty")]
pub(crate) enum NewLedgerKey {
    /// Look for what earlier runs have made, or do not say anything about a new ledger.
    Adopt(bool),
    /// Nothing was sent before.
    Empty(EmptyKey),
}

/// Nothing was sent before.
#[derive(Debug, JsonSchema)]
#[schemars(rename = "EmptyLedger", rename_all = "snake_case")]
pub(crate) enum EmptyKey {
    /// Nothing was sent before.
    Empty,
}

impl NewLedgerKey {
    /// What it says.
    pub(crate) fn new_ledger(&self) -> Option<NewLedger> {
        match self {
            Self::Adopt(adopts) => adopts.then_some(NewLedger::Adopt),
            Self::Empty(EmptyKey::Empty) => Some(NewLedger::Empty),
        }
    }
}

/// A number of rows, or a share such as `5%`.
#[derive(Debug, JsonSchema)]
#[schemars(untagged, rename = "FailureLimit", example = 10, example = &"5%")]
pub(crate) enum LimitKey {
    /// So many rows.
    Rows(u64),
    /// So many of a hundred, from 0% to 100%; or so many rows.
    Text(#[schemars(regex(pattern = r"^([0-9]+|(100|[0-9]{1,2}(\.[0-9]+)?) ?%)$"))] String),
}

either!(PartKey, "the name of a column, or {value: TEXT}", {
    fn visit_str<E: de::Error>(self, text: &str) -> Result<PartKey, E> {
        Ok(PartKey::Column(text.to_owned()))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<PartKey, A::Error> {
        PartKeys::deserialize(MapAccessDeserializer::new(map)).map(PartKey::More)
    }
});

either!(PrimaryKeyKey, "the name of a column, or a list of them", {
    fn visit_str<E: de::Error>(self, text: &str) -> Result<PrimaryKeyKey, E> {
        Ok(PrimaryKeyKey::Column(text.to_owned()))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<PrimaryKeyKey, A::Error> {
        let mut parts = Vec::new();
        while let Some(part) = items.next_element()? {
            parts.push(part);
        }
        Ok(PrimaryKeyKey::Parts(parts))
    }
});

either!(NewLedgerKey, "true, false or `empty`", {
    fn visit_bool<E: de::Error>(self, adopts: bool) -> Result<NewLedgerKey, E> {
        Ok(NewLedgerKey::Adopt(adopts))
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<NewLedgerKey, E> {
        match text {
            "empty" => Ok(NewLedgerKey::Empty(EmptyKey::Empty)),
            _ => Err(E::invalid_value(de::Unexpected::Str(text), &self)),
        }
    }
});

either!(LimitKey, "a number of rows such as 10, or a share such as 5%", {
    fn visit_u64<E: de::Error>(self, rows: u64) -> Result<LimitKey, E> {
        Ok(LimitKey::Rows(rows))
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<LimitKey, E> {
        Ok(LimitKey::Text(text.to_owned()))
    }
});

/// Any plain value will do: what counts is how it is written.
impl<'de> Deserialize<'de> for NullKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Plain;
        impl de::Visitor<'_> for Plain {
            type Value = NullKey;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a text such as NULL")
            }
            fn visit_unit<E>(self) -> Result<NullKey, E> {
                Ok(NullKey)
            }
            fn visit_str<E>(self, _: &str) -> Result<NullKey, E> {
                Ok(NullKey)
            }
            fn visit_bool<E>(self, _: bool) -> Result<NullKey, E> {
                Ok(NullKey)
            }
            fn visit_u64<E>(self, _: u64) -> Result<NullKey, E> {
                Ok(NullKey)
            }
            fn visit_i64<E>(self, _: i64) -> Result<NullKey, E> {
                Ok(NullKey)
            }
            fn visit_f64<E>(self, _: f64) -> Result<NullKey, E> {
                Ok(NullKey)
            }
        }
        deserializer.deserialize_any(Plain)
    }
}
