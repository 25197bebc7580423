//! The sync file: from its text to what it says, with the place of everything that may turn out to be wrong.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use partnerstack_codegen::Report;
use partnerstack_codegen::diagnostic::carets as draw;
use partnerstack_codegen::source::{Cursor, Document, decode, parse};
use partnerstack_codegen::text::{Place as Written, SourceText, Span};
use serde_json::Value;

use super::cast_keys::CastKey;
use super::environment::Environment;
use super::feed_keys::FeedKey;
use super::given::{Given, Setting, SourcePlace};
use super::keys::{Keys, LimitKey, NewLedgerKey, OnChangeKey, PartKey, PrimaryKeyKey};
use super::row_tests::judge::Tests;
use super::row_tests::row_test::RowTest;
use super::settings::Settings;
use super::where_keys::ConditionKey;
use crate::api::ObjectSpec;
use crate::error::{Place, SetupError, SetupErrors};
use crate::generated::API;
use crate::mapping::columns::Feed;
use crate::mapping::filter::Condition;
use crate::mapping::record_key::{KeyPart, PrimaryKey};
use crate::report::failure_limit::FailureLimit;
use crate::source::Format;
use crate::sync::Guards;
use crate::text::printable::{one_line, shell_word};

/// The settings that flags, environment and a sync file come to.
pub fn load(flags: Given, file: Option<&Path>, environment: &Environment) -> Result<Settings, SetupError> {
    let of_file = match file {
        Some(path) => SyncFile::read(&environment.expand(path.to_owned()))?.given(&flags)?,
        None => Given::default(),
    };
    Settings::of(flags.or(environment.given()).or(of_file).with_home(|path| environment.expand(path)))
}

/// The settings that a sync file alone comes to, and its tests. It needs no source: tests bring their rows.
pub fn load_tests(file: &Path, environment: &Environment) -> Result<(Settings, Vec<RowTest>), SetupError> {
    let file = SyncFile::read(&environment.expand(file.to_owned()))?;
    let given = file.given(&Given::default())?;
    let anything = Given { source: Some(SourcePlace::Stdin), ..Given::default() };
    Ok((Settings::of(given.or(anything))?, file.tests()?))
}

/// An error with the line of the sync file that it is about; none where that is not known, or may hold a secret.
#[must_use]
pub fn carets(error: &SetupError) -> Option<String> {
    let place = error.place()?;
    let (text, span) = place.excerpt()?;
    let source = SourceText::new(place.name(), text);
    let place = Written::part(&source, Span { start: span.start, end: span.end });
    Some(draw(&place, error.message(), error.advice(), false))
}

/// The most mistakes of a sync file that are shown. A file with more is another file, or has one of them everywhere.
const SHOWN: usize = 20;
/// The most bytes of a sync file.
const MOST: u64 = 1 << 20;

/// A sync file with its places.
struct SyncFile {
    keys: Keys,
    document: Document,
    path: PathBuf,
    /// Its name in messages.
    name: Arc<str>,
    /// What may be shown of it.
    text: Option<Arc<str>>,
}

impl SyncFile {
    fn read(path: &Path) -> Result<Self, SetupError> {
        let name = one_line(&path.display().to_string());
        if path.is_file() && source_by_name(path) {
            return Err(a_source(&name));
        }
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
        read.map_err(|error| {
            SetupError::new(format!("the sync file `{name}` cannot be read: {error}"))
                .help("name a YAML file with `object`, `mode` and `source`, or say them as flags")
        })?;
        if bytes.len() as u64 > MOST {
            return Err(SetupError::new(format!("the sync file `{name}` is longer than 1 MiB"))
                .help("is it the source? That is named by `source:` in the sync file, or by --source; `partnerstack init` writes a sync file for one"));
        }
        let read = decode(&name, &bytes).and_then(|source| parse::<Keys>(&source));
        let (keys, document) = read.map_err(|report| match bytes.trim_ascii_start() {
            // Every JSON source begins like that, and a sync file in JSON would have been read.
            [b'[', ..] | [b'{', b'"', ..] if !is_yaml(path) => a_source(&name),
            _ => wrong_file(&report, &bytes),
        })?;
        let text = (!may_hold_secrets(&bytes)).then(|| document.source().text().into());
        Ok(Self { keys, document, path: path.to_owned(), name: name.into(), text })
    }

