//! The way to the mail server, one step after the other, so that a failure says where it happened and what it means.

use crate::config::{MailLogin, MailServer, MailTls};
use lettre::address::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::ClientId;
use std::error::Error as _;
use std::fmt::Display;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::time::timeout;

/// For a name, a connection, and each answer of the mail server.
const STEP: Duration = Duration::from_secs(30);
/// For the mail itself: ten megabytes over a slow line.
const CONTENT: Duration = Duration::from_secs(300);

/// Where on the way it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The server's name has no address.
    Name,
    /// No connection, or one that says nothing a mail server says.
    Connection,
    /// No privacy on the way: STARTTLS is not offered, or the certificate is not theirs.
    Tls,
    /// Our user or password.
    Login,
    /// Our own address.
    Sender,
    /// The address that it goes to.
    Recipient,
    /// The mail itself.
    Content,
}

impl Stage {
    /// In words, without addresses or hosts.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Name => "the mail server's name has no address",
            Self::Connection => "the mail server does not answer",
            Self::Tls => "no TLS with the mail server",
            Self::Login => "the mail server refuses the login",
            Self::Sender => "the mail server refuses the sender",
            Self::Recipient => "the mail server refuses the recipient",
            Self::Content => "the mail server refuses the mail",
        }
    }

    /// Whether every other mail would fail here too.
    #[must_use]
    pub const fn is_everybodys(self) -> bool {
        !matches!(self, Self::Recipient | Self::Content)
    }
}

/// A mail that was not handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {cause}", stage.as_str())]
pub struct Undelivered {
    /// Where it failed.
    pub stage: Stage,
    /// What the mail server answered, if it did.
    pub code: Option<u16>,
    /// In its words, or the network's. May name the recipient.
    pub cause: String,
}

impl Undelivered {
    fn new(stage: Stage, cause: impl Into<String>) -> Self {
        Self { stage, code: None, cause: cause.into() }
    }

    /// A recipient that no mail server need be asked about.
    pub(super) fn unusable(cause: &str) -> Self {
        Self { code: Some(550), ..Self::new(Stage::Recipient, cause) }
    }

    fn of(stage: Stage, error: &Error) -> Self {
        let code = error.status().map(u16::from);
        // A server that wants a login says so wherever it likes.
        let stage = if matches!(code, Some(530 | 535 | 538)) { Stage::Login } else { stage };
        let words = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        Self { stage, code, cause: code.map_or(words.clone(), |code| format!("{code} {words}")) }
    }

    /// Whether trying again makes no sense: the mail server has refused this recipient or this mail for good.
    #[must_use]
    pub fn is_final(&self) -> bool {
        !self.stage.is_everybodys() && self.code.is_some_and(|code| (500..600).contains(&code))
    }

    /// Whether the mail server would take less of it.
    #[must_use]
    pub fn is_too_large(&self) -> bool {
        let about_size = || self.cause.contains("5.3.4") || self.cause.contains("5.2.3");
        self.stage == Stage::Content && (self.code == Some(552) || (self.is_final() && about_size()))
    }
}

/// Takes mails to one mail server.
#[derive(Clone, Debug)]
pub struct Courier {
    server: MailServer,
    name: ClientId,
}

impl Courier {
    /// To this mail server, as `our_host` where that is a name.
    #[must_use]
    pub fn new(server: MailServer, our_host: Option<&str>) -> Self {
        Self { server, name: our_host.map_or_else(ClientId::default, |host| ClientId::Domain(host.to_owned())) }
    }

