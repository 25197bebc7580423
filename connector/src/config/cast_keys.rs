//! The casts of a sync file: how each is called, which keys it takes and which it needs. Reading and the JSON Schema both
//! follow this one table.

use jiff::tz::{self, TimeZone};
use partnerstack_codegen::json_schema::given;
use partnerstack_codegen::nearest;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::mapping::amount::Decimal;
use crate::mapping::cast::Cast;
use crate::mapping::day_time::{TimeForm, check_date_format, check_time_format};

/// What is made of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Cast")]
pub(crate) enum CastKey {
    /// An amount such as 1,234.56 becomes 123456.
    Cents,
    /// A date as `format` has it becomes a calendar date.
    Date,
    /// A time becomes epoch milliseconds, or a date where the field is one.
    Time,
    /// A number such as 1,234 becomes 1234.
    Integer,
    /// Lower case.
    Lower,
    /// Upper case.
    Upper,
    /// Without blanks around it.
    Trim,
}

/// A key beside `as`, which belongs to some casts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    Decimal,
    Exponent,
    Format,
    Zone,
    Unit,
}

/// A row of the table.
struct CastRow {
    cast: CastKey,
    name: &'static str,
    takes: &'static [Detail],
    needs: Option<Need>,
}

/// A detail that a cast cannot do without, with what is said where it is missing, and what to do.
struct Need {
    detail: Detail,
    missing: &'static str,
    help: &'static str,
}

const CASTS: [CastRow; 7] = [
    CastRow { cast: CastKey::Cents, name: "cents", takes: &[Detail::Decimal, Detail::Exponent], needs: None },
    CastRow { cast: CastKey::Integer, name: "integer", takes: &[Detail::Decimal], needs: None },
    CastRow {
        cast: CastKey::Date,
        name: "date",
        takes: &[Detail::Format],
        needs: Some(Need {
            detail: Detail::Format,
            missing: "is cast to a date of no known format",
            help: "add `format`, such as '%d/%m/%Y'",
        }),
    },
    CastRow {
        cast: CastKey::Time,
        name: "time",
        takes: &[Detail::Format, Detail::Zone, Detail::Unit],
        needs: None,
    },
    CastRow { cast: CastKey::Lower, name: "lower", takes: &[], needs: None },
    CastRow { cast: CastKey::Upper, name: "upper", takes: &[], needs: None },
    CastRow { cast: CastKey::Trim, name: "trim", takes: &[], needs: None },
];

impl Detail {
    const ALL: [Self; 5] = [Self::Decimal, Self::Exponent, Self::Format, Self::Zone, Self::Unit];

    fn key(self) -> &'static str {
        match self {
            Self::Decimal => "decimal",
            Self::Exponent => "exponent",
            Self::Format => "format",
            Self::Zone => "zone",
            Self::Unit => "unit",
        }
    }

    /// What is said of a line that has it without a cast that takes it.
    fn useless(self) -> &'static str {
        match self {
            Self::Decimal => "has a `decimal` without a number to read",
            Self::Exponent => "has an `exponent` without an amount to read",
            Self::Format => "has a `format` without a date to read",
            Self::Zone => "has a `zone` without a time to read",
            Self::Unit => "has a `unit` without a time to read",
        }
    }

    /// The names of the casts that take it.
    fn casts(self) -> Vec<&'static str> {
        CASTS.iter().filter(|row| row.takes.contains(&self)).map(|row| row.name).collect()
    }
}

/// What is wrong with a line of a mapping, to follow its name, and what to do.
pub(crate) type Wrong = (&'static str, String);

/// What a line of a mapping says about its cast.
pub(crate) struct CastKeys<'k> {
    pub(crate) cast: Option<CastKey>,
    pub(crate) decimal: Option<&'k str>,
    pub(crate) exponent: Option<u32>,
    pub(crate) format: Option<&'k str>,
    pub(crate) zone: Option<&'k str>,
    pub(crate) unit: Option<&'k str>,
}

