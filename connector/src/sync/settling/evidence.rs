//! What is taken as proof of what became of a create: pure judgements over what lists and clocks show.

use std::time::Duration;

use crate::ledger::{Digest, FieldDigests, FieldId, Window};
use crate::sync::shared::shown::Shown;

/// How far a creation time may lie from the time that is expected, by any clock, in milliseconds.
pub(crate) const MARGIN: i64 = 10 * 60 * 1000;

/// What a create has sent by which its record can be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sought {
    /// The identities that were sent, by their place in the spec. Never empty where anything can be found.
    pub(crate) identities: Vec<(usize, Digest)>,
    /// The creation time that the body asked for, in epoch milliseconds.
    pub(crate) asked: Option<i64>,
    /// The earliest moment at which the request can have left, by the server's clock.
    pub(crate) left: i64,
}

/// The record is the one that the create has made: it has the identity that was sent, no other record of the ledger
/// holds its key, and it was created when it can have been.
pub(crate) fn is_ours(sought: &Sought, shown: &Shown, held_by_another: bool) -> bool {
    let as_asked =
        |created: i64| sought.asked.is_some_and(|asked| created.abs_diff(asked) <= MARGIN.unsigned_abs());
    let since_it_left = |created: i64| created >= sought.left.saturating_sub(MARGIN);
    !held_by_another
        && shown.has_identity(&sought.identities)
        && shown.created.is_none_or(|created| as_asked(created) || since_it_left(created))
}

/// What a walk over the list, the clocks and the other records say about a create whose record was not found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Absence {
    /// Every page of every time in which the record can be was read.
    pub(crate) complete: bool,
    /// Every record showed what is compared.
    pub(crate) comparable: bool,
    /// How long ago the request ended.
    pub(crate) age: Duration,
    /// How long a write may take to show, as the user says.
    pub(crate) settle_after: Duration,
    /// How long a write can take to show, as the spec says.
    pub(crate) lag: Duration,
    /// A record whose create left no later, and was answered, is not in the walk.
    pub(crate) another_is_absent: bool,
    /// The least age at which a record of this account was seen in a list.
    pub(crate) youngest_seen: Option<Duration>,
}

/// The create has certainly made no record: it may be sent again.
pub(crate) fn may_count_as_missing(absence: &Absence) -> bool {
    let Absence { complete, comparable, age, settle_after, lag, another_is_absent, youngest_seen } = *absence;
    let shown = !another_is_absent && youngest_seen.is_some_and(|seen| seen <= age);
    complete && comparable && age >= settle_after && (shown || age >= lag)
}

/// The creation times in which the record of a create can be: by this machine's clock, by the server's, and as the body
/// asked for.
pub(crate) fn windows(
    intended: Option<Window>,
    asked: Option<i64>,
    left: i64,
    ended: i64,
    skews: [i64; 3],
) -> Vec<Window> {
    let around =
        |from: i64, to: i64| Window { from: from.saturating_sub(MARGIN), to: to.saturating_add(MARGIN) };
    let by_clock = skews.map(|skew| around(left.saturating_add(skew), ended.max(left).saturating_add(skew)));
    let asked = asked.map(|asked| around(asked, asked));
    union(by_clock.into_iter().chain(intended).chain(asked).collect())
}

/// The same times in as few windows as possible, the earliest first.
pub(crate) fn union(mut windows: Vec<Window>) -> Vec<Window> {
    windows.sort_by_key(|window| window.from);
    let mut merged: Vec<Window> = Vec::with_capacity(windows.len());
    for window in windows {
        match merged.last_mut() {
            Some(last) if window.from <= last.to => *last = last.around(window),
            _ => merged.push(window),
        }
    }
    merged
}

/// Every moment of `inner` is in one of `outer`, which do not touch.
pub(crate) fn covers(outer: &[Window], inner: &[Window]) -> bool {
    inner.iter().all(|own| outer.iter().any(|window| window.from <= own.from && own.to <= window.to))
}

