//! A mail server that keeps what it gets, and behaves as a test wishes.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::ServerConfig;

/// What it does instead of saying yes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Whim {
    /// Another answer.
    Says(&'static str),
    /// Takes what it was given, and dies before it says so.
    Dies,
}

/// What it got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    pub(crate) from: String,
    pub(crate) to: String,
    /// Without the dots that SMTP puts in.
    pub(crate) mail: String,
    pub(crate) protected: bool,
    /// What came with AUTH.
    pub(crate) login: Option<String>,
}

#[derive(Default)]
struct Inner {
    taken: Vec<Taken>,
    /// By the command that they are for; `.` is the end of a mail.
    whims: VecDeque<(&'static str, Whim)>,
    connections: usize,
}

/// The mail server. Cloning is cheap.
#[derive(Clone)]
pub(crate) struct Sink {
    inner: Arc<Mutex<Inner>>,
    pub(crate) address: SocketAddr,
}

trait Way: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Way for T {}

fn fixture(name: &str) -> String {
    format!("{}/tests/fixtures/tls/{name}", env!("CARGO_MANIFEST_DIR"))
}

fn acceptor() -> TlsAcceptor {
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(fixture("first.pem")).expect("PEM").collect();
    let key = PrivateKeyDer::from_pem_file(fixture("first.key")).expect("a key");
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().expect("versions").with_no_client_auth();
    TlsAcceptor::from(Arc::new(builder.with_single_cert(chain.expect("a chain"), key).expect("a certificate")))
}

impl Sink {
    /// Listens. `protected`: offers STARTTLS, with a certificate of an authority that nobody knows.
    pub(crate) async fn open(protected: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let sink = Self { inner: Arc::default(), address };
        let tls = protected.then(acceptor);
        let all = sink.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (sink, tls) = (all.clone(), tls.clone());
                sink.inner().connections += 1;
                tokio::spawn(async move { sink.serve(Box::new(stream), tls).await });
            }
        });
        sink
    }

    /// One that nobody listens at.
    pub(crate) async fn closed() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        listener.local_addr().expect("an address")
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.inner().taken.clone()
    }

    pub(crate) fn connections(&self) -> usize {
        self.inner().connections
    }

    /// The next such command is answered so; `times` times.
    pub(crate) fn wishes(&self, command: &'static str, whim: Whim, times: usize) {
        self.inner().whims.extend(std::iter::repeat_n((command, whim), times));
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().expect("no panic before")
    }

    fn whim(&self, command: &str) -> Option<Whim> {
        let mut inner = self.inner();
        let place = inner.whims.iter().position(|(name, _)| command.to_ascii_uppercase().starts_with(name))?;
        inner.whims.remove(place).map(|(_, whim)| whim)
    }

    async fn serve(self, way: Box<dyn Way>, tls: Option<TlsAcceptor>) {
        let mut talk =
            Talk { way: BufReader::new(way), protected: false, login: None, from: String::new(), to: String::new() };
        talk.say("220 mail.example.com").await;
        while let Some(line) = talk.hear().await {
            match self.whim(&line) {
                Some(Whim::Says(words)) => {
                    talk.say(words).await;
                    continue;
                }
                Some(Whim::Dies) => return,
                None => {}
            }
            let command = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            match command.as_str() {
                "EHLO" if tls.is_some() && !talk.protected => talk.say("250-mail.example.com\r\n250 STARTTLS").await,
                "EHLO" => talk.say("250-mail.example.com\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 50000000").await,
                "STARTTLS" => {
                    talk.say("220 go on").await;
                    let Some(acceptor) = tls.clone() else { return };
                    let Ok(way) = acceptor.accept(talk.way.into_inner()).await else { return };
                    talk = Talk { way: BufReader::new(Box::new(way)), protected: true, ..talk };
                }
                "AUTH" => {
                    talk.login = Some(line);
                    talk.say("235 welcome").await;
                }
                "MAIL" => {
                    talk.from = between(&line);
                    talk.say("250 fine").await;
                }
                "RCPT" => {
                    talk.to = between(&line);
                    talk.say("250 fine").await;
                }
                "DATA" => {
                    talk.say("354 go on").await;
                    let Some(mail) = talk.content().await else { return };
                    let whim = self.whim(".");
                    if !matches!(whim, Some(Whim::Says(_))) {
                        self.inner().taken.push(talk.taken(mail));
                    }
                    match whim {
                        Some(Whim::Says(words)) => talk.say(words).await,
                        Some(Whim::Dies) => return,
                        None => talk.say("250 it is mine").await,
                    }
                }
                "QUIT" => return talk.say("221 bye").await,
                _ => talk.say("500 what?").await,
            }
        }
    }
}

struct Talk {
    way: BufReader<Box<dyn Way>>,
    protected: bool,
    login: Option<String>,
    from: String,
    to: String,
}

impl Talk {
    async fn say(&mut self, words: &str) {
        let _ = self.way.get_mut().write_all(format!("{words}\r\n").as_bytes()).await;
        let _ = self.way.get_mut().flush().await;
    }

    async fn hear(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.way.read_line(&mut line).await.ok()?;
        (read > 0).then(|| line.trim_end_matches(['\r', '\n']).to_owned())
    }

    async fn content(&mut self) -> Option<String> {
        let mut mail = String::new();
        loop {
            let line = self.hear().await?;
            if line == "." {
                return Some(mail);
            }
            mail.push_str(line.strip_prefix('.').unwrap_or(&line));
            mail.push_str("\r\n");
        }
    }

    fn taken(&self, mail: String) -> Taken {
        let (from, to, login) = (self.from.clone(), self.to.clone(), self.login.clone());
        Taken { from, to, mail, protected: self.protected, login }
    }
}

fn between(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}
