//! Filters by date: `StartTime`, `StartTime<`, `StartTime>` (PROTOCOL.md 7.1).

use crate::base::Time;
use crate::simulator::twin::wire::Request;
use chrono::{NaiveDate, TimeDelta};

/// From when until before when.
#[derive(Clone, Copy, Debug)]
pub(super) struct When {
    from: Option<Time>,
    before: Option<Time>,
}

impl When {
    /// A date alone is its whole day, in UTC; `<` and `>` include the moment that they name.
    pub(super) fn of(request: &Request, name: &str) -> Self {
        let read = |suffix: &str| request.filled(&format!("{name}{suffix}")).and_then(span);
        let (day, until, since) = (read(""), read("<"), read(">"));
        Self { from: since.or(day).map(|(from, _)| from), before: until.or(day).map(|(_, before)| before) }
    }

    pub(super) fn holds(self, at: Time) -> bool {
        self.from.is_none_or(|from| at >= from) && self.before.is_none_or(|before| at < before)
    }
}

fn span(text: &str) -> Option<(Time, Time)> {
    if let Ok(day) = text.parse::<NaiveDate>() {
        let from = day.and_hms_opt(0, 0, 0)?.and_utc();
        return Some((from, from + TimeDelta::days(1)));
    }
    let at = chrono::DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    Some((at, at + TimeDelta::seconds(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderMap, Method};

    #[test]
    fn dates_are_days_and_times_are_moments() {
        let holds = |query: &str, at: &str| {
            let request = Request::read(Method::GET, &format!("/x?{query}"), &HeaderMap::new(), b"");
            When::of(&request, "StartTime").holds(at.parse().unwrap())
        };
        assert!(holds("", "2026-11-20T12:00:00Z"));
        assert!(holds("StartTime=2026-11-20", "2026-11-20T23:59:59Z"));
        assert!(!holds("StartTime=2026-11-20", "2026-11-21T00:00:00Z"));
        assert!(holds("StartTime%3E=2026-11-20", "2026-11-20T00:00:00Z"));
        assert!(!holds("StartTime%3E=2026-11-20", "2026-11-19T23:59:59Z"));
        assert!(holds("StartTime%3C=2026-11-20T12:00:00Z", "2026-11-20T12:00:00Z"));
        assert!(!holds("StartTime%3C=2026-11-20T12:00:00Z&StartTime%3E=2026-11-20", "2026-11-20T12:00:01Z"));
    }
}