    /// What it says where the flags do not. Without an object there is nothing to judge its mapping by, and the object
    /// that is missing is what is reported.
    fn given(&self, flags: &Given) -> Result<Given, SetupError> {
        let keys = &self.keys;
        let object = flags.object.as_ref().map(|object| &object.value).or(keys.object.as_ref());
        let object = object.and_then(|name| API.object(name));
        let mut faults = SetupErrors::default();
        let primary_key =
            flags.primary_key.is_none().then(|| faults.take(self.primary_key())).flatten().flatten();
        let mapping = object.and_then(|object| faults.take(self.mapping(object)).flatten());
        let filter = faults.take(self.filter()).flatten();
        let null_values = faults.take(self.null_values()).flatten();
        let max_failures = faults.take(self.limit("max_failures", keys.max_failures.as_ref())).flatten();
        let allow_failures =
            faults.take(self.limit("allow_failures", keys.allow_failures.as_ref())).flatten();
        let guards = faults.take(self.guards()).flatten();
        faults.take(self.tests());
        faults.finish()?;
        let stem = || self.path.file_stem().map(|stem| stem.to_string_lossy().into_owned().into());
        Ok(Given {
            name: self.setting("name", keys.name.clone()).or_else(stem),
            object: self.setting("object", keys.object.clone()),
            mode: keys.mode.map(Into::into),
            sync_file: Some(self.path.clone()),
            source: keys.source.as_deref().map(|source| self.source(source)),
            format: keys.format.map(Into::into),
            delimiter: keys.delimiter.clone(),
            encoding: keys.encoding.clone(),
            records: self.setting("records", keys.records.clone()),
            primary_key: self.setting("primary_key", primary_key),
            match_on: self.setting("match_on", keys.match_on.clone()),
            mapping,
            additional: Vec::new(),
            filter,
            null_values,
            limit: self.setting("limit", keys.limit),
            dry_run: keys.dry_run,
            full: self.setting("full", keys.full),
            sandbox: keys.sandbox,
            base_url: keys.base_url.clone(),
            account: keys.account.clone(),
            rotated_key: keys.rotated_key,
            ledger: keys.ledger.clone(),
            digest_key_file: keys.digest_key_file.clone(),
            require_ledger: keys.require_ledger,
            new_ledger: keys.new_ledger.as_ref().and_then(NewLedgerKey::new_ledger),
            failures: keys.failures.clone(),
            metrics: keys.metrics.clone(),
            plan: self.setting("plan", keys.plan.clone()),
            guards: self.setting("guards", guards),
            allow: Vec::new(),
            max_failures,
            allow_failures,
            give_up: self.setting("give_up", keys.give_up),
            json: keys.json,
            timeout: self.setting("timeout", keys.timeout),
            concurrency: self.setting("concurrency", keys.concurrency),
            rate: self.setting("rate", keys.rate),
            settle_after: self.setting("settle_after", keys.settle_after),
            settle_wait: self.setting("settle_wait", keys.settle_wait),
            wait: self.setting("wait", keys.wait),
            grace: self.setting("grace", keys.grace),
            ignore_changes: keys.on_change.map(|on_change| on_change == OnChangeKey::Ignore),
            derive_key: keys.derive_key,
        })
    }

    fn tests(&self) -> Result<Vec<RowTest>, SetupError> {
        let keys = &self.keys;
        let format = keys.format.map(Format::from).or_else(|| {
            let extension = Path::new(keys.source.as_deref()?).extension()?;
            Format::of_extension(extension.to_str()?)
        });
        let cells = match format {
            _ if keys.records.is_some() => Some(false),
            format => format.map(|format| format == Format::Csv),
        };
        let (list, text) = (self.document.cursor().key("tests"), self.document.source().text());
        let tests = Tests { list, text, place_of: |written: &Written| self.place_of(written), cells };
        tests.judge(keys.tests.as_deref().unwrap_or_default())
    }

