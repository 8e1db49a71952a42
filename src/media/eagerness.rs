//! How soon an ear decides, as a line has it.

use crate::audio::Tuning;
use crate::config::barge_in::BargeIn;

/// The numbers of a line, as an ear counts.
pub(super) fn tuning(line: &BargeIn) -> Tuning {
    let frames = |ms: u32| u16::try_from(ms / 20).unwrap_or(u16::MAX);
    Tuning {
        evidence: f32::from(line.evidence),
        speaking_after: frames(line.speech_ms),
        silent_after: frames(line.silence_ms),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Preset;
    use crate::config::barge_in::BargeInPreset;

    #[test]
    fn presets_mean_the_same_in_the_file_and_in_the_ear() {
        for preset in BargeInPreset::ALL {
            let ear: Preset = preset.name().parse().expect("the same names");
            assert_eq!(tuning(&preset.numbers()), ear.tuning(), "{}", preset.name());
        }
    }

    #[test]
    fn a_line_changes_what_it_wants_changed() {
        let line = BargeIn { evidence: 12, silence_ms: 740, ..BargeInPreset::Calm.numbers() };
        let calm = Preset::Calm.tuning();
        assert_eq!(tuning(&line), Tuning { evidence: 12.0, silent_after: 37, ..calm });
    }
}
