//! The source of a sync: opened, and what is said of its columns where a sync cannot be prepared.

use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

use super::not_ready::NotReady;
use crate::clock::Clock;
use crate::config::given::SourcePlace;
use crate::config::settings::Settings;
use crate::error::SetupError;
use crate::mapping::columns::Origin;
use crate::source::{Input, Source, SourceError};
use crate::sync::Interrupt;
use crate::text::names::{columns_found, plain_name};
use crate::text::printable::one_line;

/// After how long it is said that a source has brought nothing.
const SILENCE: Duration = Duration::from_secs(5);

/// Opens the source on a thread of its own: standard input may be silent for a long time, and so may a pipe.
pub(super) async fn open(
    input: Input,
    settings: &Settings,
    clock: &impl Clock,
    interrupt: &Interrupt,
    tell: &mut impl FnMut(&str),
) -> Result<Source, NotReady> {
    let (sender, mut opened) = oneshot::channel();
    let options = settings.source_options.clone();
    let name = match &input {
        Input::File(path) => format!("`{}`", one_line(&path.display().to_string())),
        Input::Stdin(_) => "standard input".to_owned(),
    };
    // After an interrupt the receiver is gone, and the source is of no use.
    thread::spawn(move || drop(sender.send(Source::open(input, &options))));
    let mut silent = false;
    loop {
        tokio::select! {
            biased;
            opened = &mut opened => {
                let opened = opened.map_err(|_| SetupError::new("the source cannot be opened"))?;
                return Ok(opened.map_err(|error| {
                    let place = settings.records_place.as_ref();
                    let place = place.filter(|_| matches!(error, SourceError::NoRecords { .. }));
                    SetupError::new(error.to_string()).at(place)
                })?);
            }
            signal = interrupt.wait() => return Err(NotReady::Interrupted(signal)),
            () = clock.sleep(SILENCE), if !silent => {
                silent = true;
                tell(&format!("waiting for {name}: nothing has come yet"));
            }
        }
    }
}

/// The source once more, where it can be read twice.
pub(in crate::run) fn again(settings: &Settings) -> Option<Source> {
    let SourcePlace::File(path) = &settings.source else { return None };
    // To open a pipe would take its rows away.
    if !path.is_file() {
        return None;
    }
    Source::open(Input::File(path.clone()), &settings.source_options).ok()
}

/// The same error with the columns that were found; or that the header is elsewhere, of which everything else follows.
pub(super) fn about_columns(error: SetupError, settings: &Settings, source: &Source) -> SetupError {
    let Some(columns) = source.columns() else { return error };
    let wanted = wanted_names(settings);
    match source.header_below(|name| wanted.contains(&*plain_name(name))) {
        Some(line) => SetupError::new(format!(
            "the first line of {} is not its header: line {line} looks like it",
            source.name()
        ))
        .help(format_args!(
            "take the lines above it out, such as with `tail -n +{line} FILE | ... --source -`"
        )),
        None => error.note(format_args!("{}: {}", source.name(), columns_found(columns))),
    }
}

/// The names that a sync may look for, in the one way that names have which are the same.
fn wanted_names(settings: &Settings) -> HashSet<String> {
    let fields = settings.object.fields.iter().map(|field| field.name);
    let feeds = settings.mapping.iter().flatten().chain(&settings.additional);
    let mapped = feeds.filter_map(|feed| match &feed.from {
        Origin::Column(name) => Some(name.as_str()),
        Origin::Constant(_) | Origin::Template(_) => None,
    });
    let keys = settings.primary_key.value.columns();
    let conditions = settings.filter.iter().map(|condition| condition.column.as_str());
    let names = fields.filter(|_| settings.mapping.is_none()).chain(mapped).chain(keys).chain(conditions);
    names.map(|name| plain_name(name).into_owned()).collect()
}
