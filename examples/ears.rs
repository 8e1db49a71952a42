//! The workbench of the ear, for `scripts/barge-in/run`: features for training, detections for scoring, and times.
//!
//! ```text
//! ears features CORPUS…              writes CORPUS/features, half floats, for train.py
//! ears detect PRESET CORPUS…         writes CORPUS/detections.PRESET.jsonl, for score.py
//! ears time CORPUS                   nanoseconds a frame, by what the ear had to do
//! ```
//!
//! A corpus is a folder made by build_corpus.py or variety.py.

use std::error::Error;
use std::fs::{self, File};
use std::io::{BufWriter, Write, stdout};
use std::path::Path;
use std::time::Instant;
use switchboard::audio::{Ear, FRAME, Frame, Study, Tuning, g711, level_db, recorded};

type Outcome = Result<(), Box<dyn Error>>;

/// Samples that the played side is off by at most in training: 60 ms. A server knows what plays only about so well.
const OFF: i32 = 480;

struct Scene {
    file: String,
    caller: Vec<Frame>,
    played: Option<Vec<u8>>,
}

fn main() -> Outcome {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["features", corpora @ ..] => corpora.iter().try_for_each(|corpus| features(Path::new(corpus))),
        ["detect", preset, corpora @ ..] => corpora.iter().try_for_each(|corpus| detect(preset, Path::new(corpus))),
        ["time", corpus] => time(Path::new(corpus)),
        _ => Err("usage: ears features CORPUS… | detect PRESET CORPUS… | time CORPUS".into()),
    }
}

fn scenes(corpus: &Path) -> Result<Vec<Scene>, Box<dyn Error>> {
    let labels = fs::read_to_string(corpus.join("labels.jsonl"))?;
    labels.lines().map(|line| scene(corpus, &serde_json::from_str(line)?)).collect()
}

fn scene(corpus: &Path, label: &serde_json::Value) -> Result<Scene, Box<dyn Error>> {
    let named = |key: &str| label.get(key).and_then(|name| name.as_str());
    let file = named("file").ok_or("a scene without a file")?.to_owned();
    let played = named("outbound").map(|name| fs::read(corpus.join(name))).transpose()?;
    Ok(Scene { caller: frames(&fs::read(corpus.join(&file))?, 0), played, file })
}

/// Frames of a recording, `ahead` samples early; silence where there is nothing.
fn frames(bytes: &[u8], ahead: i32) -> Vec<Frame> {
    let count = bytes.len().div_ceil(FRAME);
    let sample = |at: usize| {
        let at = i32::try_from(at).ok()?.checked_add(ahead)?;
        bytes.get(usize::try_from(at).ok()?).copied()
    };
    (0..count).map(|frame| std::array::from_fn(|n| sample(frame * FRAME + n).unwrap_or(g711::SILENCE))).collect()
}

/// What played in each frame of a scene.
fn played(scene: &Scene, ahead: i32) -> Vec<Frame> {
    scene.played.as_deref().map(|bytes| frames(bytes, ahead)).unwrap_or_default()
}

/// Exact in one scene of three, off by a constant in the others.
fn off(corpus: &Path, scene: &Scene) -> i32 {
    let words = corpus.to_string_lossy().into_owned() + &scene.file;
    let hash = words.bytes().fold(7_u32, |hash, byte| hash.wrapping_mul(16_777_619) ^ u32::from(byte));
    let drawn = i32::try_from(hash / 3 % (2 * OFF.unsigned_abs() + 1)).unwrap_or_default() - OFF;
    if hash % 3 == 0 { 0 } else { drawn }
}

fn features(corpus: &Path) -> Outcome {
    let mut out = BufWriter::new(File::create(corpus.join("features"))?);
    for scene in scenes(corpus)? {
        let (mut study, played) = (Study::new(), played(&scene, off(corpus, &scene)));
        for (at, caller) in scene.caller.iter().enumerate() {
            let felt = study.feel(caller, &recorded(&played, at));
            out.write_all(&half(f32::from(felt.is_some())).to_le_bytes())?;
            for number in felt.unwrap_or([0.0; Study::FEATURES]) {
                out.write_all(&half(number).to_le_bytes())?;
            }
        }
    }
    Ok(out.flush()?)
}

/// The half float next to a number; what is too small for one is zero.
fn half(number: f32) -> u16 {
    let bits = number.clamp(-60_000.0, 60_000.0).to_bits();
    let (sign, exponent) = ((bits >> 16) & 0x8000, ((bits >> 23) & 0xff).saturating_sub(112));
    let magnitude = if exponent == 0 { 0 } else { (exponent << 10) + (((bits & 0x007f_ffff) + 0x1000) >> 13) };
    u16::try_from(sign | magnitude).unwrap_or_default()
}

fn detect(preset: &str, corpus: &Path) -> Outcome {
    let tuning = preset.parse::<switchboard::audio::Preset>()?.tuning();
    let mut out = BufWriter::new(File::create(corpus.join(format!("detections.{preset}.jsonl")))?);
    for scene in scenes(corpus)? {
        let (mut ear, played) = (Ear::new(&tuning), played(&scene, 0));
        let mut decides = |at: usize, caller: &Frame| ear.hear(caller, Some(&recorded(&played, at))).barge_in;
        let decided = scene.caller.iter().enumerate().filter(|(at, caller)| decides(*at, caller));
        let ends = decided.map(|(at, _)| (at + 1) * 20);
        let line = serde_json::json!({"file": scene.file, "detections_ms": ends.collect::<Vec<_>>()});
        writeln!(out, "{line}")?;
    }
    Ok(out.flush()?)
}

fn time(corpus: &Path) -> Outcome {
    let (mut silent, mut alone, mut close) = (Vec::new(), Vec::new(), Vec::new());
    for scene in scenes(corpus)? {
        let (mut playing, mut quiet) = (Ear::new(&Tuning::default()), Ear::new(&Tuning::default()));
        let played = played(&scene, 0);
        for (at, caller) in scene.caller.iter().enumerate() {
            alone.push(nanoseconds(|| quiet.hear(caller, None)));
            let times = if level_db(caller) > -60.0 { &mut close } else { &mut silent };
            times.push(nanoseconds(|| playing.hear(caller, Some(&recorded(&played, at)))));
        }
    }
    // The ear listens on for 300 ms after a sound: most silent frames are behind that.
    for (what, times) in
        [("nothing plays", &mut alone), ("silent while playing", &mut silent), ("audible while playing", &mut close)]
    {
        times.sort_unstable();
        let at = |share: f64| times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default();
        writeln!(stdout(), "{what:<22} {:>8} frames, median {:>6} ns, p99 {:>6} ns", times.len(), at(0.5), at(0.99))?;
    }
    Ok(())
}

fn nanoseconds<T>(work: impl FnOnce() -> T) -> u128 {
    let start = Instant::now();
    std::hint::black_box(work());
    start.elapsed().as_nanos()
}
