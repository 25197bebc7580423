//! One page of a list: size, cursor and creation window out of the query, newest records first.

use std::str::FromStr;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::store::{RecordPosition, Records};
use crate::api::ListSpec;

/// The size of a page where the query does not say.
const DEFAULT_SIZE: u32 = 10;

/// A page of records.
pub(super) struct ListPage {
    pub(super) items: Vec<Value>,
    /// Older ones follow.
    pub(super) more: bool,
}

/// The page that a query asks for, or what is wrong with the query.
pub(super) fn page(lists: &ListSpec, records: &Records, query: &str) -> Result<ListPage, String> {
    let size = number::<u32>(query, lists.size_parameter)?.unwrap_or(DEFAULT_SIZE.min(lists.max_size));
    if size < 1 {
        return Err(format!("{}: {size} is less than the minimum of 1", lists.size_parameter));
    }
    if size > lists.max_size {
        return Err(format!(
            "{}: {size} is greater than the maximum of {}",
            lists.size_parameter, lists.max_size
        ));
    }

    let from: RecordPosition = (number(query, lists.created_from)?.unwrap_or(i64::MIN), 0);
    let mut before: RecordPosition = (number(query, lists.created_to)?.unwrap_or(i64::MAX), u64::MAX);
    if let Some(cursor) = parameter(query, lists.cursor_parameter) {
        // The oldest of several with this cursor: to continue after a newer one could loop.
        let after = records.find(lists.cursor_property, &cursor).iter().min().copied();
        before = before.min(after.ok_or_else(|| format!("{}: no such record", lists.cursor_parameter))?);
    }

    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut rest = records.newest_first(from, before);
    let items = rest.by_ref().take(size).collect();
    Ok(ListPage { items, more: rest.next().is_some() })
}

fn number<T: FromStr>(query: &str, name: &str) -> Result<Option<T>, String> {
    let Some(text) = parameter(query, name) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| format!("{name}: the value is not of type 'integer'"))
}

/// The first parameter of that name, decoded.
fn parameter(query: &str, name: &str) -> Option<String> {
    let decode = |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .find(|(key, _)| decode(key) == name)
        .map(|(_, value)| decode(value))
}
