//! SIP over TLS: a telephone calls through the protected door, and the certificate follows a reload.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use switchboard::base::{Clock, Meters};
use switchboard::config::paging::{Output, Paging as Config, Tls};
use switchboard::config::{FixedSource, load};
use switchboard::db::Db;
use switchboard::paging::{
    AgentError, AgentParts, Draw, Frame, Listening, Options, OutputFault, PageId, Paging, Parts, Played, Playing,
    Ports, Speakers,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const PATIENCE: Duration = Duration::from_secs(10);

/// Outputs that swallow.
struct Mute;

impl Speakers for Mute {
    fn arrange(&self, _: &Config) {}

    fn open(&self, _: &PageId, _: &[Arc<Output>], _: Options) -> Result<Box<dyn Playing>, OutputFault> {
        Ok(Box::new(Self))
    }
}

impl Playing for Mute {
    fn lead(&self) -> Duration {
        Duration::ZERO
    }
    fn push(&self, _: &Frame) {}
    fn draw_from(&self, _: Box<dyn Draw>) {}
    fn alive(&self) -> bool {
        true
    }
    fn leave(&self, _: &str) {}
    fn drain(self: Box<Self>) -> std::pin::Pin<Box<dyn Future<Output = Played> + Send>> {
        Box::pin(std::future::ready(Played::default()))
    }
    fn cut(self: Box<Self>) -> Played {
        Played::default()
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

/// A certificate as an operator has it: two files, which are replaced when it is renewed.
struct Files(tempfile::TempDir);

impl Files {
    fn new(name: &str) -> Self {
        let files = Self(tempfile::tempdir().expect("a folder"));
        files.replace(name);
        files
    }

    fn replace(&self, name: &str) {
        for end in ["pem", "key"] {
            std::fs::copy(fixture(&format!("{name}.{end}")), self.0.path().join(format!("sip.{end}"))).expect("copied");
        }
    }

    fn config(&self) -> Config {
        let builtin = load(&FixedSource::new([("SIP_BIND_ADDR", "127.0.0.1:5060")]), None).expect("zones").paging;
        let path = |end: &str| self.0.path().join(end).to_string_lossy().into_owned();
        let tls = Tls { bind_addr: ([127, 0, 0, 1], 0).into(), cert: path("sip.pem"), key: path("sip.key") };
        Config { tls: Some(tls), ..builtin }
    }
}

struct Stand {
    paging: Paging,
    plain: SocketAddr,
    tls: SocketAddr,
    stop: CancellationToken,
    tasks: TaskTracker,
}

fn parts(config: Config, ports: Ports) -> AgentParts {
    let paging = Paging::new(Parts {
        config,
        speakers: Arc::new(Mute),
        db: Db::open("sqlite://nowhere/never-opened.db").expect("a URL"),
        clock: Clock::System,
        holder: "here".into(),
        instance: 1,
    });
    let (bind, meters, tasks) = (([127, 0, 0, 1], 0).into(), Meters::silent().sip, TaskTracker::new());
    AgentParts { bind, rtp_ports: ports, paging, meters, tasks }
}

impl Stand {
    async fn new(files: &Files) -> Self {
        let parts = parts(files.config(), Ports::new(&(21_400..=21_419)));
        let (paging, tasks, stop) = (parts.paging.clone(), parts.tasks.clone(), CancellationToken::new());
        let listening = Listening::open(parts).await.expect("it listens");
        let (plain, tls) = (listening.address(), listening.tls_address().expect("a protected door"));
        let until = stop.clone();
        tasks.spawn(async move { listening.run(until).await.expect("random bytes") });
        Self { paging, plain, tls, stop, tasks }
    }

    async fn connect(&self) -> TlsStream<TcpStream> {
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_file(fixture("authority.pem")).expect("PEM")).expect("an authority");
        let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
        let builder = builder.with_safe_default_protocol_versions().expect("versions");
        let config = builder.with_root_certificates(roots).with_no_client_auth();
        let stream = TcpStream::connect(self.tls).await.expect("a connection");
        let name = ServerName::try_from("127.0.0.1").expect("a name");
        let hands = TlsConnector::from(Arc::new(config)).connect(name, stream);
        timeout(PATIENCE, hands).await.expect("in time").expect("the certificate of the authority")
    }

    async fn ends(self) {
        self.stop.cancel();
        self.tasks.close();
        timeout(PATIENCE, self.tasks.wait()).await.expect("everything ends");
    }
}

fn message(method: &str, (uri, to): (&str, &str), cseq: u32, body: &str) -> String {
    let about = if body.is_empty() { "" } else { "Content-Type: application/sdp\r\n" };
    format!(
        "{method} {uri} SIP/2.0\r\nVia: SIP/2.0/TLS 127.0.0.1:5999;rport;branch=z9hG4bK{method}{cseq}\r\n\
         From: <sips:desk@127.0.0.1>;tag=f\r\nTo: {to}\r\nCall-ID: c1\r\nCSeq: {cseq} {method}\r\n\
         Contact: <sips:desk@127.0.0.1:5999>\r\nMax-Forwards: 70\r\n{about}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// One message that is answered with this line, skipping others.
async fn says(stream: &mut TlsStream<TcpStream>, text: &str, until: &str) -> String {
    stream.write_all(text.as_bytes()).await.expect("written");
    let mut heard = String::new();
    let mut bytes = [0; 4096];
    loop {
        let length = timeout(PATIENCE, stream.read(&mut bytes)).await.expect("in time").expect("bytes");
        assert_ne!(length, 0, "closed behind {heard}");
        heard.push_str(std::str::from_utf8(&bytes[..length]).expect("text"));
        if let Some(at) = heard.find(until)
            && heard.get(at..).is_some_and(|rest| rest.contains("\r\n\r\n"))
        {
            return heard.split_off(at);
        }
    }
}

const SDP: &str = "v=0\r\no=a 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n";

fn header<'t>(text: &'t str, name: &str) -> &'t str {
    text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name} in {text}"))
}

#[tokio::test]
async fn a_telephone_pages_over_tls() {
    let stand = Stand::new(&Files::new("first")).await;
    for (scheme, contact) in
        [("sips", format!("<sips:701@{}>", stand.tls)), ("sip", format!("<sip:701@{};transport=tls>", stand.tls))]
    {
        let mut stream = stand.connect().await;
        let uri = format!("{scheme}:701@127.0.0.1");
        let call = format!("Call-ID: {scheme}\r\n");
        let message = |method: &str, to: &str, cseq: u32, body: &str| {
            message(method, (&uri, to), cseq, body)
                .replace("Call-ID: c1\r\n", &call)
                .replace("branch=z9hG4bK", &format!("branch=z9hG4bK{scheme}"))
        };
        let ok = says(&mut stream, &message("INVITE", &format!("<{uri}>"), 1, SDP), "SIP/2.0 200").await;
        assert_eq!(header(&ok, "Contact: "), contact);
        assert!(header(&ok, "Via: ").starts_with("SIP/2.0/TLS 127.0.0.1:5999;"), "{ok}");
        let to = header(&ok, "To: ").to_owned();
        stream.write_all(message("ACK", &to, 1, "").as_bytes()).await.expect("written");
        let bye = says(&mut stream, &message("BYE", &to, 2, ""), "SIP/2.0 200").await;
        assert_eq!(header(&bye, "CSeq: "), "2 BYE");
    }
    stand.ends().await;
}

#[tokio::test]
async fn a_protected_address_is_not_reached_in_clear() {
    let stand = Stand::new(&Files::new("first")).await;
    let options = message("OPTIONS", ("sips:701@127.0.0.1", "<sips:701@127.0.0.1>"), 1, "");
    // Somebody promises a protected way and comes by another.
    let mut clear = TcpStream::connect(stand.plain).await.expect("a connection");
    clear.write_all(options.as_bytes()).await.expect("written");
    let mut bytes = [0; 4096];
    let length = timeout(PATIENCE, clear.read(&mut bytes)).await.expect("in time").expect("bytes");
    assert!(bytes[..length].starts_with(b"SIP/2.0 416 "), "{}", String::from_utf8_lossy(&bytes[..length]));
    // Nobody speaks in clear behind the protected door.
    let mut wrong = TcpStream::connect(stand.tls).await.expect("a connection");
    wrong.write_all(options.as_bytes()).await.expect("written");
    let mut all = Vec::new();
    let _ = timeout(PATIENCE, wrong.read_to_end(&mut all)).await.expect("it is closed");
    assert!(!all.starts_with(b"SIP"), "{all:?}");
    stand.ends().await;
}

#[tokio::test]
async fn a_renewed_certificate_is_shown_after_a_reload_and_a_broken_one_never() {
    let files = Files::new("first");
    let stand = Stand::new(&files).await;
    let shown = async |stand: &Stand| {
        let stream = stand.connect().await;
        let chain = stream.get_ref().1.peer_certificates().expect("a certificate");
        let is = |name: &str| chain[0] == CertificateDer::from_pem_file(fixture(name)).expect("PEM");
        if is("first.pem") {
            "first"
        } else if is("second.pem") {
            "second"
        } else {
            "another"
        }
    };
    let mut talking = stand.connect().await;
    let options = |n: u32| message("OPTIONS", ("sips:701@127.0.0.1", "<sips:701@127.0.0.1>"), n, "");
    files.replace("second");
    assert_eq!(shown(&stand).await, "first", "nobody said that it was renewed");
    stand.paging.replace(files.config());
    // The reload has been seen when the next request is answered.
    says(&mut talking, &options(1), "SIP/2.0 200").await;
    says(&mut talking, &options(2), "SIP/2.0 200").await;
    let mut last = shown(&stand).await;
    for _ in 0..50 {
        if last == "second" {
            break;
        }
        last = shown(&stand).await;
    }
    assert_eq!(last, "second");
    // A key that is not the certificate's.
    std::fs::copy(fixture("first.key"), files.0.path().join("sip.key")).expect("copied");
    stand.paging.replace(files.config());
    says(&mut talking, &options(3), "SIP/2.0 200").await;
    assert_eq!(shown(&stand).await, "second", "the old one stays");
    stand.ends().await;
    let refused = Listening::open(parts(files.config(), Ports::new(&(21_420..=21_423)))).await.err();
    let Some(AgentError::Certificate(why)) = refused else { panic!("{refused:?}") };
    assert!(why.to_string().contains("sip.pem and its key cannot be used together"), "{why}");
}
