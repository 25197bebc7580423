//! The lines of a mapping: where a field gets its value, and what is made of it.

use std::collections::BTreeMap;

use partnerstack_codegen::json_schema::{exactly_one_of, given};
use schemars::{JsonSchema, Schema};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, MapAccess, SeqAccess};
use serde_json::{Value, json};

use super::cast_keys::{CastKey, CastKeys, Wrong, rules};
use super::either::either;
use crate::api::ObjectSpec;
use crate::error::{Place, SetupError};
use crate::mapping::columns::{Feed, Origin};
use crate::mapping::transform::{Split, Take, Template, Transforms, Translation, WhenNull};

/// A column and what is made of its cells, or a template, or a constant.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(transform = feed_rules)]
pub(crate) struct FeedKeys {
    /// The name of the column; in JSON, `a.b` is the property b of the object a.
    #[schemars(example = &"Total", example = &"contact.email")]
    pub(crate) column: Option<String>,
    /// The same value for every row.
    #[schemars(example = &"subscription")]
    pub(crate) value: Option<Value>,
    /// A text with the values of columns in it; `if` and the filters upper, lower, trim, replace, default are there too.
    #[schemars(example = &"{{ first }} {{ last }}")]
    pub(crate) template: Option<String>,
    /// The part of the text that is taken; with a list, a part of that part.
    #[schemars(example = json!({"by": " ", "take": "first"}))]
    pub(crate) split: Option<SplitsKey>,
    /// What takes the place of each value; null: no value. A value that is not here makes its row invalid.
    #[schemars(extend("minProperties" = 1), example = json!({"Closed Won": "won", "Closed Lost": "lost"}))]
    pub(crate) values: Option<BTreeMap<String, Value>>,
    /// What happens where a row has no value [default: omit].
    pub(crate) null: Option<WhenNullKey>,
    /// What is made of the cell.
    pub(crate) r#as: Option<CastKey>,
    /// The decimal mark of numbers, with `as: cents` or `as: integer` [default: '.'].
    #[schemars(extend("enum" = [".", ",", null]))]
    pub(crate) decimal: Option<String>,
    /// How many decimals the currency has, with `as: cents` [default: told by the row's currency].
    #[schemars(range(max = 6), example = 0)]
    pub(crate) exponent: Option<u32>,
    /// How dates and times are written, with `as: date` or `as: time`: a day, a month, a year, and what else there is.
    #[schemars(example = &"%d/%m/%Y")]
    pub(crate) format: Option<String>,
    /// The zone of times that name none, with `as: time`: UTC, or a name of the IANA's list.
    #[schemars(example = &"Europe/Berlin")]
    pub(crate) zone: Option<String>,
    /// What numbers count since 1970, with `as: time`: s for seconds, or ms for milliseconds.
    #[schemars(extend("enum" = ["s", "ms", null]))]
    pub(crate) unit: Option<String>,
}

/// Which part of a text is taken, or several of that, one after the other.
#[derive(Debug, JsonSchema)]
#[schemars(untagged, rename = "Splits")]
pub(crate) enum SplitsKey {
    /// One part.
    One(SplitKeys),
    /// A part, of which a part is taken, and so on.
    Several(#[schemars(length(min = 1))] Vec<SplitKeys>),
}

either!(SplitsKey, "{by: TEXT, take: first}, or a list of them", {
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<SplitsKey, A::Error> {
        SplitKeys::deserialize(MapAccessDeserializer::new(map)).map(SplitsKey::One)
    }
    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<SplitsKey, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(items)).map(SplitsKey::Several)
    }
});

impl SplitsKey {
    fn all(&self) -> &[SplitKeys] {
        match self {
            Self::One(keys) => std::slice::from_ref(keys),
            Self::Several(several) => several,
        }
    }
}

/// Which part of a text is taken.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "Split", transform = split_rules)]
pub(crate) struct SplitKeys {
    /// What stands between the parts [default: a blank].
    #[schemars(length(min = 1), example = &" ", example = &"/")]
    pub(crate) by: Option<String>,
    /// Which of them is taken.
    pub(crate) take: Option<TakeKey>,
}

/// A part of a text.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Take")]
pub(crate) enum TakeKey {
    /// The first.
    First,
    /// The last.
    Last,
    /// All but the first.
    Rest,
}

/// What happens where a row has no value.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "WhenNull")]
pub(crate) enum WhenNullKey {
    /// The field is left out.
    Omit,
    /// The API gets a null, which takes away what the record has.
    Send,
    /// The row is invalid.
    Error,
}

/// One origin; what is done with a value only with one that rows bring; and each key of a cast with its cast.
fn feed_rules(schema: &mut Schema) {
    exactly_one_of(schema, &["column", "value", "template"]);
    let brought = ["split", "values"]
        .map(|key| json!({"if": given(key), "then": {"anyOf": [given("column"), given("template")]}}));
    schema.insert("allOf".to_owned(), rules().into_iter().chain(brought).collect::<Vec<_>>().into());
}

