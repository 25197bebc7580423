//! Chooses the hint of the spec that fits a failure best.

use crate::api::{ApiSpec, Hint, HintCondition, OperationName};
use crate::text::names::has_words;

/// What is known of a failure.
#[derive(Debug, Clone, Copy, Default)]
pub struct Situation<'a> {
    /// The object that was synced.
    pub object: &'a str,
    /// The operation that failed.
    pub operation: Option<OperationName>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// The message.
    pub message: &'a str,
    /// The rule that a row broke.
    pub rule: Option<&'a str>,
    /// The field that broke it.
    pub field: Option<&'a str>,
    /// Records turned out to be test records.
    pub test_records: bool,
}

/// The most specific hint that fits, the first of several.
#[must_use]
pub fn choose(api: &'static ApiSpec, situation: &Situation<'_>) -> Option<&'static Hint> {
    let mut best: Option<(u32, &'static Hint)> = None;
    for hint in api.hints {
        let score = hint.when.iter().filter_map(|condition| score(condition, situation)).max();
        if let Some(score) = score.filter(|score| best.is_none_or(|(so_far, _)| *score > so_far)) {
            best = Some((score, hint));
        }
    }
    best.map(|(_, hint)| hint)
}

/// How much a condition asks for, if the situation has all of it.
fn score(condition: &HintCondition, situation: &Situation<'_>) -> Option<u32> {
    let HintCondition { object, operation, status, words, rule, field, test_records } = condition;
    // A hint on answers is not one on rows, and the other way round: what one leaves open, the other never has.
    if rule.is_some() != situation.rule.is_some() || *test_records != situation.test_records {
        return None;
    }
    let asks = [
        (object.is_some(), *object == Some(situation.object), 1),
        (operation.is_some(), *operation == situation.operation, 1),
        (!status.is_empty(), situation.status.is_some_and(|code| status.contains(&code)), 1),
        (!words.is_empty(), words.iter().any(|words| has_words(situation.message, words)), 4),
        (rule.is_some(), *rule == situation.rule, 2),
        (field.is_some(), *field == situation.field, 2),
    ];
    asks.iter().try_fold(0, |sum, &(asked, given, weight)| match (asked, given) {
        (false, _) => Some(sum),
        (true, true) => Some(sum + weight),
        (true, false) => None,
    })
}
