//! Settles a create of which it is not known whether it was applied.

use super::evidence;
use super::lookup::{Finding, Query, Settler, What};
use super::lookup_window::Times;
use crate::api::mode::Mode;
use crate::clock::Clock;
use crate::http::transport::Transport;
use crate::ledger::{AttemptState, Digest, Entry, Event, FieldDigests, FieldId};
use crate::sync::feed::plan::MatchDigester;
use crate::sync::shared::context::Context;
use crate::sync::shared::recent::RequestTimes;

/// What settling a create has come to.
pub(crate) enum Settled {
    /// Its record was found.
    Found,
    /// Its record is missing: it may be sent again.
    Missed,
    /// Its record is missing, and it was sent often enough.
    GivenUp { status: Option<u16>, message: String },
    /// Nothing that was seen decides it.
    Uncertain { status: Option<u16>, message: String },
    /// The run stops.
    Stopped,
}

/// Finds out what became of the create that is open. `sent` is known where this run has sent it.
pub(crate) async fn settle<T: Transport, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    settler: &Settler,
    entry: &mut Entry,
    sent: Option<RequestTimes>,
) -> Settled {
    let Some(attempt) = entry.open_create() else { return Settled::Missed };
    let (status, said) = (attempt.status, attempt.message.clone());
    let uncertain = |why: String| {
        let message = said.clone().map_or_else(|| why.clone(), |said| format!("{said}; {why}"));
        Settled::Uncertain { status, message }
    };
    let identities = identities_of(&context.matches, &attempt.digests);
    if identities.is_empty() {
        return uncertain("nothing that it could be found by was sent".to_owned());
    }
    let times = Times::of(attempt, context.job.limits.timeout);
    let (earlier, sent) = (sent.is_none(), sent.unwrap_or_else(|| context.sent_earlier(&times)));
    let what = What::Create { identities, times, id: entry.id, sent, earlier };
    let query = Query { what, windows: Vec::new() };
    match context.unless_stopping(settler.find(context, query)).await {
        Some(Finding::Found { key, created, fields }) => {
            let dated = times.asked.is_some();
            let event = found(context, &attempt.digests, key, created, &fields, dated);
            context.record(entry, event).await.map_or(Settled::Stopped, |()| Settled::Found)
        }
        Some(Finding::Missed) => {
            if context.record(entry, Event::Missed).await.is_none() {
                return Settled::Stopped;
            }
            // The state machine says when it was sent often enough.
            match &entry.attempt {
                Some(attempt) if attempt.state == AttemptState::Rejected => {
                    let message = said.unwrap_or_else(|| "it did not arrive".to_owned());
                    Settled::GivenUp { status, message }
                }
                _ => Settled::Missed,
            }
        }
        Some(Finding::Several(_)) => uncertain("several records match it".to_owned()),
        Some(Finding::Undecided(why)) => uncertain(why),
        None => uncertain("the run was stopped before it was looked up".to_owned()),
    }
}

/// What a record that was found confirms. Where an update can follow, only what it shows; where none can, all that was
/// sent and that it does not contradict: otherwise its row would count as changed in every run to come.
pub(crate) fn found<T, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    sent: &FieldDigests,
    key: Option<String>,
    created: Option<i64>,
    fields: &[(FieldId, Option<Digest>)],
    dated: bool,
) -> Event {
    let now = context.clock.epoch_milliseconds();
    let confirmed = confirms(context, sent, fields);
    let mut unseen = evidence::confirmed(sent, fields, false);
    unseen.forget(&confirmed);
    let at = created.map_or(now, |created| created.min(now));
    Event::Found { system_key: key, at, confirmed, unseen, dated }
}

/// What of the values sent, or of those that would be, a record confirms that a list shows.
pub(crate) fn confirms<T, C: Clock + Copy>(
    context: &Context<'_, T, C>,
    sent: &FieldDigests,
    fields: &[(FieldId, Option<Digest>)],
) -> FieldDigests {
    let can_update = context.job.object.steps(Mode::Update).is_ok();
    let mut confirmed = evidence::confirmed(sent, fields, can_update);
    // An identity that is shown confirms its field, although the two may be written in another way (`Ada@`, `ada@`).
    let digester = context.ledger.digester();
    for identity in &context.matches {
        let field = digester.field(identity.identity.field.name).field();
        let compared = fields.iter().any(|(known, _)| *known == field);
        if let Some(value) = sent.get(field)
            && !compared
            && confirmed.get(identity.field()).is_some()
        {
            confirmed.set(field, value);
        }
    }
    confirmed
}

/// The identities that a create has sent, by their place in the spec.
pub(crate) fn identities_of(matches: &[MatchDigester], digests: &FieldDigests) -> Vec<(usize, Digest)> {
    let identity = |(place, digester): (usize, &MatchDigester)| Some((place, digests.get(digester.field())?));
    matches.iter().enumerate().filter_map(identity).collect()
}
