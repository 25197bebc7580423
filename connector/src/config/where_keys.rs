//! The conditions of a sync file: what is written under `where` becomes tests of columns.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{self, MapAccess, SeqAccess};
use serde_json::json;

use super::cast_keys::Wrong;
use super::either::either;
use crate::mapping::amount::Decimal;
use crate::mapping::day_time::check_date_format;
use crate::mapping::filter::{Bound, Literal, Number, Test};
use crate::row::value::Date;

/// What a column must hold: a value; or a list of values, one of which it is; or more than that.
#[derive(Debug, JsonSchema)]
#[schemars(untagged, rename = "Condition", example = &"paid", example = json!(["paid", "open"]), example = json!({"over": 0}))]
pub(crate) enum ConditionKey {
    /// The value that the column has.
    Value(ScalarKey),
    /// The column has one of these values.
    OneOf(#[schemars(length(min = 1))] Vec<ScalarKey>),
    /// What else must hold.
    More(ConditionKeys),
}

/// A value of a column: a text, a number or true or false.
#[derive(Debug, JsonSchema)]
#[schemars(untagged, rename = "ColumnValue")]
pub(crate) enum ScalarKey {
    /// A text, letter by letter.
    Text(String),
    /// A number, however the cell writes it.
    Number(serde_json::Number),
    /// True or false, in upper or lower case.
    Bool(bool),
}

/// A value, or a list of them.
#[derive(Debug, JsonSchema)]
#[schemars(untagged, rename = "ColumnValues")]
pub(crate) enum ScalarsKey {
    /// One value.
    One(ScalarKey),
    /// Several values.
    Several(#[schemars(length(min = 1))] Vec<ScalarKey>),
}

/// What must hold of a column, all of it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[schemars(rename = "ConditionDetails", extend("minProperties" = 1))]
pub(crate) struct ConditionKeys {
    /// It has none of these values; a column without a value has none of them.
    #[schemars(example = &"void", example = json!(["void", "draft"]))]
    pub(crate) not: Option<ScalarsKey>,
    /// True: it has no value. False: it has one.
    pub(crate) empty: Option<bool>,
    /// It is more than this number, or later than this day.
    #[schemars(example = 0, example = &"2025-12-31")]
    pub(crate) over: Option<ScalarKey>,
    /// It is less than this number, or earlier than this day.
    #[schemars(example = 100, example = &"2027-01-01")]
    pub(crate) under: Option<ScalarKey>,
    /// The decimal mark of the column, with a number in `over` or `under` [default: '.'].
    #[schemars(extend("enum" = [".", ",", null]))]
    pub(crate) decimal: Option<String>,
    /// How the column writes days, with a day in `over` or `under` [default: 2026-12-31].
    #[schemars(example = &"%d/%m/%Y")]
    pub(crate) format: Option<String>,
}

impl ConditionKey {
    /// The tests that it means, or what is wrong with it.
    pub(super) fn tests(&self) -> Result<Vec<Test>, Wrong> {
        match self {
            Self::Value(value) => Ok(vec![Test::OneOf(vec![value.literal()])]),
            Self::OneOf(values) => Ok(vec![Test::OneOf(literals(values)?)]),
            Self::More(keys) => keys.tests(),
        }
    }
}

impl ConditionKeys {
    fn tests(&self) -> Result<Vec<Test>, Wrong> {
        let mut tests = Vec::new();
        match &self.not {
            Some(ScalarsKey::One(value)) => tests.push(Test::NoneOf(vec![value.literal()])),
            Some(ScalarsKey::Several(values)) => tests.push(Test::NoneOf(literals(values)?)),
            None => {}
        }
        tests.extend(self.empty.map(Test::Empty));
        let bounds = [(&self.over, Test::Over as fn(Bound) -> Test), (&self.under, Test::Under)];
        let (mut numbers, mut dates) = (false, false);
        for (key, test) in bounds {
            let Some(key) = key else { continue };
            let bound = self.bound(key)?;
            match bound {
                Bound::Number { .. } => numbers = true,
                Bound::Date { .. } => dates = true,
            }
            tests.push(test(bound));
        }
        if self.decimal.is_some() && !numbers {
            return Err(wrong(
                "has a `decimal` without a number to compare",
                "add `over` or `under` with a number",
            ));
        }
        if self.format.is_some() && !dates {
            return Err(wrong("has a `format` without a day to compare", "add `over` or `under` with a day"));
        }
        if tests.is_empty() {
            return Err(wrong("says nothing", "write a value, a list, or one of not, empty, over, under"));
        }
        Ok(tests)
    }

