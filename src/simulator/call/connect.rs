//! Connect, Start and Stop: what has the call besides its documents, or listens to it.

use super::run::{Fetch, Next, Run};
use super::stage::HungUp;
use super::transcription::{Origin, Transcription};
use crate::simulator::transcript::Actor;
use crate::twiml::{self, Connect, Noun, Start, Started, Stop, Stopped};
use std::time::Duration;

impl Run<'_, '_> {
    pub(super) async fn connect(&mut self, connect: &Connect) -> Result<Next, HungUp> {
        let extra = match &connect.noun {
            Noun::Stream(stream) => self.stream(stream).await?,
            Noun::ConversationRelay(relay) => self.relay(relay).await,
        };
        let fetch = connect.action.as_ref().filter(|url| !url.is_empty());
        let fetch = fetch.map(|action| Fetch::action("connect action", Some(action), connect.method, extra));
        // Only a relayed conversation is told of after the caller has hung up.
        if self.stage.has_hung_up() {
            self.leg.status = "completed";
            if let Some(fetch) = fetch {
                self.tell(fetch).await;
            }
            return Err(HungUp);
        }
        Ok(fetch.map_or(Next::Verb, Next::Fetch))
    }

    pub(super) async fn start(&mut self, start: &Start) {
        for noun in &start.nouns {
            match noun {
                Started::Stream(stream) => self.start_stream(stream).await,
                Started::Transcription(transcription) => self.start_transcription(transcription),
                Started::Recording(_) => drop(self.not_simulated("Recording")),
                Started::Siprec(_) => drop(self.not_simulated("Siprec")),
            }
        }
    }

    pub(super) async fn stop(&mut self, stop: &Stop) {
        for noun in &stop.nouns {
            match noun {
                Stopped::StopTranscription(transcription) => {
                    self.stage.did(Actor::Carrier, "stops transcribing");
                    self.stage.stop_transcriptions(transcription.name.as_deref());
                }
                Stopped::StopStream(stream) => {
                    self.stage.stop_asides(stream.name.as_deref(), "the document stopped it").await;
                }
                Stopped::StopRecording(_) | Stopped::StopSiprec(_) => {}
            }
        }
    }

    fn start_transcription(&mut self, asked: &twiml::Transcription) {
        self.stage.did(Actor::Carrier, "transcribes from here on");
        let Some(to) = asked.status_callback_url.as_deref().filter(|url| !url.is_empty()) else { return };
        let url = match self.url(to) {
            Ok(url) => url,
            Err(fault) => return self.stage.fail(fault.code, fault.why),
        };
        let origin = Origin {
            account_sid: self.stage.carrier.account_sid.clone(),
            call_sid: self.leg.sid.clone(),
            sid: self.stage.sids.next("GT"),
            url,
        };
        let mut running = Transcription::new(asked, origin);
        let hook = running.started(&self.stage.iso_date(), asked);
        self.stage.later(Duration::ZERO, hook);
        self.stage.transcriptions.push(running);
    }
}