    fn setting<T>(&self, key: &str, value: Option<T>) -> Option<Setting<T>> {
        value.map(|value| Setting { value, place: Some(self.place(key)) })
    }

    /// Where the value of a key is written.
    fn place(&self, key: &str) -> Place {
        self.place_of(&self.document.cursor().key(key).place())
    }

    fn place_of(&self, written: &Written) -> Place {
        let mut place = Place::file(Arc::clone(&self.name));
        if let Some((line, column)) = written.line_and_column() {
            place = place.at(line, column);
        }
        match (&self.text, written.span()) {
            (Some(text), Some(span)) => place.showing(Arc::clone(text), span.start..span.end),
            _ => place,
        }
    }

    /// Of a file's paths the source alone is relative to the file; the others are relative to the working directory.
    fn source(&self, source: &str) -> SourcePlace {
        match source {
            "-" => SourcePlace::Stdin,
            path if Path::new(path).starts_with("~") => SourcePlace::File(path.into()),
            path => SourcePlace::File(self.path.parent().unwrap_or(Path::new("")).join(path)),
        }
    }

    fn mapping(&self, object: &ObjectSpec) -> Result<Option<Vec<Feed>>, SetupError> {
        let Some(mapping) = &self.keys.mapping else { return Ok(None) };
        let feed = |(target, feed): (&String, &FeedKey)| {
            // A faulty target is shown by its key, everything else by what is written for it.
            let written = self.document.cursor().key("mapping").key(target).key_place();
            feed.resolve(target, self.place_of(&written), object)
        };
        all_of(mapping.iter().map(feed)).map(Some)
    }

    /// The conditions, each with the place of what is written for its column.
    fn filter(&self) -> Result<Option<Vec<Condition>>, SetupError> {
        let Some(conditions) = &self.keys.r#where else { return Ok(None) };
        let condition = |(column, key): (&String, &ConditionKey)| {
            let written = self.document.cursor().key("where").key(column);
            let tests = key.tests().map_err(|(what, help)| {
                let error = SetupError::new(format!("the condition of the column `{column}` {what}"));
                error.at(Some(&self.place_of(&written.place()))).help(help)
            })?;
            let place = Some(self.place_of(&written.key_place()));
            Ok(Condition { column: column.clone(), tests, place })
        };
        all_of(conditions.iter().map(condition)).map(Some)
    }

