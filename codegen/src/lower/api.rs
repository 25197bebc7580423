//! Judges `api.yaml`. What it says about objects and fields is judged later, when those are known.

use super::list::{judge_not_empty, judge_statuses};
use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::source::document::Cursor;
use crate::syntax::api::{Api, HintCondition};

/// Notes what is wrong with `api.yaml`, regardless of objects.
pub(super) fn judge(api: &Api, at: Cursor<'_>, found: &mut Diagnostics) {
    judge_base_url(&api.base_url, at.key("base_url"), found);
    judge_counts(api, at, found);
    judge_places(api, at, found);
    judge_not_empty(&api.answers.success, "success", at.key("answers").key("success"), found);
    judge_statuses(&api.answers.success, at.key("answers").key("success"), found);
    for (index, rule) in api.errors.iter().enumerate() {
        let at = at.key("errors").index(index);
        judge_not_empty(&rule.status, "status", at.key("status"), found);
        judge_statuses(&rule.status, at.key("status"), found);
    }
    for (index, hint) in api.hints.iter().enumerate() {
        let at = at.key("hints").index(index).key("when");
        judge_not_empty(&hint.when, "when", at, found);
        for (index, condition) in hint.when.iter().enumerate() {
            judge_condition(condition, at.index(index), found);
        }
    }
    judge_not_empty(&api.sources, "sources", at.key("sources"), found);
    for (index, source) in api.sources.iter().enumerate() {
        if !is_date(&source.read) {
            found.note(at.key("sources").index(index).key("read").place(), sentence::bad_date(&source.read));
        }
    }
}

fn judge_base_url(url: &str, at: Cursor<'_>, found: &mut Diagnostics) {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let host = rest.and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '@' | '{' | '}');
    if host.is_empty() || !url.chars().all(is_plain) {
        found.note(at.place(), sentence::bad_base_url(url));
    } else if url.ends_with('/') {
        found.note(at.place(), sentence::base_url_slash(url.trim_end_matches('/')));
    }
}

fn judge_counts(api: &Api, at: Cursor<'_>, found: &mut Diagnostics) {
    let counts = [
        ("rate_limit", "requests", api.rate_limit.requests),
        ("rate_limit", "seconds", api.rate_limit.seconds),
        ("lists", "max_size", api.lists.max_size),
        ("lists", "lag", api.lists.lag),
    ];
    for (block, key, count) in counts {
        if count == 0 {
            found.note(at.key(block).key(key).place(), sentence::zero(key));
        }
    }
}

/// Places in an answer: property names with dots between them; what belongs to a record is a single name.
fn judge_places(api: &Api, at: Cursor<'_>, found: &mut Diagnostics) {
    let (answers, lists) = (at.key("answers"), at.key("lists"));
    let places = [
        (&api.answers.message, answers.key("message"), true),
        (&api.answers.status, answers.key("status"), true),
        (&api.answers.record, answers.key("record"), true),
        (&api.answers.key, answers.key("key"), false),
        (&api.answers.created, answers.key("created"), false),
        (&api.answers.test, answers.key("test"), false),
        (&api.lists.items, lists.key("items"), true),
        (&api.lists.more, lists.key("more"), true),
        (&api.lists.cursor_property, lists.key("cursor_property"), false),
    ];
    for (place, at, dots) in places {
        let is_name = |name: &str| !name.is_empty() && !name.contains(char::is_whitespace);
        if !place.split('.').all(is_name) {
            found.note(at.place(), sentence::bad_place(place));
        } else if !dots && place.contains('.') {
            found.note(at.place(), sentence::dotted_property(place));
        }
    }
}

fn judge_condition(condition: &HintCondition, at: Cursor<'_>, found: &mut Diagnostics) {
    let HintCondition { object, operation, status, words, rule, field, test_records } = condition;
    let asks = object.is_some() || operation.is_some() || rule.is_some() || field.is_some() || *test_records;
    if !asks && status.is_empty() && words.is_empty() {
        found.note(at.place(), sentence::empty_condition());
    }
    judge_statuses(status, at.key("status"), found);
}

/// A day of the calendar as YYYY-MM-DD.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |part: &str, digits: usize| -> Option<u32> {
        let well_formed = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        if well_formed { part.parse().ok() } else { None }
    };
    let (Some(year), Some(month), Some(day)) = (number(year, 4), number(month, 2), number(day, 2)) else {
        return false;
    };
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}
