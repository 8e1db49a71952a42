//! Start and stop.

use super::options::TwinOptions;
use super::server;
use super::state::Twin;
use crate::simulator::SimulatorError;
use std::net::{Ipv4Addr, SocketAddr};
use std::ops::Deref;
use tokio::net::TcpListener;
use tokio_util::sync::{CancellationToken, DropGuard};

/// A twin that answers until it is dropped. It is a [`Twin`] too, to be looked at and to be told what fails.
#[derive(Debug)]
pub struct RunningTwin {
    twin: Twin,
    address: SocketAddr,
    _stop: DropGuard,
}

impl Twin {
    /// Opens the port, on loopback only.
    ///
    /// # Errors
    /// [`SimulatorError::Listen`].
    pub async fn start(options: TwinOptions) -> Result<RunningTwin, SimulatorError> {
        let wanted = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
        let wrap = |source| SimulatorError::Listen { address: wanted.to_string(), source };
        let listener = TcpListener::bind(wanted).await.map_err(wrap)?;
        let address = listener.local_addr().map_err(wrap)?;
        let (twin, stop) = (Self::new(&options, format!("http://{address}")), CancellationToken::new());
        tokio::spawn(server::serve(listener, twin.clone(), stop.clone()));
        Ok(RunningTwin { twin, address, _stop: stop.drop_guard() })
    }
}

impl RunningTwin {
    /// What `TWILIO_API_BASE_URL` has to be, without a final slash.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Deref for RunningTwin {
    type Target = Twin;

    fn deref(&self) -> &Twin {
        &self.twin
    }
}
