//! The carrier's buffer of what the server sent: it plays in order, eight bytes a millisecond, and can be emptied.

use std::collections::VecDeque;
use std::time::Duration;

/// Mu-law silence.
pub(super) const SILENCE: u8 = 0xff;
/// Ten minutes. How much Twilio keeps is not documented.
const MOST_BYTES: usize = 8 * 600_000;
/// A longer pause is taken as meant.
const LONGEST_GAP: u64 = 8 * 1000;
/// A shorter one cannot be heard.
const SHORTEST_GAP: u64 = 8 * 20;

/// A moment of the stream, in samples of 1/8000 s since it began.
pub(super) fn samples(at: Duration) -> u64 {
    u64::try_from(at.as_micros() * 8 / 1000).unwrap_or(u64::MAX)
}

/// The moment a sample is played.
pub(super) const fn moment(samples: u64) -> Duration {
    Duration::from_micros(samples * 125)
}

/// What is to be played, and what has been.
#[derive(Debug, Default)]
pub(super) struct Playout {
    queue: VecDeque<u8>,
    /// Each behind so many bytes.
    marks: VecDeque<(u64, String)>,
    /// Bytes that came in.
    came: u64,
    /// Bytes of those that are over: played, or dropped.
    over: u64,
    /// So far everything has been heard, in samples.
    at: u64,
    /// When the last sound was over, unless the server dropped it.
    dry_since: Option<u64>,
    pub(super) gaps: Gaps,
}

/// Pauses the server did not mean.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gaps {
    /// Longer than 20 ms.
    pub(super) count: u64,
    /// The longest, in samples.
    pub(super) longest: u64,
    /// Of any length, together, in samples.
    pub(super) dry: u64,
}

/// The buffer is full.
#[derive(Debug)]
pub(super) struct Full;

impl Playout {
    /// Plays up to `now`; every sample, sound or silence, goes to `heard`.
    pub(super) fn play_until(&mut self, now: u64, heard: &mut Vec<u8>) {
        let span = usize::try_from(now.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let sound = span.min(self.queue.len());
        let before = heard.len();
        heard.extend(self.queue.drain(..sound));
        heard.resize(before + span, SILENCE);
        let sound = sound as u64;
        self.over += sound;
        if sound > 0 && self.queue.is_empty() {
            self.dry_since = Some(self.at + sound);
        }
        self.at = self.at.max(now);
    }

    /// Sound came in. Everything before this moment has been played.
    pub(super) fn push(&mut self, sound: &[u8]) -> Result<(), Full> {
        if self.queue.len() + sound.len() > MOST_BYTES {
            return Err(Full);
        }
        if self.queue.is_empty()
            && !sound.is_empty()
            && let Some(since) = self.dry_since.take()
        {
            self.gaps.note(self.at.saturating_sub(since));
        }
        self.queue.extend(sound);
        self.came += sound.len() as u64;
        Ok(())
    }

    /// A mark behind everything that came before it.
    pub(super) fn mark(&mut self, name: String) {
        self.marks.push_back((self.came, name));
    }

    /// The next mark whose sound is over.
    pub(super) fn reached(&mut self) -> Option<String> {
        let (_, name) = self.marks.pop_front_if(|(behind, _)| *behind <= self.over)?;
        Some(name)
    }

    /// Drops what has not been played, which reaches every mark. Returns how much it was, in samples, and how many
    /// marks waited.
    pub(super) fn clear(&mut self) -> (u64, usize) {
        let dropped = self.queue.len() as u64;
        self.queue.clear();
        self.over = self.came;
        self.dry_since = None;
        (dropped, self.marks.len())
    }

    /// Bytes that came in.
    pub(super) const fn came(&self) -> u64 {
        self.came
    }
}

impl Gaps {
    fn note(&mut self, gap: u64) {
        if gap > LONGEST_GAP {
            return;
        }
        self.dry += gap;
        self.longest = self.longest.max(gap);
        self.count += u64::from(gap > SHORTEST_GAP);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(playout: &mut Playout) -> Vec<String> {
        std::iter::from_fn(|| playout.reached()).collect()
    }

    #[test]
    fn a_mark_comes_back_when_what_was_before_it_has_been_played() {
        let (mut playout, mut heard) = (Playout::default(), Vec::new());
        playout.mark("at once".to_owned());
        assert_eq!(marks(&mut playout), ["at once"]);
        playout.push(&[1; 160]).unwrap();
        playout.mark("a".to_owned());
        playout.push(&[2; 80]).unwrap();
        playout.mark("b".to_owned());
        playout.play_until(159, &mut heard);
        assert!(marks(&mut playout).is_empty());
        playout.play_until(160, &mut heard);
        assert_eq!(marks(&mut playout), ["a"]);
        playout.play_until(480, &mut heard);
        assert_eq!(marks(&mut playout), ["b"]);
        assert_eq!(heard, [[1; 160].as_slice(), &[2; 80], &[SILENCE; 240]].concat());
    }

    #[test]
    fn clear_drops_the_rest_and_gives_its_marks_back_in_order() {
        let (mut playout, mut heard) = (Playout::default(), Vec::new());
        for name in ["a", "b", "c"] {
            playout.push(&[1; 160]).unwrap();
            playout.mark(name.to_owned());
        }
        playout.play_until(200, &mut heard);
        assert_eq!(marks(&mut playout), ["a"]);
        assert_eq!(playout.clear(), (280, 2));
        assert_eq!(marks(&mut playout), ["b", "c"]);
        // What comes afterwards is a new queue.
        playout.push(&[3; 160]).unwrap();
        playout.mark("d".to_owned());
        assert!(marks(&mut playout).is_empty());
        playout.play_until(360, &mut heard);
        assert_eq!((marks(&mut playout).len(), heard[200..].to_vec()), (1, vec![3; 160]));
        assert_eq!(playout.gaps.dry, 0, "a pause after clear is meant");
    }

    #[test]
    fn running_dry_in_the_middle_is_a_gap_and_a_long_pause_is_meant() {
        let (mut playout, mut heard) = (Playout::default(), Vec::new());
        for (at, count, dry) in [(0, 0, 0), (200, 0, 40), (160 + 200 + 161, 1, 40 + 161), (20_000, 1, 201)] {
            playout.play_until(at, &mut heard);
            playout.push(&[1; 160]).unwrap();
            assert_eq!((playout.gaps.count, playout.gaps.dry), (count, dry), "{at}");
        }
        assert_eq!(playout.gaps.longest, 161);
    }

    #[test]
    fn what_no_carrier_would_keep_is_refused() {
        let mut playout = Playout::default();
        playout.push(&vec![0; MOST_BYTES]).unwrap();
        assert!(playout.push(&[0]).is_err());
    }
}
