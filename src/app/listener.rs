//! Connections: HTTP/1.1, with a limit on how long a client may leave a request half-sent. (A body's is the gate's.)

use axum::Router;
use axum::extract::{ConnectInfo, Request};
use axum::serve::Listener;
use hyper::server::conn::http1::Builder;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::unconstrained;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// From connecting to the end of the first request's header.
    pub first: Duration,
    /// From one answer to the end of the next request's header. A proxy keeps idle connections, for 60 s mostly, and must
    /// be the one to close them: a webhook on its way into a connection that we close is lost.
    pub next: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { first: Duration::from_secs(10), next: Duration::from_secs(75) }
    }
}

/// Serves until `draining` fires and the requests that were in flight then have their answers.
pub(super) async fn serve(listener: TcpListener, router: Router, draining: CancellationToken, patience: Patience) {
    let (mut listener, router, connections) = (listener, router.with_state(()), TaskTracker::new());
    // `Listener::accept` waits where the system has no more sockets to give, and accepts again. Unconstrained: whoever is
    // not accepted in one turn waits for the next, which in a crowd is long, and behind a full backlog for a second.
    while let Some((socket, peer)) = draining.run_until_cancelled(unconstrained(Listener::accept(&mut listener))).await
    {
        // Answers are small and callers wait for them; a socket that refuses is merely slower.
        let _ = socket.set_nodelay(true);
        connections.spawn(connection(socket, peer, router.clone(), draining.clone(), patience));
    }
    drop(listener);
    connections.close();
    connections.wait().await;
}

async fn connection(
    socket: TcpStream,
    peer: SocketAddr,
    router: Router,
    draining: CancellationToken,
    patience: Patience,
) {
    let begun = Arc::new(AtomicBool::new(false));
    let service = {
        let begun = Arc::clone(&begun);
        router.map_request(move |mut request: Request<_>| {
            begun.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(ConnectInfo(peer));
            request
        })
    };
    let mut http = Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(patience.next);
    let served = http.serve_connection(TokioIo::new(socket), TowerToHyperService::new(service)).with_upgrades();
    let (mut served, mut first) = (pin!(served), pin!(sleep(patience.first)));
    let (mut waiting, mut open) = (true, true);
    loop {
        tokio::select! {
            ended = &mut served => {
                if let Err(error) = ended {
                    tracing::debug!(%error, "a connection broke off");
                }
                return;
            }
            () = &mut first, if waiting => {
                if !begun.load(Ordering::Relaxed) {
                    return;
                }
                waiting = false;
            }
            () = draining.cancelled(), if open => {
                served.as_mut().graceful_shutdown();
                open = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::Semaphore;
    use tokio::time::timeout;

    const LONG: Duration = Duration::from_secs(20);
    const SHORT: Duration = Duration::from_millis(50);
    const WHOLE: &[u8] = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    const HALF: &[u8] = b"GET / HTTP/1.1\r\nhost: loc";

    /// A house that says who asks, once the gate is open.
    struct House {
        address: SocketAddr,
        gate: Arc<Semaphore>,
        entered: Arc<Semaphore>,
        draining: CancellationToken,
        server: tokio::task::JoinHandle<()>,
    }

    impl House {
        async fn open(patience: Patience) -> Self {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
            let address = listener.local_addr().expect("an address");
            let (gate, entered, draining) =
                (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)), CancellationToken::new());
            let (inner, bell) = (Arc::clone(&gate), Arc::clone(&entered));
            let router = Router::new().route(
                "/",
                get(async move |ConnectInfo(peer): ConnectInfo<SocketAddr>| {
                    bell.add_permits(1);
                    let _open = inner.acquire().await;
                    peer.to_string()
                }),
            );
            let server = tokio::spawn(serve(listener, router, draining.clone(), patience));
            Self { address, gate, entered, draining, server }
        }

        async fn client(&self, sends: &[u8]) -> TcpStream {
            let mut client = TcpStream::connect(self.address).await.expect("it listens");
            client.write_all(sends).await.expect("sent");
            client
        }
    }

    /// All that comes until the other side closes.
    async fn rest(client: &mut TcpStream) -> String {
        let mut text = String::new();
        timeout(LONG, client.read_to_string(&mut text)).await.expect("it closes").expect("text");
        text
    }

    /// One answer, whose body is the client's address.
    async fn answer(client: &mut TcpStream) -> String {
        let (peer, mut text) = (client.local_addr().expect("an address").to_string(), String::new());
        while !text.ends_with(&peer) {
            let byte = timeout(LONG, client.read_u8()).await.expect("an answer").expect("a byte");
            text.push(char::from(byte));
        }
        text
    }

    #[tokio::test]
    async fn a_half_sent_first_header_is_not_waited_for() {
        let house = House::open(Patience { first: SHORT, next: LONG * 2 }).await;
        for sends in [HALF, b"".as_slice()] {
            let mut client = house.client(sends).await;
            assert_eq!(rest(&mut client).await, "");
        }
    }

    #[tokio::test]
    async fn a_half_sent_later_header_is_not_waited_for() {
        let house = House::open(Patience { first: LONG * 2, next: SHORT }).await;
        house.gate.add_permits(9);
        let mut client = house.client(WHOLE).await;
        assert!(answer(&mut client).await.starts_with("HTTP/1.1 200"));
        client.write_all(HALF).await.expect("sent");
        rest(&mut client).await;
    }

    #[tokio::test]
    async fn an_idle_connection_and_a_slow_answer_are_left_alone() {
        let house = House::open(Patience { first: SHORT, next: LONG * 2 }).await;
        let mut client = house.client(WHOLE).await;
        // Nobody may enter for longer than the first header may take.
        assert!(timeout(SHORT * 3, client.read_u8()).await.is_err());
        house.gate.add_permits(9);
        answer(&mut client).await;
        assert!(timeout(SHORT * 3, client.read_u8()).await.is_err());
        client.write_all(WHOLE).await.expect("still open");
        answer(&mut client).await;
    }

    #[tokio::test]
    async fn a_stop_waits_for_requests_in_flight_and_for_no_others() {
        let house = House::open(Patience { first: LONG * 2, next: LONG * 2 }).await;
        let mut silent = house.client(b"").await;
        let mut busy = house.client(WHOLE).await;
        let _entered = house.entered.acquire().await.expect("open");
        house.draining.cancel();
        assert_eq!(rest(&mut silent).await, "");
        assert!(!house.server.is_finished());
        house.gate.add_permits(9);
        let peer = busy.local_addr().expect("an address").to_string();
        assert!(rest(&mut busy).await.ends_with(&peer));
        timeout(LONG, house.server).await.expect("it ends").expect("no panic");
        assert!(TcpStream::connect(house.address).await.is_err());
    }
}
