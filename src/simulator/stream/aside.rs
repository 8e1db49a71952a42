//! A one-way stream: the server listens to one side of a call, or to both, and has no say in it.

use super::clip::Clip;
use super::report::StreamReport;
use super::wire::{CONNECTED, Names, Writer};
use super::{FRAME, FRAME_TIME, Frame, SILENT};
use crate::audio::{g711, tone};
use crate::simulator::http::{Fault, Socket, close_fault, socket_fault, stuck};
use crate::twiml::{Parameter, StreamTrack};
use futures_util::{FutureExt, SinkExt, StreamExt};
use std::time::Duration;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

/// A server that takes nothing for so long is given up.
const STUCK: Duration = Duration::from_secs(5);
/// The line's voice: what it says is known as text only.
const LINE_HZ: f64 = 450.0;

/// See the module. It runs on the call's own time: what listens can be as fast as it likes.
#[derive(Debug)]
pub(in crate::simulator) struct Aside {
    socket: Socket,
    writer: Writer,
    track: StreamTrack,
    /// Call time when it began.
    began: Duration,
    frames: u32,
    /// The caller's voice.
    voice: Option<Clip>,
    report: StreamReport,
}

impl Aside {
    /// Begins at call time `began`.
    pub(in crate::simulator) async fn open(
        socket: Socket,
        (names, parameters): (Names, &[Parameter]),
        track: StreamTrack,
        (began, url): (Duration, &str),
    ) -> Result<Self, Fault> {
        let report = StreamReport { stream_sid: names.stream_sid.clone(), url: url.to_owned(), ..Default::default() };
        let voice = Clip::built_in().into_iter().next();
        let mut aside = Self { socket, writer: Writer::new(names), track, began, frames: 0, voice, report };
        let start = aside.writer.start(aside.tracks(), parameters);
        aside.send(vec![CONNECTED.to_owned(), start]).await?;
        Ok(aside)
    }

    fn tracks(&self) -> &'static [&'static str] {
        match self.track {
            StreamTrack::Inbound => &["inbound"],
            StreamTrack::Outbound => &["outbound"],
            StreamTrack::Both => &["inbound", "outbound"],
        }
    }

    /// Sends what was to be heard up to call time `until`; `speaks`: which side is speaking. `false`: the server has
    /// closed it.
    pub(in crate::simulator) async fn run_until(
        &mut self,
        until: Duration,
        speaks: Option<StreamTrack>,
    ) -> Result<bool, Fault> {
        let mut out = Vec::new();
        while self.began + FRAME_TIME * (self.frames + 1) <= until {
            self.frames += 1;
            for track in self.tracks() {
                let side = if *track == "inbound" { StreamTrack::Inbound } else { StreamTrack::Outbound };
                let frame = if speaks == Some(side) { self.voice_of(side) } else { SILENT };
                out.push(self.writer.media(track, FRAME_TIME * self.frames, &frame));
                self.report.frames += 1;
            }
        }
        self.send(out).await?;
        self.listen()
    }

    fn voice_of(&self, side: StreamTrack) -> Frame {
        let number = self.frames as usize;
        match (&self.voice, side) {
            (Some(clip), StreamTrack::Inbound) => clip.looped(number),
            _ => line_tone(),
        }
    }

    /// Whatever the server says is ignored, but it may close.
    fn listen(&mut self) -> Result<bool, Fault> {
        while let Some(message) = self.socket.next().now_or_never() {
            match message {
                Some(Ok(Message::Close(frame))) => {
                    let fault = frame.and_then(|frame| close_fault(frame.code.into(), &frame.reason));
                    return fault.map_or(Ok(false), Err);
                }
                Some(Ok(_)) => {}
                Some(Err(why)) => return Err(socket_fault(&why)),
                None => return Ok(false),
            }
        }
        Ok(true)
    }

    /// `stop`, then the close.
    pub(in crate::simulator) async fn stop(mut self, ended: &'static str) -> StreamReport {
        let stop = self.writer.stop();
        // A server that is gone has heard enough.
        let _ = self.send(vec![stop]).await;
        let _ = timeout(STUCK, self.socket.close(None)).await;
        self.over(ended)
    }

    /// What is left of it.
    pub(in crate::simulator) fn over(self, ended: &'static str) -> StreamReport {
        let seconds = (FRAME_TIME * self.frames).as_secs_f64();
        StreamReport { ended, seconds, ..self.report }
    }

    async fn send(&mut self, out: Vec<String>) -> Result<(), Fault> {
        let all = async {
            for text in out {
                self.socket.feed(Message::text(text)).await?;
            }
            self.socket.flush().await
        };
        timeout(STUCK, all).await.map_err(|_| stuck())?.map_err(|why| socket_fault(&why))
    }
}

/// Nine whole waves, so that frames fit together.
fn line_tone() -> Frame {
    let mut frame = SILENT;
    let samples = tone::sine(LINE_HZ, 20, 0.25, 8000);
    frame.iter_mut().zip(samples.iter().take(FRAME)).for_each(|(byte, sample)| *byte = g711::encode(*sample));
    frame
}
