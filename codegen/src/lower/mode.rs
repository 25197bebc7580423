//! Lowers an object's row of the mode matrix.

use super::list::judge_not_empty;
use super::operation::missing;
use crate::diagnostic::mistake::Diagnostic;
use crate::diagnostic::report::Diagnostics;
use crate::diagnostic::sentence;
use crate::model::{Mode, ModeName, Operation, Support};
use crate::source::document::Cursor;
use crate::syntax;
use crate::syntax::operation::OperationName;

/// Lowers an object's row of the mode matrix.
pub(super) fn lower(
    written: syntax::Modes,
    operations: &[Operation],
    at: Cursor<'_>,
    found: &mut Diagnostics,
) -> Vec<Mode> {
    let all = [
        (ModeName::Insert, written.insert),
        (ModeName::Update, written.update),
        (ModeName::Upsert, written.upsert),
    ];
    all.into_iter()
        .map(|(name, mode)| lower_mode(name, mode, operations, at.key(name.key()), found))
        .collect()
}

fn lower_mode(
    name: ModeName,
    written: syntax::Mode,
    operations: &[Operation],
    at: Cursor<'_>,
    found: &mut Diagnostics,
) -> Mode {
    if let (Some(_), Some(_)) = (&written.steps, &written.forbidden) {
        let sentence = sentence::steps_and_forbidden(name.key());
        let diagnostic = Diagnostic::new(at.key("forbidden").key_place(), sentence);
        found.push(diagnostic.with(at.key("steps").key_place(), "offered here"));
    }
    let support = match (written.steps, written.forbidden) {
        (Some(steps), _) => {
            judge_steps(name, &steps, operations, at.key("steps"), found);
            Support::Steps(steps)
        }
        (None, Some(reason)) => Support::Forbidden(reason),
        (None, None) => {
            found.note(at.key_place(), sentence::neither_steps_nor_forbidden(name.key()));
            Support::Forbidden(String::new())
        }
    };
    Mode { name, support, description: written.description, source: written.source }
}

fn judge_steps(
    mode: ModeName,
    steps: &[OperationName],
    operations: &[Operation],
    at: Cursor<'_>,
    found: &mut Diagnostics,
) {
    let suited: &[&[OperationName]] = match mode {
        ModeName::Insert => &[&[OperationName::Create]],
        ModeName::Update => &[&[OperationName::Update]],
        ModeName::Upsert => &[&[OperationName::Update, OperationName::Create], &[OperationName::Create]],
    };
    if steps.is_empty() {
        judge_not_empty(steps, "steps", at, found);
    } else if !suited.contains(&steps) {
        let shown = |steps: &[OperationName]| {
            let keys: Vec<&str> = steps.iter().map(|step| step.key()).collect();
            format!("[{}]", keys.join(", "))
        };
        let suited: Vec<String> = suited.iter().map(|steps| shown(steps)).collect();
        found.note(at.place(), sentence::unsuited_steps(mode.key(), &shown(steps), &suited.join(" or ")));
    } else if !operations.is_empty() {
        for (index, step) in steps.iter().enumerate() {
            if !operations.iter().any(|operation| operation.name == *step) {
                found.note(at.index(index).place(), missing(*step, operations));
            }
        }
    }
}