/// What of the values sent is confirmed: all but those that are shown with another value; with `only_shown`, nothing that
/// is not shown.
pub(crate) fn confirmed(
    sent: &FieldDigests,
    shown: &[(FieldId, Option<Digest>)],
    only_shown: bool,
) -> FieldDigests {
    let found = |field| shown.iter().find(|(known, _)| *known == field).map(|(_, digest)| *digest);
    sent.iter()
        .filter(|(field, digest)| match found(*field) {
            Some(Some(shown)) => shown == *digest,
            Some(None) | None => !only_shown,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Digester;

    const MINUTE: i64 = 60_000;
    /// When a request left, by the server's clock.
    const LEFT: i64 = 1_772_323_200_000;

    fn value(text: &str) -> Digest {
        Digester::new(&[7; 32]).text(text)
    }

    fn field(name: &str) -> FieldId {
        Digester::new(&[7; 32]).field(name).field()
    }

    fn span(from: i64, to: i64) -> Window {
        Window { from, to }
    }

    /// A create that has sent two of three identities.
    fn sought() -> Sought {
        Sought { identities: vec![(0, value("key")), (2, value("mail"))], asked: None, left: LEFT }
    }

    /// Its record.
    fn record() -> Shown {
        Shown {
            key: Some("rec_1".to_owned()),
            identities: vec![Some(value("key")), Some(value("given")), Some(value("mail"))],
            created: Some(LEFT),
        }
    }

    #[test]
    fn a_record_is_ours_by_what_was_sent_and_is_shown() {
        let shows = |identities: [Option<&str>; 3]| {
            let identities = identities.into_iter().map(|text| text.map(value)).collect();
            is_ours(&sought(), &Shown { identities, ..record() }, false)
        };
        for (identities, ours, why) in [
            ([Some("key"), None, Some("mail")], true, "all that was sent"),
            ([Some("key"), Some("given"), Some("mail")], true, "what was not sent is the server's to give"),
            ([Some("key"), None, None], true, "one is enough where the other is not shown"),
            ([None, None, Some("mail")], true, "either of them"),
            ([Some("other"), None, Some("mail")], false, "one is shown with another value"),
            ([Some("key"), None, Some("other")], false, "whichever it is"),
            ([Some("other"), None, None], false, "nothing is equal"),
            ([None, None, None], false, "nothing is shown"),
            ([None, Some("given"), None], false, "nothing is shown that was sent"),
            ([None, Some("key"), None], false, "the same value in another property"),
        ] {
            assert_eq!(shows(identities), ours, "{identities:?}: {why}");
        }
        let short = Shown { identities: vec![Some(value("key"))], ..record() };
        assert!(is_ours(&sought(), &short, false));
        let nothing = Sought { identities: Vec::new(), ..sought() };
        assert!(!is_ours(&nothing, &record(), false), "nothing was sent that it could be known by");
    }

    #[test]
    fn a_record_of_another_row_is_not_ours() {
        assert!(is_ours(&sought(), &record(), false));
        assert!(!is_ours(&sought(), &record(), true));
    }

    #[test]
    fn a_record_is_ours_only_if_it_was_created_when_it_can_have_been() {
        const YEAR: i64 = 525_600 * MINUTE;
        let past = LEFT - YEAR;
        for (asked, created, ours, why) in [
            (None, Some(LEFT), true, "when the request left"),
            (None, Some(LEFT - MARGIN), true, "ten minutes before: clocks differ"),
            (None, Some(LEFT - MARGIN - 1), false, "it was there before"),
            (None, Some(past), false, "long before"),
            (None, Some(LEFT + 30 * MINUTE), true, "later: the request took its time"),
            (None, None, true, "it does not say when"),
            (Some(past), Some(past), true, "the time that was asked for"),
            (Some(past), Some(past + MARGIN), true, "nearly"),
            (Some(past), Some(past - MARGIN), true, "on either side"),
            (Some(past), Some(past + MARGIN + 1), false, "neither asked for nor since it left"),
            (Some(past), Some(past - MARGIN - 1), false, "before the time that was asked for"),
            (Some(past), Some(LEFT), true, "the server does not keep what is asked for"),
            (Some(past), Some(LEFT - MARGIN - 1), false, "it was there before"),
            (Some(i64::MIN), Some(i64::MAX), true, "no time overflows"),
            (Some(i64::MAX), Some(i64::MIN), false, "on either side"),
        ] {
            let shown = Shown { created, ..record() };
            assert_eq!(is_ours(&Sought { asked, ..sought() }, &shown, false), ours, "{why}");
        }
    }

    #[test]
    fn a_record_is_missing_only_where_everything_says_so() {
        let seconds = Duration::from_secs;
        // Young, and everything speaks for it but its age alone.
        let young = Absence {
            complete: true,
            comparable: true,
            age: seconds(60),
            settle_after: seconds(60),
            lag: seconds(900),
            another_is_absent: false,
            youngest_seen: Some(seconds(60)),
        };
        // Older than any write needs to show, and nothing else proves it.
        let old = Absence { age: seconds(900), another_is_absent: true, youngest_seen: None, ..young };
        for (absence, missing, why) in [
            (young, true, "a record as young was seen"),
            (Absence { youngest_seen: Some(seconds(1)), ..young }, true, "a younger one"),
            (Absence { age: seconds(899), ..young }, true, "one that was younger then"),
            (Absence { complete: false, ..young }, false, "the walk broke off"),
            (Absence { comparable: false, ..young }, false, "a record did not show what is compared"),
            (Absence { age: seconds(59), youngest_seen: Some(seconds(1)), ..young }, false, "too early"),
            (Absence { another_is_absent: true, ..young }, false, "the list lags: it lacks another, too"),
            (Absence { youngest_seen: None, ..young }, false, "nothing was seen"),
            (Absence { youngest_seen: Some(seconds(61)), ..young }, false, "only older ones were seen"),
            (old, true, "no write takes that long to show"),
            (Absence { age: seconds(899), ..old }, false, "not yet"),
            (Absence { youngest_seen: Some(seconds(1)), age: seconds(899), ..old }, false, "not yet"),
            (Absence { complete: false, ..old }, false, "the walk broke off, however old it is"),
            (Absence { comparable: false, ..old }, false, "nothing can be compared, however old it is"),
            (Absence { settle_after: seconds(901), ..old }, false, "the user knows of a longer lag"),
        ] {
            assert_eq!(may_count_as_missing(&absence), missing, "{why}: {absence:?}");
        }
    }

    #[test]
    fn the_record_can_be_at_any_time_that_a_clock_tells() {
        let ended = LEFT + MINUTE;
        let hour = 60 * MINUTE;
        let around = |from: i64, to: i64| span(from - MARGIN, to + MARGIN);
        assert_eq!(windows(None, None, LEFT, ended, [0; 3]), [around(LEFT, ended)]);
        assert_eq!(
            windows(None, None, LEFT, ended, [0, -hour, 2 * hour]),
            [
                around(LEFT - hour, ended - hour),
                around(LEFT, ended),
                around(LEFT + 2 * hour, ended + 2 * hour)
            ],
            "this machine's clock and the server's, at its least and at its most"
        );
        assert_eq!(
            windows(None, Some(LEFT - 24 * hour), LEFT, ended, [0; 3]),
            [around(LEFT - 24 * hour, LEFT - 24 * hour), around(LEFT, ended)],
            "the body's own time, and not it alone"
        );
        let intended = span(LEFT - 5 * hour, LEFT - 4 * hour);
        assert_eq!(
            windows(Some(intended), None, LEFT, ended, [0; 3]),
            [intended, around(LEFT, ended)],
            "what was written down is not made wider"
        );
        assert_eq!(
            windows(None, None, LEFT, ended, [0, 0, 20 * MINUTE]),
            [around(LEFT, ended + 20 * MINUTE)],
            "those that meet are one"
        );
        assert_eq!(
            windows(None, None, LEFT, LEFT - hour, [0; 3]),
            [around(LEFT, LEFT)],
            "the clock was set back meanwhile"
        );
        let edges = windows(None, Some(i64::MAX), i64::MIN, i64::MAX, [0, i64::MIN, i64::MAX]);
        assert_eq!(edges, [span(i64::MIN, i64::MAX)], "no time overflows");
    }

    #[test]
    fn windows_that_meet_are_one() {
        for (windows, one) in [
            (vec![], vec![]),
            (vec![span(0, 10)], vec![span(0, 10)]),
            (vec![span(0, 10), span(5, 15)], vec![span(0, 15)]),
            (vec![span(5, 15), span(0, 10)], vec![span(0, 15)]),
            (vec![span(0, 10), span(10, 20)], vec![span(0, 20)]),
            (vec![span(0, 10), span(12, 20)], vec![span(0, 10), span(12, 20)]),
            (vec![span(12, 20), span(0, 10)], vec![span(0, 10), span(12, 20)]),
            (vec![span(0, 30), span(5, 10), span(20, 25)], vec![span(0, 30)]),
            (vec![span(0, 5), span(20, 25), span(4, 21)], vec![span(0, 25)]),
        ] {
            assert_eq!(union(windows.clone()), one, "{windows:?}");
        }
    }

    #[test]
    fn a_walk_covers_what_lies_in_one_of_its_windows() {
        let outer = [span(0, 10), span(20, 30)];
        for (inner, covered) in [
            (vec![span(0, 10)], true),
            (vec![span(2, 3), span(20, 25)], true),
            (vec![span(2, 3), span(11, 12)], false),
            (vec![span(-1, 5)], false),
            (vec![span(5, 11)], false),
            (vec![span(5, 25)], false),
            (vec![span(40, 50)], false),
        ] {
            assert_eq!(covers(&outer, &inner), covered, "{inner:?}");
        }
        assert!(!covers(&[], &[span(0, 1)]));
    }

    #[test]
    fn what_is_shown_otherwise_is_never_confirmed() {
        let names = ["equal", "otherwise", "unlike", "hidden"];
        let sent: FieldDigests = names.iter().map(|name| (field(name), value("sent"))).collect();
        let shown = [
            (field("equal"), Some(value("sent"))),
            (field("otherwise"), Some(value("other"))),
            // A value that cannot be one of the field: it may be the same in another form.
            (field("unlike"), None),
            (field("not sent"), Some(value("sent"))),
        ];
        let names_of = |digests: &FieldDigests| {
            assert!(digests.iter().all(|(_, digest)| digest == value("sent")));
            names.into_iter().filter(|name| digests.get(field(name)).is_some()).collect::<Vec<_>>()
        };
        let shown_alone = confirmed(&sent, &shown, true);
        assert_eq!((names_of(&shown_alone), shown_alone.len()), (vec!["equal"], 1));
        let all = confirmed(&sent, &shown, false);
        assert_eq!((names_of(&all), all.len()), (vec!["equal", "unlike", "hidden"], 3));
        assert_eq!(confirmed(&sent, &[], false), sent);
        assert!(confirmed(&sent, &[], true).is_empty());
        assert!(confirmed(&FieldDigests::default(), &shown, false).is_empty());
    }
}
