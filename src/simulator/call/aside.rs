//! One-way streams: others listen while the call goes on (PROTOCOL.md 3.6).

use super::run::Run;
use super::stage::Stage;
use super::streaming::Running;
use crate::simulator::problem::Problem;
use crate::simulator::stream::Aside;
use crate::simulator::transcript::Actor;
use crate::twiml::{Stream, StreamTrack};

impl Run<'_, '_> {
    pub(super) async fn start_stream(&mut self, stream: &Stream) {
        let status = self.stream_status(stream);
        let Some(socket) = self.open_stream(stream, &status, false).await else { return };
        let track = stream.track.unwrap_or(StreamTrack::Inbound);
        let told = (status.names.clone(), stream.parameters.as_slice());
        match Aside::open(socket, told, track, (self.stage.clock.at(), &status.url)).await {
            Ok(aside) => self.stage.asides.push(Running { status, aside }),
            Err(fault) => {
                self.stage.fail(fault.code, fault.why.clone());
                self.stage.tell_failure(&status, &fault);
            }
        }
    }
}

impl Stage<'_> {
    /// Streams that run get what was to be heard until now.
    pub(super) async fn feed_asides(&mut self) {
        let (now, speaks) = (self.clock.at(), self.speaks);
        for mut running in std::mem::take(&mut self.asides) {
            match running.aside.run_until(now, speaks).await {
                Ok(true) => self.asides.push(running),
                Ok(false) => {
                    self.did(Actor::Carrier, format!("the server has closed the stream {}", running.status.name));
                    self.tell(&running.status, "stream-stopped");
                    self.streams.push(running.aside.over("the server closed it"));
                }
                Err(fault) => {
                    self.fail(fault.code, fault.why.clone());
                    self.tell_failure(&running.status, &fault);
                    let mut report = running.aside.over("it failed");
                    report.error = Some(Problem { code: fault.code, text: fault.why });
                    self.streams.push(report);
                }
            }
        }
    }

    /// Stops the one-way stream of this name, or all.
    pub(super) async fn stop_asides(&mut self, name: Option<&str>, ended: &'static str) {
        self.feed_asides().await;
        for running in std::mem::take(&mut self.asides) {
            if name.is_some_and(|name| name != running.status.name) {
                self.asides.push(running);
                continue;
            }
            self.did(Actor::Carrier, format!("stops the stream {}", running.status.name));
            self.streams.push(running.aside.stop(ended).await);
            self.tell(&running.status, "stream-stopped");
        }
    }
}
