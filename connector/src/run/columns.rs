//! What is said of the columns of a source where a sync cannot be prepared.

use std::collections::HashSet;

use crate::config::settings::Settings;
use crate::error::SetupError;
use crate::mapping::columns::Origin;
use crate::source::Source;
use crate::text::names::{columns_found, plain_name};

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