    /// As they are written: to YAML, `NULL` alone is no text.
    fn null_values(&self) -> Result<Option<Vec<String>>, SetupError> {
        let list = self.document.cursor().key("null_values");
        let Some(items) = &self.keys.null_values else {
            if list.exists() {
                let error = SetupError::new("`null_values` is a list, and says nothing here");
                return Err(error.at(Some(&self.place("null_values"))).help("write [NULL]"));
            }
            return Ok(None);
        };
        let items = 0..items.len();
        let text = |item: Cursor<'_>| match (item.text(), item.place().span()) {
            (Some(text), _) => Some(text.to_owned()),
            (None, Some(span)) => self.document.source().text().get(span.start..span.end).map(str::to_owned),
            (None, None) => None,
        };
        Ok(Some(items.filter_map(|item| text(list.index(item))).collect()))
    }

    fn primary_key(&self) -> Result<Option<PrimaryKey>, SetupError> {
        let fault = |what: &str| SetupError::new(what).at(Some(&self.place("primary_key")));
        let part = |part: &PartKey| match part {
            PartKey::Column(name) => Ok(KeyPart::Column(name.clone())),
            PartKey::More(keys) => match (&keys.value, &keys.column, keys.r#as) {
                (Some(Value::String(text)), None, None) => Ok(KeyPart::Value(text.clone())),
                (Some(Value::Number(number)), None, None) => Ok(KeyPart::Value(number.to_string())),
                (None, Some(name), None) => Ok(KeyPart::Column(name.clone())),
                (None, Some(name), Some(CastKey::Trim)) => Ok(KeyPart::Trimmed(name.clone())),
                (None, Some(_), Some(_)) => {
                    Err(fault("of the casts a primary key takes `trim` alone").help("write `as: trim`"))
                }
                _ => Err(fault("a fixed part of a primary key is a text").help("write {value: stripe}")),
            },
        };
        let parts = match &self.keys.primary_key {
            None => return Ok(None),
            Some(PrimaryKeyKey::Column(only)) => return Ok(Some(PrimaryKey::of_columns(&[only]))),
            Some(PrimaryKeyKey::Parts(parts)) => parts.iter().map(part).collect::<Result<Vec<_>, _>>()?,
        };
        if !parts.iter().any(|part| !matches!(part, KeyPart::Value(_))) {
            let error = fault("the primary key names no column");
            return Err(error.help("without one, all rows would be one record"));
        }
        Ok(Some(PrimaryKey::Parts(parts)))
    }

    fn guards(&self) -> Result<Option<Guards>, SetupError> {
        let Some(keys) = &self.keys.guards else { return Ok(None) };
        keys.guards().map(Some).map_err(|(key, help)| {
            let written = self.document.cursor().key("guards").key(key).place();
            SetupError::new(format!("the guard `{key}` cannot be that"))
                .at(Some(&self.place_of(&written)))
                .help(help)
        })
    }

    fn limit(&self, key: &str, limit: Option<&LimitKey>) -> Result<Option<FailureLimit>, SetupError> {
        let text = match limit {
            None => return Ok(None),
            Some(LimitKey::Rows(rows)) => &rows.to_string(),
            Some(LimitKey::Text(text)) => text,
        };
        text.parse().map(Some).map_err(|help| {
            SetupError::new(format!("`{key}` is not a limit")).at(Some(&self.place(key))).help(help)
        })
    }
}

/// All results, or all faults.
fn all_of<T>(results: impl Iterator<Item = Result<T, SetupError>>) -> Result<Vec<T>, SetupError> {
    let mut faults = SetupErrors::default();
    let found = results.filter_map(|result| faults.take(result)).collect();
    faults.finish().map(|()| found)
}

/// Only sources are called like that. A `.json` file may be a sync file, for JSON is YAML, and a `.txt` file too.
fn source_by_name(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let is = |known: &str| extension.eq_ignore_ascii_case(known);
    !is("txt") && Format::of_extension(extension).is_some_and(|format| format != Format::Json)
}

/// It is meant as a sync file, whatever is in it.
fn is_yaml(path: &Path) -> bool {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    ["yaml", "yml"].iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// A file with rows is no sync file.
fn a_source(name: &str) -> SetupError {
    SetupError::new(format!("`{name}` holds rows: it is a source, not a sync file"))
        .help(format_args!("write a sync file for it with: partnerstack init {}", shell_word(name)))
}

/// What is wrong with a sync file, each mistake under its line; without the lines where one may hold a secret.
fn wrong_file(report: &Report, bytes: &[u8]) -> SetupError {
    let more = match report.diagnostics().len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("\n\n... and {more} more"),
    };
    if may_hold_secrets(bytes) {
        let lines: Vec<String> = report.lines().take(SHOWN).collect();
        return SetupError::new(format!("the sync file is wrong\n\n{}{more}\n", lines.join("\n"))).help(
            "keys never stand in a sync file: they come from the environment, see partnerstack --help",
        );
    }
    let shown = report.render_first(SHOWN, false);
    SetupError::new(format!("the sync file is wrong\n\n{}{more}", shown.trim_end()))
}

fn may_hold_secrets(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    ["secret", "password", "token", "api_key", "public_key"].iter().any(|word| text.contains(word))
}