    /// Hands one mail over. Once this says yes it is the mail server's.
    ///
    /// # Errors
    /// [`Undelivered`].
    pub async fn deliver(&self, from: &Address, to: &Address, mail: &[u8]) -> Result<(), Undelivered> {
        let mut way = self.connect().await?;
        let handed = hand_over(&mut way, from, to, mail).await;
        // What it says to a goodbye changes nothing.
        let _ = timeout(Duration::from_secs(2), way.abort()).await;
        handed
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Undelivered> {
        let addresses = self.addresses().await?;
        let tls = match self.server.tls {
            MailTls::FromTheStart => Some(self.tls(false)?),
            _ => None,
        };
        let connect = AsyncSmtpConnection::connect_tokio1(&*addresses, Some(STEP), &self.name, tls, None);
        let connected = timeout(STEP, connect).await.map_err(|_| late(Stage::Connection))?;
        let mut way = connected.map_err(|error| Undelivered::of(stage_of(&error), &error))?;
        self.protect(&mut way).await?;
        if let Some(login) = &self.server.login {
            log_in(&mut way, login).await?;
        }
        Ok(way)
    }

    async fn addresses(&self) -> Result<Vec<SocketAddr>, Undelivered> {
        let MailServer { host, port, .. } = &self.server;
        let look = timeout(STEP, tokio::net::lookup_host((host.as_str(), *port))).await;
        let found = look.map_err(|_| late(Stage::Name))?;
        let found: Vec<SocketAddr> =
            found.map_err(|error| Undelivered::new(Stage::Name, format!("{host}: {error}")))?.collect();
        if found.is_empty() { Err(Undelivered::new(Stage::Name, host.clone())) } else { Ok(found) }
    }

    async fn protect(&self, way: &mut AsyncSmtpConnection) -> Result<(), Undelivered> {
        let wanted = match self.server.tls {
            MailTls::Required => true,
            MailTls::Offered => way.can_starttls(),
            MailTls::None | MailTls::FromTheStart => false,
        };
        if !wanted {
            return Ok(());
        }
        if !way.can_starttls() {
            return Err(Undelivered::new(Stage::Tls, "it does not offer STARTTLS"));
        }
        let tls = self.tls(self.server.tls == MailTls::Offered)?;
        let protect = timeout(STEP, way.starttls(tls, &self.name)).await.map_err(|_| late(Stage::Tls))?;
        protect.map_err(|error| Undelivered::of(Stage::Tls, &error))
    }

    /// `any`: whoever they are. Where TLS is not insisted on, a certificate that proves nothing is no worse than none.
    fn tls(&self, any: bool) -> Result<TlsParameters, Undelivered> {
        let made = TlsParameters::builder(self.server.host.clone()).dangerous_accept_invalid_certs(any).build_rustls();
        made.map_err(|error| Undelivered::of(Stage::Tls, &error))
    }
}

async fn log_in(way: &mut AsyncSmtpConnection, login: &MailLogin) -> Result<(), Undelivered> {
    let credentials = Credentials::new(login.user.expose().to_owned(), login.password.expose().to_owned());
    let known = [Mechanism::Plain, Mechanism::Login];
    let tried = timeout(STEP, way.auth(&known, &credentials)).await.map_err(|_| late(Stage::Login))?;
    tried.map(drop).map_err(|error| Undelivered::of(Stage::Login, &error))
}

async fn hand_over(
    way: &mut AsyncSmtpConnection,
    from: &Address,
    to: &Address,
    mail: &[u8],
) -> Result<(), Undelivered> {
    say(way, Stage::Sender, Mail::new(Some(from.clone()), Vec::new())).await?;
    say(way, Stage::Recipient, Rcpt::new(to.clone(), Vec::new())).await?;
    say(way, Stage::Content, Data).await?;
    let sent = timeout(CONTENT, way.message(mail)).await.map_err(|_| late(Stage::Content))?;
    sent.map(drop).map_err(|error| Undelivered::of(Stage::Content, &error))
}

async fn say(way: &mut AsyncSmtpConnection, stage: Stage, words: impl Display) -> Result<(), Undelivered> {
    let answered = timeout(STEP, way.command(words)).await.map_err(|_| late(stage))?;
    answered.map(drop).map_err(|error| Undelivered::of(stage, &error))
}

fn late(stage: Stage) -> Undelivered {
    Undelivered::new(stage, "no answer in time")
}

/// A connection with TLS from the start fails in one of two ways, and only the cause tells which.
fn stage_of(error: &Error) -> Stage {
    let mut cause = error.source();
    while let Some(inner) = cause {
        let wrapped = inner.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if inner.is::<rustls::Error>() || wrapped.is_some_and(|wrapped| wrapped.is::<rustls::Error>()) {
            return Stage::Tls;
        }
        cause = inner.source();
    }
    if error.is_tls() { Stage::Tls } else { Stage::Connection }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answered(stage: Stage, code: u16, cause: &str) -> Undelivered {
        Undelivered { stage, code: Some(code), cause: format!("{code} {cause}") }
    }

    #[test]
    fn only_a_five_hundred_about_this_mail_is_final() {
        assert!(answered(Stage::Recipient, 550, "no such user").is_final());
        assert!(answered(Stage::Content, 554, "spam").is_final());
        assert!(!answered(Stage::Recipient, 450, "greylisted").is_final());
        assert!(!answered(Stage::Sender, 553, "not your address").is_final(), "it is ours to mend");
        assert!(!answered(Stage::Login, 535, "wrong").is_final());
        assert!(!Undelivered::new(Stage::Content, "no answer in time").is_final());
    }

    #[test]
    fn a_mail_that_is_too_large_is_told_apart() {
        assert!(answered(Stage::Content, 552, "too big").is_too_large());
        assert!(answered(Stage::Content, 554, "5.3.4 Message size exceeds limit").is_too_large());
        assert!(!answered(Stage::Content, 554, "5.7.1 spam").is_too_large());
        assert!(!answered(Stage::Recipient, 552, "mailbox full").is_too_large());
    }
}
