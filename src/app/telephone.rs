//! SIP, where `SIP_BIND_ADDR` asks for it.

use super::error::StartError;
use super::rooms::Ends;
use crate::config::Settings;
use crate::paging::{AgentParts, Listening, Paging, Ports};

/// Answers calls to zones until the stop fires.
pub(super) async fn answer(
    settings: &Settings,
    paging: &Paging,
    rtp_ports: Ports,
    ends: &Ends,
) -> Result<(), StartError> {
    let Some(bind) = settings.paging.sip_bind_addr else { return Ok(()) };
    let parts = AgentParts { bind, rtp_ports, paging: paging.clone(), tasks: ends.tasks.clone() };
    let (listening, stop) = (Listening::open(parts).await?, ends.stop.clone());
    ends.tasks.spawn(async move {
        if let Err(error) = listening.run(stop).await {
            tracing::error!(%error, "SIP is not answered");
        }
    });
    Ok(())
}