    fn bound(&self, key: &ScalarKey) -> Result<Bound, Wrong> {
        let text = match key {
            ScalarKey::Text(text) => text.clone(),
            ScalarKey::Number(number) => number.to_string(),
            ScalarKey::Bool(_) => String::new(),
        };
        if let Some(number) = Number::parse(&text, Decimal::Point) {
            let decimal = match self.decimal.as_deref() {
                None | Some(".") => Decimal::Point,
                Some(",") => Decimal::Comma,
                Some(_) => return Err(wrong("has a `decimal` that is no decimal mark", "write '.' or ','")),
            };
            return Ok(Bound::Number { limit: number.into_owned(), decimal });
        }
        if let Some(format) = &self.format {
            check_date_format(format).map_err(|reason| ("has a `format` that is no date format", reason))?;
        }
        // A time behind the day would be passed over in silence.
        let date = if text.len() == "2026-12-31".len() { text.parse::<Date>().ok() } else { None };
        date.map(|limit| Bound::Date { limit, format: self.format.clone() }).ok_or_else(|| {
            wrong(
                "is compared with neither a number nor a day",
                "write a number such as 0, or a day such as 2026-12-31",
            )
        })
    }
}

impl ScalarKey {
    fn literal(&self) -> Literal {
        match self {
            Self::Text(text) => Literal::Text(text.clone()),
            Self::Bool(value) => Literal::Bool(*value),
            Self::Number(number) => {
                let text = number.to_string();
                let number = Number::parse(&text, Decimal::Point).map(Number::into_owned);
                number.map_or(Literal::Text(text), Literal::Number)
            }
        }
    }
}

fn literals(values: &[ScalarKey]) -> Result<Vec<Literal>, Wrong> {
    match values {
        [] => Err(wrong("has an empty list", "name the values; for none at all, write {empty: true}")),
        values => Ok(values.iter().map(ScalarKey::literal).collect()),
    }
}

fn wrong(what: &'static str, help: &str) -> Wrong {
    (what, help.to_owned())
}

/// What can be a value, or something else too.
macro_rules! value_or {
    ($type:ident, $expecting:literal, $make:expr, { $($method:item)* }) => {
        either!($type, $expecting, {
            fn visit_str<E: de::Error>(self, text: &str) -> Result<$type, E> {
                Ok($make(ScalarKey::Text(text.to_owned())))
            }
            fn visit_bool<E: de::Error>(self, value: bool) -> Result<$type, E> {
                Ok($make(ScalarKey::Bool(value)))
            }
            fn visit_u64<E: de::Error>(self, number: u64) -> Result<$type, E> {
                Ok($make(ScalarKey::Number(number.into())))
            }
            fn visit_i64<E: de::Error>(self, number: i64) -> Result<$type, E> {
                Ok($make(ScalarKey::Number(number.into())))
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<$type, E> {
                let finite = serde_json::Number::from_f64(number);
                Ok($make(finite.map_or_else(|| ScalarKey::Text(number.to_string()), ScalarKey::Number)))
            }
            $($method)*
        });
    };
}

value_or!(ScalarKey, "a text, a number, or true or false", std::convert::identity, {});

value_or!(ScalarsKey, "a value, or a list of values", ScalarsKey::One, {
    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<ScalarsKey, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(items)).map(ScalarsKey::Several)
    }
});

value_or!(ConditionKey, "a value, a list of values, or {not, empty, over, under}", ConditionKey::Value, {
    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<ConditionKey, A::Error> {
        Vec::deserialize(SeqAccessDeserializer::new(items)).map(ConditionKey::OneOf)
    }
    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ConditionKey, A::Error> {
        ConditionKeys::deserialize(MapAccessDeserializer::new(map)).map(ConditionKey::More)
    }
});
