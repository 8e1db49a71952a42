//! What a WAV file says of itself, from its beginning and its length.

/// A WAV file as its header describes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Wav {
    /// Seconds, rounded.
    pub(super) duration_s: i64,
    /// 1 or 2.
    pub(super) channels: i64,
}

/// Why a file is not taken for the recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotWhole {
    /// It does not begin as a WAV file does.
    #[error("it is no WAV file")]
    NoWav,
    /// It ends before its header says it does.
    #[error("it is shorter than its header says")]
    Short,
    /// The header does not say how fast it plays.
    #[error("its header makes no sense")]
    Odd,
}

/// A writer that did not know the length when it began leaves this.
const UNKNOWN: [u32; 2] = [0, u32::MAX];

/// Reads the header; `bytes` is the length of the whole file.
///
/// # Errors
/// [`NotWhole`].
pub(super) fn read(head: &[u8], bytes: u64) -> Result<Wav, NotWhole> {
    if head.get(..4) != Some(b"RIFF") || head.get(8..12) != Some(b"WAVE") {
        return Err(NotWhole::NoWav);
    }
    // The size counts what follows it; a file may be padded by a byte.
    let size = number(head, 4).ok_or(NotWhole::NoWav)?;
    if !UNKNOWN.contains(&size) && u64::from(size) + 8 > bytes + 1 {
        return Err(NotWhole::Short);
    }
    let (mut at, mut format) = (12usize, None);
    loop {
        let (name, size) = (head.get(at..at + 4).ok_or(NotWhole::Odd)?, number(head, at + 4).ok_or(NotWhole::Odd)?);
        match name {
            b"fmt " => {
                format = Some((half(head, at + 10).ok_or(NotWhole::Odd)?, number(head, at + 16).ok_or(NotWhole::Odd)?))
            }
            b"data" => return data(format, at as u64 + 8, size, bytes),
            _ => {}
        }
        at += 8 + usize::try_from(size.next_multiple_of(2)).map_err(|_| NotWhole::Odd)?;
    }
}

/// The samples: `start` is where they begin, `size` how many bytes the header promises.
fn data(format: Option<(u16, u32)>, start: u64, size: u32, bytes: u64) -> Result<Wav, NotWhole> {
    let (channels, per_second) = format.filter(|(channels, rate)| *channels > 0 && *rate > 0).ok_or(NotWhole::Odd)?;
    let there = bytes.saturating_sub(start);
    let length = if UNKNOWN.contains(&size) && there > 0 { there } else { u64::from(size) };
    if length > there {
        return Err(NotWhole::Short);
    }
    let seconds = (length + u64::from(per_second) / 2) / u64::from(per_second);
    Ok(Wav { duration_s: i64::try_from(seconds).unwrap_or(i64::MAX), channels: i64::from(channels) })
}

fn number(head: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(head.get(at..at + 4)?.try_into().ok()?))
}

fn half(head: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(head.get(at..at + 2)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 16 bit at 8 kHz, with a chunk before the samples.
    fn file(channels: u16, samples: &[u8], riff: u32, data: u32) -> Vec<u8> {
        let mut file = b"RIFF".to_vec();
        file.extend(riff.to_le_bytes());
        file.extend(b"WAVEfmt ");
        file.extend(16u32.to_le_bytes());
        file.extend([1, 0]);
        file.extend(channels.to_le_bytes());
        file.extend(8000u32.to_le_bytes());
        file.extend((16_000 * u32::from(channels)).to_le_bytes());
        file.extend([2, 0, 16, 0]);
        file.extend(b"LIST\x03\0\0\0abc\0");
        file.extend(b"data");
        file.extend(data.to_le_bytes());
        file.extend(samples);
        file
    }

    #[test]
    fn length_and_channels_are_read() {
        let whole = file(1, &[0; 32_000], 32_048, 32_000);
        assert_eq!(read(&whole, whole.len() as u64), Ok(Wav { duration_s: 2, channels: 1 }));
        let stereo = file(2, &[0; 32_000], 32_048, 32_000);
        assert_eq!(read(&stereo, stereo.len() as u64), Ok(Wav { duration_s: 1, channels: 2 }));
        for size in UNKNOWN {
            let open_end = file(1, &[0; 16_000], size, size);
            assert_eq!(read(&open_end, open_end.len() as u64), Ok(Wav { duration_s: 1, channels: 1 }));
        }
        let silence = file(1, &[], 48, 0);
        assert_eq!(read(&silence, silence.len() as u64), Ok(Wav { duration_s: 0, channels: 1 }));
    }

    #[test]
    fn what_is_cut_or_no_audio_is_told() {
        let whole = file(1, &[0; 32_000], 32_048, 32_000);
        assert_eq!(read(&whole, whole.len() as u64 - 2), Err(NotWhole::Short));
        assert_eq!(read(&file(1, &[0; 100], 0, 200), 156), Err(NotWhole::Short));
        assert_eq!(read(b"<html>an error with status 200</html>", 37), Err(NotWhole::NoWav));
        assert_eq!(read(b"", 0), Err(NotWhole::NoWav));
        assert_eq!(read(&file(0, &[0; 100], 0, 100), 156), Err(NotWhole::Odd));
    }

    proptest! {
        #[test]
        fn no_bytes_are_a_crash(bytes in proptest::collection::vec(any::<u8>(), 0..80), length in any::<u32>()) {
            let mut head = b"RIFF\0\0\0\0WAVE".to_vec();
            head.extend(bytes);
            let _ = read(&head, u64::from(length));
        }
    }
}
