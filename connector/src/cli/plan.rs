//! What a dry run says that a run would do: lines of the summary, and an object for programs.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::screen::figures::{counted, number};
use crate::report::plan::{Plan, PlannedOutcome};

/// The most fields that are named in the summary.
const FIELDS: usize = 12;

/// The object for programs.
pub(super) fn json(plan: &Plan) -> Value {
    let counts = PlannedOutcome::ALL.into_iter();
    let counts = counts.map(|outcome| (outcome.name().to_owned(), Value::from(plan.of(outcome))));
    let changed: Map<_, _> =
        plan.changed().into_iter().map(|(field, rows)| (field.to_owned(), rows.into())).collect();
    json!({
        "rows": counts.collect::<Map<_, _>>(),
        "changed": changed,
        "not_compared": plan.not_compared,
        "requests": plan.requests,
        "minutes": plan.minutes(),
    })
}

/// What a run would do with the rows that are pending, and what it would cost.
pub(super) fn print(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let sent = PlannedOutcome::ALL.into_iter().filter_map(|outcome| Some((outcome, meaning(outcome)?)));
    let sent = sent.filter(|(outcome, _)| plan.of(*outcome) > 0);
    for (position, (outcome, meaning)) in sent.enumerate() {
        if position == 0 {
            writeln!(out, "\na run would do this:")?;
        }
        let name = outcome.name().replace('_', " ");
        writeln!(out, "  {name:<18} {:>11}  {meaning}", number(plan.of(outcome)))?;
        if outcome == PlannedOutcome::Updated {
            print_changed(plan, out)?;
        }
    }
    let time = match plan.minutes() {
        _ if plan.duration.as_secs() < 60 => "less than a minute".to_owned(),
        minutes => format!("{minutes} min"),
    };
    writeln!(out, "  at most {}, {time} at the quota", counted(plan.requests, "request"))
}

fn print_changed(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let changed = plan.changed();
    let mut names: Vec<String> =
        changed.iter().take(FIELDS).map(|(field, rows)| format!("{field} {rows}")).collect();
    if changed.len() > FIELDS {
        names.push(format!("and {} more", changed.len() - FIELDS));
    }
    if !names.is_empty() {
        writeln!(out, "    fields that change: {}", names.join(", "))?;
    }
    if plan.not_compared > 0 {
        let rows = plan.not_compared;
        writeln!(out, "    not in the ledger, so what changes there is not known: {rows}")?;
    }
    Ok(())
}

/// What it means, where it leads to a request.
fn meaning(outcome: PlannedOutcome) -> Option<&'static str> {
    match outcome {
        PlannedOutcome::Created => Some("new records"),
        PlannedOutcome::Updated => Some("records changed"),
        PlannedOutcome::UpdatedOrCreated => Some("updated where PartnerStack has the record, else created"),
        PlannedOutcome::Unsettled => {
            Some("looked up first: it is not known whether an earlier create arrived")
        }
        _ => None,
    }
}
