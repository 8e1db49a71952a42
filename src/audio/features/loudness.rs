//! How a frame's loudness compares with the seconds before: babble keeps its level, a caller rises above it.

/// Loudness of the last seconds.
#[derive(Debug, Clone)]
pub(super) struct Loudness {
    mean: f32,
    spread: f32,
    peak: f32,
    frames: f32,
}

impl Loudness {
    /// Frames over which mean and spread are taken.
    const SPAN: f32 = 100.0;
    /// dB a frame by which the loudest moment is forgotten.
    const FADE: f32 = 0.06;

    pub(super) fn new() -> Self {
        Self { mean: -60.0, spread: 0.0, peak: -60.0, frames: 0.0 }
    }

    /// Over the mean, over the loudest moment, and how much the level moves, all in dB; then they follow.
    pub(super) fn compare(&mut self, level: f32) -> [f32; 3] {
        let level = level.max(-75.0);
        let compared = [level - self.mean, level - self.peak, self.spread];
        self.frames = (self.frames + 1.0).min(Self::SPAN);
        self.mean += (level - self.mean) / self.frames;
        self.spread += ((level - self.mean).abs() - self.spread) / self.frames;
        self.peak = level.max(self.peak - Self::FADE);
        compared
    }
}
