//! How loud each band is when nobody speaks.

use super::picture::BANDS;

/// Band by band: falls quickly to what is quieter, rises slowly.
#[derive(Debug, Clone)]
pub(super) struct Floors {
    bands: [f32; BANDS],
    /// Frames seen, up to a few: the first ones are believed more.
    seen: u8,
}

impl Floors {
    /// dB a frame; half as much after a second.
    const RISE: f32 = 0.2;
    const FALL: f32 = 0.4;
    const LOWEST: f32 = -75.0;

    pub(super) fn new() -> Self {
        Self { bands: [Self::LOWEST; BANDS], seen: 0 }
    }

    /// How far each band is over its floor, dB; then the floor follows.
    pub(super) fn over(&mut self, bands: &[f32; BANDS]) -> [f32; BANDS] {
        self.seen = self.seen.saturating_add(1);
        let rise = if self.seen < 50 { 2.0 * Self::RISE } else { Self::RISE };
        let mut over = [0.0; BANDS];
        for ((floor, band), over) in self.bands.iter_mut().zip(bands).zip(&mut over) {
            *over = band - *floor;
            *floor += if *over < 0.0 { Self::FALL * *over } else { rise.min(*over) };
            *floor = floor.max(Self::LOWEST);
        }
        over
    }
}