fn split_rules(schema: &mut Schema) {
    schema.insert("allOf".to_owned(), vec![given("take")].into());
}

/// The name of a column; or a column with what is made of its cells; or a template; or a constant.
#[derive(Debug, JsonSchema)]
#[schemars(untagged, rename = "Feed", example = &"Total", example = json!({"column": "Total", "as": "cents"}))]
pub(crate) enum FeedKey {
    /// The name of the column.
    Column(String),
    /// A column and what is made of its cells, or a template, or a constant.
    More(Box<FeedKeys>),
}

either!(FeedKey, "the name of a column, or {column: NAME, as: CAST}, or {value: CONSTANT}", {
    fn visit_str<E: de::Error>(self, text: &str) -> Result<FeedKey, E> {
        Ok(FeedKey::Column(text.to_owned()))
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FeedKey, A::Error> {
        Box::<FeedKeys>::deserialize(MapAccessDeserializer::new(map)).map(FeedKey::More)
    }
});

impl FeedKey {
    /// What it means for a field.
    pub(super) fn resolve(
        &self,
        target: &str,
        place: Place,
        object: &ObjectSpec,
    ) -> Result<Feed, SetupError> {
        let keys = match self {
            Self::Column(name) => {
                let from = Origin::Column(name.clone());
                return Ok(Feed { place: Some(place), ..Feed::new(target, from) });
            }
            Self::More(keys) => keys,
        };
        let read =
            || -> Result<_, Wrong> { Ok((keys.origin()?, keys.transforms()?, keys.cast_keys().read()?)) };
        let (from, transforms, cast) = read().map_err(|(what, help)| {
            let message = format!("`{target}` of {} {what}", object.name);
            SetupError::new(message).at(Some(&place)).help(help)
        })?;
        Ok(Feed { transforms, cast, place: Some(place), ..Feed::new(target, from) })
    }
}

impl FeedKeys {
    fn origin(&self) -> Result<Origin, Wrong> {
        match (&self.column, &self.value, &self.template) {
            (Some(name), None, None) => Ok(Origin::Column(name.clone())),
            (None, Some(value), None) => Ok(Origin::Constant(value.clone())),
            (None, None, Some(text)) => Template::compile(text)
                .map(Origin::Template)
                .map_err(|fault| ("has a template that cannot be used", format!("it {fault}"))),
            (Some(_), Some(_), None) => Err(("has both a column and a value", "keep one of them".to_owned())),
            (None, None, None) => {
                let help = "write {column: NAME}, {template: TEXT} or {value: TEXT}";
                Err(("has neither a column nor a value", help.to_owned()))
            }
            (_, _, Some(_)) => Err(("has a template and something else", "keep one of them".to_owned())),
        }
    }

    fn transforms(&self) -> Result<Transforms, Wrong> {
        if self.value.is_some() {
            for (given, what) in [
                (self.split.is_some(), "has a `split` of what is the same for every row"),
                (self.values.is_some(), "has `values` for what is the same for every row"),
            ] {
                if given {
                    return Err((what, "name a column instead of the value".to_owned()));
                }
            }
        }
        let values = match &self.values {
            Some(values) if values.is_empty() => {
                let help = "write what takes the place of each value: {Paid: paid}";
                return Err(("has no translations", help.to_owned()));
            }
            Some(values) => {
                let pairs = values.iter().map(|(from, to)| (from.clone(), to.clone()));
                Some(Translation::new(pairs))
            }
            None => None,
        };
        let null = match self.null {
            None | Some(WhenNullKey::Omit) => WhenNull::Omit,
            Some(WhenNullKey::Send) => WhenNull::Send,
            Some(WhenNullKey::Error) => WhenNull::Error,
        };
        if matches!(&self.split, Some(SplitsKey::Several(splits)) if splits.is_empty()) {
            return Err(("has an empty `split`", "write {by: ' ', take: first}, or take it out".to_owned()));
        }
        let split =
            self.split.iter().flat_map(SplitsKey::all).map(SplitKeys::split).collect::<Result<_, _>>()?;
        Ok(Transforms { split, values, null })
    }

    fn cast_keys(&self) -> CastKeys<'_> {
        CastKeys {
            cast: self.r#as,
            decimal: self.decimal.as_deref(),
            exponent: self.exponent,
            format: self.format.as_deref(),
            zone: self.zone.as_deref(),
            unit: self.unit.as_deref(),
        }
    }
}

impl SplitKeys {
    fn split(&self) -> Result<Split, Wrong> {
        let take = match self.take {
            Some(TakeKey::First) => Take::First,
            Some(TakeKey::Last) => Take::Last,
            Some(TakeKey::Rest) => Take::Rest,
            None => {
                return Err(("is split, and no part is taken", "add `take: first`, last or rest".to_owned()));
            }
        };
        match self.by.as_deref() {
            Some("") => {
                Err(("is split by nothing", "write what stands between the parts: by: ' '".to_owned()))
            }
            by => Ok(Split { by: by.unwrap_or(" ").to_owned(), take }),
        }
    }
}
