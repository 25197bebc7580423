//! A calendar, counted day by day of the rules of leap years, and the clocks of one zone that changes them.

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A day and a time of it, which need not exist.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
}

impl Moment {
    /// The day is one of the calendar.
    pub(super) fn has_day(self) -> bool {
        (1..=12).contains(&self.month) && (1..=days_of(self.year, self.month)).contains(&self.day)
    }

    /// The time is one of a day.
    pub(super) fn has_time(self) -> bool {
        (0..24).contains(&self.hour) && (0..60).contains(&self.minute) && (0..60).contains(&self.second)
    }

    /// Milliseconds since 1970 in UTC.
    pub(super) fn milliseconds(self) -> i64 {
        let years = (1970..self.year).map(days_of_year).sum::<i64>()
            - (self.year..1970).map(days_of_year).sum::<i64>();
        let months = (1..self.month).map(|month| days_of(self.year, month)).sum::<i64>();
        (years + months + self.day - 1) * DAY + self.hour * HOUR + self.minute * MINUTE + self.second * 1000
    }

    /// The same in Berlin, by the rule of the European Union; none where the clocks pass over it.
    pub(super) fn milliseconds_in_berlin(self) -> Option<i64> {
        let (begins, ends) = (last_sunday(self.year, 3) + HOUR, last_sunday(self.year, 10) + HOUR);
        let local = self.milliseconds();
        // Of the hour that comes twice, the first is meant.
        let summer = local - 2 * HOUR;
        if (begins..ends).contains(&summer) {
            return Some(summer);
        }
        let winter = local - HOUR;
        (!(begins..ends).contains(&winter)).then_some(winter)
    }
}

fn last_sunday(year: i64, month: i64) -> i64 {
    let last = Moment { year, month, day: days_of(year, month), hour: 0, minute: 0, second: 0 };
    let days = last.milliseconds() / DAY;
    // The first day of 1970 was a Thursday.
    (days - (days + 4).rem_euclid(7)) * DAY
}

fn days_of_year(year: i64) -> i64 {
    (1..=12).map(|month| days_of(year, month)).sum()
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}
