//! Pages: a telephone and a file speak into zones, and listeners stand where loudspeakers would.

use super::desk::Desk;
use super::house::House;
use crate::audio::{FRAME, g711, tone, wav};
use crate::simulator::{Handset, HandsetError, HeardStream, Style, remark};
use serde::Serialize;
use std::path::Path;
use std::time::Duration;

const RATE: u32 = 8_000;
/// What is said lasts so long.
const LENGTH_MS: u32 = 500;
/// Pieces in which a tone is looked for: 20 ms.
const PIECE: usize = FRAME;
/// Between two looks at what was heard, and how often.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS: u32 = 250;

/// A page, and what each loudspeaker heard of it.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    title: &'static str,
    zone: &'static str,
    hz: u32,
    pub(super) problems: Vec<String>,
    /// Who spoke, in a sentence.
    told: String,
    heard: Vec<Ear>,
    /// Loudspeakers that heard nothing of it.
    silent: Vec<String>,
}

/// What one loudspeaker heard.
#[derive(Debug, Serialize)]
struct Ear {
    output: String,
    packets: usize,
    /// How long the tone of this page was heard.
    tone_ms: usize,
    file: String,
}

/// A page to be made: its zone, the outputs that belong to it, and its tone.
struct Plan {
    title: &'static str,
    zone: &'static str,
    outputs: &'static [&'static str],
    hz: u32,
}

/// Pages one zone by telephone, and then all zones with a file.
pub(super) async fn show(house: &House, desk: &Desk, folder: &Path) -> Vec<Shown> {
    let one = Plan { title: "A telephone pages one zone", zone: "701", outputs: &["zone-701"], hz: 440 };
    let all = Plan {
        title: "A file pages the whole building",
        zone: "700",
        outputs: &["zone-701", "zone-702", "zone-703", "zone-704"],
        hz: 660,
    };
    let before = counts(house);
    let told = telephoned(house, &one).await.map_err(|why| why.to_string());
    let first = shown(house, one, (told, &before), folder).await;
    let before = counts(house);
    let told = posted(desk, &all).await.ok_or_else(|| "the API did not page".to_owned());
    vec![first, shown(house, all, (told, &before), folder).await]
}

fn samples(plan: &Plan) -> Vec<i16> {
    tone::sine(f64::from(plan.hz), LENGTH_MS, 0.4, RATE)
}

async fn telephoned(house: &House, plan: &Plan) -> Result<String, HandsetError> {
    let mut phone = Handset::call(house.sip, house.sip.ip(), plan.zone).await?;
    let encoded: Vec<u8> = samples(plan).into_iter().map(g711::encode).collect();
    phone.mouth.say_all(encoded.as_chunks().0).await?;
    let after = phone.answered_after().as_secs_f64() * 1_000.0;
    phone.hang_up().await?;
    Ok(format!("calls sip:{}@{}, is answered after {after:.0} ms, says {} Hz", plan.zone, house.sip, plan.hz))
}

async fn posted(desk: &Desk, plan: &Plan) -> Option<String> {
    let file = wav::pcm16(&wav::Sound::mono(RATE, samples(plan)));
    let id = desk.page(plan.zone, file).await?;
    for _ in 0..LOOKS {
        if desk.page_is_over(&id).await {
            return Some(format!("POST /api/pages?zone={} with a file of {} Hz: {id}", plan.zone, plan.hz));
        }
        tokio::time::sleep(LOOK).await;
    }
    None
}

/// How many streams each listener has heard.
fn counts(house: &House) -> Vec<usize> {
    house.ears.heard().iter().map(|(_, streams)| streams.len()).collect()
}

/// What was heard since, and what is wrong with it.
async fn shown(house: &House, plan: Plan, (told, before): (Result<String, String>, &[usize]), folder: &Path) -> Shown {
    let mut heard = new_streams(house, before);
    for _ in 0..LOOKS {
        if heard.len() >= plan.outputs.len() || told.is_err() {
            break;
        }
        tokio::time::sleep(LOOK).await;
        heard = new_streams(house, before);
    }
    let mut problems: Vec<String> = told.as_ref().err().cloned().into_iter().collect();
    for output in plan.outputs.iter().filter(|output| !heard.iter().any(|(name, _)| name == *output)) {
        problems.push(format!("{output} should have heard it"));
    }
    let (mut ears, mut silent) = (Vec::new(), Vec::new());
    for (output, _) in house.ears.heard() {
        if !heard.iter().any(|(name, _)| *name == output) {
            silent.push(output);
        }
    }
    for (output, stream) in heard {
        let file = folder.join(format!("{}-{output}.wav", plan.zone));
        if let Err(why) = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&file, stream.wav())) {
            problems.push(format!("{}: {why}", file.display()));
        }
        let tone_ms = tone_ms(&stream, plan.hz);
        if !plan.outputs.contains(&output.as_str()) {
            problems.push(format!("{output} should have heard nothing"));
        } else if tone_ms * 10 < LENGTH_MS as usize * 8 {
            problems.push(format!("{output} should have heard {} Hz for {LENGTH_MS} ms, not {tone_ms}", plan.hz));
        }
        problems.extend(stream.findings.iter().map(|finding| format!("{output}: {finding}")));
        ears.push(Ear { output, packets: stream.packets, tone_ms, file: file.display().to_string() });
    }
    let Plan { title, zone, hz, .. } = plan;
    Shown { title, zone, hz, problems, told: told.unwrap_or_default(), heard: ears, silent }
}

fn new_streams(house: &House, before: &[usize]) -> Vec<(String, HeardStream)> {
    let new = |((output, streams), before): ((String, Vec<HeardStream>), &usize)| {
        streams.into_iter().skip(*before).map(move |stream| (output.clone(), stream)).next()
    };
    house.ears.heard().into_iter().zip(before).filter_map(new).collect()
}

/// How long a stream is that tone.
fn tone_ms(stream: &HeardStream, hz: u32) -> usize {
    let samples = stream.samples();
    let pieces = samples.chunks_exact(PIECE);
    20 * pieces.filter(|piece| tone::share(piece, f64::from(hz), RATE) > 0.9).count()
}

impl Shown {
    /// As a part of the transcript; `kept`: where the files can be found.
    pub(super) fn text(&self, number: usize, kept: Option<&Path>, style: Style) -> String {
        let mut text = format!("\n{number}. {} (in real time)\n{}", self.title, remark(&self.told, style));
        let heard = |ear: &Ear| format!("{} heard it for {} ms", ear.output, ear.tone_ms);
        let heard: Vec<String> = self.heard.iter().map(heard).collect();
        text.push_str(&remark(&heard.join(", "), style));
        if !self.silent.is_empty() {
            text.push_str(&remark(&format!("{} heard nothing", self.silent.join(", ")), style));
        }
        if let Some(folder) = kept {
            text.push_str(&remark(&format!("to be heard in {}", folder.display()), style));
        }
        if !self.problems.is_empty() {
            text.push_str(&remark(&format!("NOT as it should be: {}", self.problems.join("; ")), style));
        }
        text
    }
}
