//! The call's own time. A ring of twenty seconds takes twenty seconds on it, however long we really wait.

use super::SimulatorError;
use crate::base::{Clock, Time};
use chrono::TimeDelta;
use std::time::Duration;

/// How much faster than real time a call runs; unless somebody says, nothing is waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Speed(Option<f64>);

impl Speed {
    /// Waits are not waited for at all.
    pub const INSTANT: Self = Self(None);
    /// A second is a second.
    pub const REAL: Self = Self(Some(1.0));

    /// `times` faster than real time; `None` unless it is a positive number.
    #[must_use]
    pub fn times(times: f64) -> Option<Self> {
        (times.is_finite() && times > 0.0).then_some(Self(Some(times)))
    }

    /// Reads `20`, `0.5` or `max`.
    ///
    /// # Errors
    /// [`SimulatorError::Speed`].
    pub fn parse(text: &str) -> Result<Self, SimulatorError> {
        if text == "max" {
            return Ok(Self::INSTANT);
        }
        let times = text.trim_end_matches('x').parse().ok().and_then(Self::times);
        times.ok_or_else(|| SimulatorError::Speed(text.to_owned()))
    }

    /// How much of a call's time passes in real time.
    fn of_real(self, time: Duration) -> Duration {
        self.0.map_or(Duration::ZERO, |times| time.mul_f64(times))
    }

    async fn wait(self, time: Duration) {
        if let Some(times) = self.0 {
            tokio::time::sleep(time.div_f64(times)).await;
        }
    }
}

/// Time since the call began: what was waited, and what requests really took.
#[derive(Debug)]
pub(super) struct CallClock {
    wall: Clock,
    began: Time,
    at: Duration,
    speed: Speed,
    /// How far the dates it gives are off.
    skew: TimeDelta,
}

impl CallClock {
    pub(super) fn start(wall: Clock, speed: Speed) -> Self {
        Self { began: wall.now(), wall, at: Duration::ZERO, speed, skew: TimeDelta::zero() }
    }

    /// Goes on at another speed; the one so far.
    pub(super) const fn change_speed(&mut self, speed: Speed) -> Speed {
        std::mem::replace(&mut self.speed, speed)
    }

    /// Time since the call began.
    pub(super) const fn at(&self) -> Duration {
        self.at
    }

    /// The date and time the call believes it is.
    pub(super) fn date(&self) -> Time {
        self.began + TimeDelta::from_std(self.at).unwrap_or_default() + self.skew
    }

    /// From now on dates are so many seconds off.
    pub(super) fn skew(&mut self, seconds: i64) {
        self.skew = TimeDelta::try_seconds(seconds).unwrap_or_default();
    }

    /// Lets time pass until `until`; the past is no wait.
    pub(super) async fn pass_until(&mut self, until: Duration) {
        self.speed.wait(until.saturating_sub(self.at)).await;
        self.at = self.at.max(until);
    }

    /// The same, unless `told` comes first; then only what has passed by then is over. `told` may come to nothing.
    pub(super) async fn pass_until_told<T>(
        &mut self,
        until: Duration,
        told: impl Future<Output = Option<T>>,
    ) -> Option<T> {
        let began = self.wall.now();
        let left = until.saturating_sub(self.at);
        tokio::select! {
            biased;
            Some(told) = told => {
                let really = (self.wall.now() - began).to_std().unwrap_or_default();
                self.at += self.speed.of_real(really).min(left);
                Some(told)
            }
            () = self.speed.wait(left) => {
                self.at = self.at.max(until);
                None
            }
        }
    }

    /// It is so late now, as somebody has measured who keeps real time; the past stays past.
    pub(super) fn reach(&mut self, at: Duration) {
        self.at = self.at.max(at);
    }

    /// Adds time that has really passed.
    pub(super) fn charge(&mut self, took: Duration) {
        self.at += took;
    }

    /// For measuring what something really took.
    pub(super) fn wall(&self) -> &Clock {
        &self.wall
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn instant_waits_cost_nothing_and_count_in_full() {
        let mut clock = CallClock::start(Clock::manual(Time::UNIX_EPOCH), Speed::INSTANT);
        clock.pass_until(Duration::from_secs(20)).await;
        clock.charge(Duration::from_millis(4));
        clock.pass_until(Duration::from_secs(1)).await;
        assert_eq!(clock.at(), Duration::from_millis(20_004));
        assert_eq!(clock.date().to_rfc3339(), "1970-01-01T00:00:20.004+00:00");
    }

    #[test]
    fn speeds_are_positive_numbers_or_max() {
        assert_eq!(Speed::parse("max").ok(), Some(Speed::INSTANT));
        assert_eq!(Speed::parse("1").ok(), Some(Speed::REAL));
        assert_eq!(Speed::parse("20x").ok(), Speed::times(20.0));
        for bad in ["0", "-1", "fast", "inf", "NaN", ""] {
            assert!(Speed::parse(bad).is_err(), "{bad}");
        }
    }
}