impl CastKeys<'_> {
    /// The cast that they mean.
    pub(crate) fn read(&self) -> Result<Option<Cast>, Wrong> {
        let row = CASTS.iter().find(|row| Some(row.cast) == self.cast);
        for detail in Detail::ALL.into_iter().filter(|detail| self.has(*detail)) {
            if !row.is_some_and(|row| row.takes.contains(&detail)) {
                let casts = detail.casts().into_iter().map(|name| format!("`as: {name}`"));
                let help = format!("add {}", casts.collect::<Vec<_>>().join(" or "));
                return Err((detail.useless(), help));
            }
        }
        if let Some(need) = row.and_then(|row| row.needs.as_ref()).filter(|need| !self.has(need.detail)) {
            return Err((need.missing, need.help.to_owned()));
        }
        self.cast.map(|cast| self.make(cast)).transpose()
    }

    fn has(&self, detail: Detail) -> bool {
        match detail {
            Detail::Decimal => self.decimal.is_some(),
            Detail::Exponent => self.exponent.is_some(),
            Detail::Format => self.format.is_some(),
            Detail::Zone => self.zone.is_some(),
            Detail::Unit => self.unit.is_some(),
        }
    }

    fn make(&self, cast: CastKey) -> Result<Cast, Wrong> {
        Ok(match cast {
            CastKey::Cents => Cast::Cents { decimal: self.decimal()?, exponent: self.exponent()? },
            CastKey::Integer => Cast::Integer { decimal: self.decimal()? },
            CastKey::Date => Cast::Date { format: self.format()? },
            CastKey::Time => Cast::Time { form: self.time_form()?, zone: self.zone()? },
            CastKey::Lower => Cast::Lower,
            CastKey::Upper => Cast::Upper,
            CastKey::Trim => Cast::Trim,
        })
    }

    fn decimal(&self) -> Result<Decimal, Wrong> {
        match self.decimal {
            None | Some(".") => Ok(Decimal::Point),
            Some(",") => Ok(Decimal::Comma),
            Some(_) => Err(("has a `decimal` that is no decimal mark", "write '.' or ','".to_owned())),
        }
    }

    fn exponent(&self) -> Result<Option<u32>, Wrong> {
        match self.exponent {
            Some(7..) => {
                Err(("has an `exponent` that no currency has", "write a number from 0 to 4".to_owned()))
            }
            exponent => Ok(exponent),
        }
    }

    fn format(&self) -> Result<String, Wrong> {
        let format = self.format.unwrap_or_default();
        check_date_format(format).map_err(|reason| ("has a `format` that is no date format", reason))?;
        Ok(format.to_owned())
    }

    fn time_form(&self) -> Result<TimeForm, Wrong> {
        match (self.unit, self.format) {
            (Some(_), Some(_)) => {
                let help = "take one of them out: a `unit` is for numbers, a `format` for texts".to_owned();
                Err(("has both a `unit` and a `format`", help))
            }
            (Some("s"), None) => Ok(TimeForm::Seconds),
            (Some("ms"), None) => Ok(TimeForm::Milliseconds),
            (Some(_), None) => {
                Err(("has a `unit` that is none", "write s for seconds, or ms for milliseconds".to_owned()))
            }
            (None, None) => Ok(TimeForm::Iso),
            (None, Some(format)) => {
                check_time_format(format, self.zone.is_some())
                    .map_err(|reason| ("has a `format` that times cannot be read by", reason))?;
                Ok(TimeForm::Format(format.to_owned()))
            }
        }
    }

    fn zone(&self) -> Result<Option<TimeZone>, Wrong> {
        let Some(name) = self.zone else { return Ok(None) };
        TimeZone::get(name).map(Some).map_err(|_| {
            let known: Vec<String> = tz::db().available().map(|zone| zone.to_string()).collect();
            let help = match nearest(name, known.iter().map(String::as_str)) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "write UTC, or a name such as Europe/Berlin or America/New_York".to_owned(),
            };
            ("has a `zone` that is none", help)
        })
    }
}

/// The same table as rules of a JSON Schema: each detail with its casts, and each cast with what it needs.
pub(crate) fn rules() -> Vec<Value> {
    let takes = Detail::ALL.into_iter().map(|detail| {
        let casts = detail.casts();
        json!({
            "if": given(detail.key()),
            "then": {"required": ["as"], "properties": {"as": {"enum": casts}}},
        })
    });
    let needs = CASTS.iter().filter_map(|row| {
        let need = row.needs.as_ref()?;
        Some(json!({
            "if": {"required": ["as"], "properties": {"as": {"const": row.name}}},
            "then": given(need.detail.key()),
        }))
    });
    takes.chain(needs).collect()
}
