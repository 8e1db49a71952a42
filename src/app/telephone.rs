//! SIP, where `SIP_BIND_ADDR` asks for it.

use super::ends::Ends;
use super::error::StartError;
use super::ground::Ground;
use crate::paging::{AgentParts, Listening, Paging, Ports};
use std::net::SocketAddr;

/// Answers calls to zones until the stop fires. Says where.
pub(super) async fn answer(
    ground: &Ground,
    paging: &Paging,
    rtp_ports: Ports,
    ends: &Ends,
) -> Result<Option<SocketAddr>, StartError> {
    let Some(bind) = ground.settings.paging.sip_bind_addr else { return Ok(None) };
    let parts = AgentParts {
        bind,
        rtp_ports,
        paging: paging.clone(),
        meters: ground.meters.sip.clone(),
        tasks: ends.tasks.clone(),
    };
    let (listening, stop) = (Listening::open(parts).await?, ends.stop.clone());
    let address = listening.address();
    ends.tasks.spawn(async move {
        if let Err(error) = listening.run(stop).await {
            tracing::error!(%error, "SIP is not answered");
        }
    });
    Ok(Some(address))
}
