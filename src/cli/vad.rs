//! `switchboard vad`: where a recorded caller would have interrupted a prompt.

use crate::audio::{Ear, FRAME, Frame, Preset, Tuning, g711, recorded};
use crate::cli::say;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

const FRAME_MS: usize = 20;

/// Say when a recorded caller would have interrupted a prompt
///
/// One JSON line a file, with the end of each 20 ms frame (in ms) at which an interruption would have been decided.
/// A prompt counts as playing all the time.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  \
    switchboard vad caller.ulaw\n  \
    switchboard vad --preset calm --playing prompt.ulaw caller.ulaw\n  \
    sox caller.wav -t ul -r 8000 -c 1 - | switchboard vad -\n\n\
    Files are G.711 mu-law, 8 kHz, one channel, without a header; - reads standard input.\n\
    Exit codes: 0 all files read, 1 one could not be, 2 usage.")]
pub struct Args {
    /// What the caller sent
    #[arg(required = true, value_name = "FILE.ulaw")]
    files: Vec<PathBuf>,
    /// What was played to him at the same time, sample for sample; without it, something that left no echo
    #[arg(long, value_name = "FILE.ulaw")]
    playing: Option<PathBuf>,
    /// How eager: fast, balanced or calm
    #[arg(long, default_value = "balanced")]
    preset: Preset,
}

#[derive(Serialize)]
struct Line<'a> {
    file: &'a Path,
    detections_ms: Vec<usize>,
}

/// Runs the command.
#[must_use]
pub fn run(args: &Args) -> ExitCode {
    let playing = match args.playing.as_deref().map(read).transpose() {
        Ok(playing) => playing.unwrap_or_default(),
        Err(why) => return say::failure(&why),
    };
    let tuning = args.preset.tuning();
    let mut code = ExitCode::SUCCESS;
    for file in &args.files {
        let told = read(file).and_then(|caller| tell(file, &caller, &playing, &tuning));
        if let Err(why) = told {
            code = say::failure(&why);
        }
    }
    code
}

fn tell(file: &Path, caller: &[u8], playing: &[u8], tuning: &Tuning) -> Result<(), String> {
    let line = Line { file, detections_ms: detections(caller, playing, tuning) };
    let text = serde_json::to_string(&line).map_err(|why| format!("{}: {why}", file.display()))?;
    let _ = say::line(&text);
    Ok(())
}

/// Ends of the frames on which an interruption was decided, ms.
fn detections(caller: &[u8], playing: &[u8], tuning: &Tuning) -> Vec<usize> {
    let mut ear = Ear::new(tuning);
    let played: Vec<Frame> = playing.chunks(FRAME).map(frame).collect();
    let mut decides = |at, chunk| ear.hear(&frame(chunk), Some(&recorded(&played, at))).barge_in;
    let decided = caller.chunks(FRAME).enumerate().filter(|(at, chunk)| decides(*at, chunk));
    decided.map(|(at, _)| (at + 1) * FRAME_MS).collect()
}

/// A frame of what there is, the rest silence.
fn frame(chunk: &[u8]) -> Frame {
    let mut frame = [g711::SILENCE; FRAME];
    frame.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
    frame
}

fn read(file: &Path) -> Result<Vec<u8>, String> {
    let read = if file == Path::new("-") { read_input() } else { std::fs::read(file) };
    let bytes = read.map_err(|why| format!("{}: {why}", file.display()))?;
    if bytes.starts_with(b"RIFF") {
        let name = file.display();
        return Err(format!(
            "{name}: this is a WAV file, and raw mu-law is wanted. Convert it: sox {name} -t ul -r 8000 -c 1 {name}.ulaw"
        ));
    }
    Ok(bytes)
}

fn read_input() -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::prompts;

    #[test]
    fn a_voice_is_found_at_a_frames_end() {
        let caller = [[g711::SILENCE; 8_000].as_slice(), prompts::CALLER.sound].concat();
        let found = detections(&caller, &[], &Tuning::default());
        let first = found.first().copied().unwrap_or_default();
        assert!(first % FRAME_MS == 0 && (1_020..1_500).contains(&first), "{found:?}");
        assert!(detections(&[g711::SILENCE; 8_000], &[], &Tuning::default()).is_empty());
    }
}
