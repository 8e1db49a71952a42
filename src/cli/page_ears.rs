//! Listeners instead of loudspeakers, for `page --listen` and `demo`.

use crate::config::paging::{Output, OutputKind, Packets, Paging, SipSpeaker, Unicast, Zone};
use crate::config::{FixedSource, load};
use crate::simulator::{CalledSpeaker, HeardStream, Manner, Speaker, heard_streams};
use serde_json::{Value, json};
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// A listener for each output, by its name.
#[derive(Debug)]
pub(super) struct Ears(Vec<(String, Ear)>);

#[derive(Debug)]
enum Ear {
    Listens(Speaker),
    /// It is called, and answers by itself.
    Answers(CalledSpeaker),
}

impl Ear {
    /// A listener in place of an output, and how sound gets there.
    fn instead_of(kind: &OutputKind) -> io::Result<(Self, OutputKind)> {
        let here = (Ipv4Addr::LOCALHOST, 0).into();
        if let OutputKind::Sip(speaker) = kind {
            let ear = CalledSpeaker::open(here, Manner::Answers(Duration::ZERO))?;
            let kind = OutputKind::Sip(SipSpeaker { uri: ear.uri(), ..speaker.clone() });
            return Ok((Self::Answers(ear), kind));
        }
        let ear = Speaker::unicast(here)?;
        let (address, port) = (IpAddr::V4(Ipv4Addr::LOCALHOST), ear.address().port());
        let kind = OutputKind::Unicast(Unicast { address, port, packets: packets(kind) });
        Ok((Self::Listens(ear), kind))
    }

    const fn speaker(&self) -> &Speaker {
        match self {
            Self::Listens(speaker) => speaker,
            Self::Answers(called) => called.ear(),
        }
    }
}

impl Ears {
    /// The zones that there are without a file.
    ///
    /// # Errors
    /// A sentence for the user.
    pub(super) fn builtin() -> Result<Paging, String> {
        let source = FixedSource::new([("SIP_BIND_ADDR", "127.0.0.1:5060")]);
        let loaded = load(&source, None).map_err(|_| "the built-in zones cannot be read".to_owned())?;
        Ok(loaded.paging)
    }

    /// Listeners, and the same zones with outputs that lead to them. Contacts stay as they are: open.
    ///
    /// # Errors
    /// When there is no further socket.
    pub(super) fn instead_of(paging: &Paging) -> io::Result<(Self, Paging)> {
        let mut ears = Vec::new();
        let mut outputs: Vec<Arc<Output>> = Vec::new();
        for output in &paging.outputs {
            let (ear, kind) = Ear::instead_of(&output.kind)?;
            outputs.push(Arc::new(Output { name: output.name.clone(), kind, contact: None }));
            ears.push((output.name.clone(), ear));
        }
        let there = |zone: &Arc<Zone>| {
            let named = |output: &Arc<Output>| outputs.iter().find(|one| one.name == output.name).cloned();
            Arc::new(Zone { outputs: zone.outputs.iter().filter_map(named).collect(), ..Zone::clone(zone) })
        };
        let zones = paging.zones.iter().map(there).collect();
        Ok((Self(ears), Paging { zones, outputs, ..paging.clone() }))
    }

    /// The streams that each listener has heard, by the name of its output.
    pub(super) fn heard(&self) -> Vec<(String, Vec<HeardStream>)> {
        self.0.iter().map(|(output, ear)| (output.clone(), heard_streams(&ear.speaker().heard()))).collect()
    }

    /// One WAV file for each listener that heard something, and what there is to say of each.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub(super) fn written(&self, folder: &Path) -> io::Result<Value> {
        std::fs::create_dir_all(folder)?;
        let mut told = Vec::new();
        for (output, ear) in &self.0 {
            let Some(stream) = heard_streams(&ear.speaker().heard()).into_iter().next() else { continue };
            let file = folder.join(format!("{output}.wav"));
            std::fs::write(&file, stream.wav())?;
            told.push(json!({
                "output": output,
                "file": file.display().to_string(),
                "packets": stream.packets,
                "findings": stream.findings,
            }));
        }
        Ok(Value::Array(told))
    }
}

fn packets(kind: &OutputKind) -> Packets {
    match kind {
        OutputKind::Multicast(out) => out.packets,
        OutputKind::Unicast(out) => out.packets,
        OutputKind::Sip(out) => out.packets,
        OutputKind::Poly(_) | OutputKind::Process(_) => Packets::default(),
    }
}
