//! Outgoing mail.

use crate::base::Secret;
use crate::config::env::{Env, Variable};
use crate::config::mistake::Wrong;
use lettre::message::Mailbox;
use url::Url;

const SMTP_URL: Variable = Variable::secret(
    "SMTP_URL",
    "Mail server that takes voicemail for people: smtps:// is TLS from the start, smtp:// is STARTTLS \
     (?tls=required, opportunistic or none).",
)
.example("smtps://USER:PASSWORD@mail.example.com");
const MAIL_FROM: Variable = Variable::plain(
    "MAIL_FROM",
    "Sender of mails. Default: the user of SMTP_URL if that is an address, else switchboard@ and the host of PUBLIC_URL.",
)
.example("Front desk <phone@example.com>");

pub(super) const VARIABLES: &[Variable] = &[SMTP_URL, MAIL_FROM];

const SHAPE: &str = "write smtps://USER:PASSWORD@HOST, or smtp://HOST?tls=required";

/// Outgoing mail.
#[derive(Clone, Debug)]
pub struct Mail {
    /// `SMTP_URL`; without it nothing is sent.
    pub server: Option<MailServer>,
    /// `MAIL_FROM`, as it was written: an address, or a name and an address.
    pub from: Option<String>,
}

/// Who takes our mails.
#[derive(Clone, Debug)]
pub struct MailServer {
    /// Name or address.
    pub host: String,
    /// 465 with TLS from the start, 587 with a login, else 25, unless the URL has one.
    pub port: u16,
    /// How the way there is kept private.
    pub tls: MailTls,
    /// Whom we are there.
    pub login: Option<MailLogin>,
}

/// How the way to a mail server is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// Not at all: on this machine, or in a network of one's own.
    None,
    /// STARTTLS where it is offered, with whatever certificate: no worse than none.
    Offered,
    /// STARTTLS, and nothing is sent without it.
    Required,
    /// TLS from the first byte.
    FromTheStart,
}

/// A user of a mail server.
#[derive(Clone, Debug)]
pub struct MailLogin {
    /// Often an address.
    pub user: Secret,
    /// As it is, not escaped.
    pub password: Secret,
}

impl Mail {
    pub(super) fn read(env: &mut Env<'_>) -> Self {
        let url = env.secret(&SMTP_URL, |text| server(text).map(drop));
        let server = url.and_then(|url| server(url.expose()).ok());
        let from = env.parsed(&MAIL_FROM, sender);
        if let Some(server) = &server
            && server.login.is_some()
            && server.tls == MailTls::None
            && !is_here(&server.host)
        {
            let what = "sends a password in clear";
            env.warning(SMTP_URL.name, what, "use smtps://, or leave ?tls=none out");
        }
        Self { server, from }
    }

    /// Whom mails come from. What is not configured follows from the login, or from our own host.
    #[must_use]
    pub fn sender(&self, public_url: &str) -> String {
        let login = || self.server.as_ref()?.login.as_ref();
        let user = || login().map(|login| login.user.expose()).filter(|user| user.parse::<lettre::Address>().is_ok());
        let host = || Url::parse(public_url).ok().and_then(|url| url.domain().map(str::to_owned));
        let ours = || format!("switchboard@{}", host().unwrap_or_else(|| "localhost".to_owned()));
        self.from.clone().or_else(|| user().map(str::to_owned)).unwrap_or_else(ours)
    }
}

fn sender(text: &str) -> Result<String, Wrong> {
    match text.parse::<Mailbox>() {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err(Wrong::new(
            format!("`{text}` is not an address"),
            "write phone@example.com, or Front desk <phone@example.com>",
        )),
    }
}

/// What an `SMTP_URL` says. Nothing that is said about it holds a part of it.
fn server(text: &str) -> Result<MailServer, Wrong> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "smtp" | "smtps"));
    let url = url.ok_or_else(|| Wrong::new("is not the URL of a mail server", SHAPE))?;
    let host = url.host_str().filter(|host| !host.is_empty());
    let host = host.ok_or_else(|| Wrong::new("names no mail server", SHAPE))?;
    let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
    if !matches!(url.path(), "" | "/") {
        return Err(Wrong::new("has a path", "escape `/` in a password as %2F"));
    }
    let login = login(&url)?;
    let tls = tls(&url, login.is_some() && !is_here(&host))?;
    let usual = match (tls, &login) {
        (MailTls::FromTheStart, _) => 465,
        (_, Some(_)) => 587,
        _ => 25,
    };
    Ok(MailServer { host, port: url.port().unwrap_or(usual), tls, login })
}

fn login(url: &Url) -> Result<Option<MailLogin>, Wrong> {
    let odd = || Wrong::new("has a user or password that is no text", "escape each byte as %XX, in UTF-8");
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) => Err(Wrong::new("has a password and no user", SHAPE)),
        (_, None) => Err(Wrong::new("has a user and no password", SHAPE)),
        (user, Some(password)) => {
            let of = |text: &str| unescaped(text).map(Secret::new).ok_or_else(odd);
            Ok(Some(MailLogin { user: of(user)?, password: of(password)? }))
        }
    }
}

/// A password goes to another machine over TLS only, unless somebody says otherwise.
fn tls(url: &Url, guarded: bool) -> Result<MailTls, Wrong> {
    let mut said = None;
    for (key, value) in url.query_pairs() {
        match key.as_ref() {
            "tls" => said = Some(value.into_owned()),
            _ => return Err(Wrong::new("has a parameter that is not known", "write ?tls=required, or leave it out")),
        }
    }
    match (url.scheme(), said.as_deref()) {
        ("smtps", None | Some("wrapper" | "required")) => Ok(MailTls::FromTheStart),
        ("smtps", Some(_)) => Err(Wrong::new("is smtps:// and says another `tls`", "write smtp:// with ?tls=…")),
        (_, None) if guarded => Ok(MailTls::Required),
        (_, None | Some("opportunistic")) => Ok(MailTls::Offered),
        (_, Some("required" | "starttls")) => Ok(MailTls::Required),
        (_, Some("none")) => Ok(MailTls::None),
        (_, Some(_)) => Err(Wrong::new("has a `tls` that is not known", "write required, opportunistic or none")),
    }
}

/// Whether a mail server is this machine.
fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Without `%XX`; `None` when that is no UTF-8.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| first == b'%').and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(first));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, u16, MailTls) {
        let server = server(text).expect("a good URL");
        (server.host, server.port, server.tls)
    }

    #[test]
    fn a_url_says_where_and_how() {
        for (text, host, port, tls) in [
            ("smtps://mail.example.com", "mail.example.com", 465, MailTls::FromTheStart),
            ("smtps://a:b@mail.example.com:4650/", "mail.example.com", 4650, MailTls::FromTheStart),
            ("smtp://a:b@mail.example.com", "mail.example.com", 587, MailTls::Required),
            ("smtp://a:b@mail.example.com?tls=none", "mail.example.com", 587, MailTls::None),
            ("smtp://mail.example.com", "mail.example.com", 25, MailTls::Offered),
            ("smtp://mail.example.com:2525?tls=required", "mail.example.com", 2525, MailTls::Required),
            ("smtp://a:b@localhost", "localhost", 587, MailTls::Offered),
            ("smtp://[::1]:2525", "::1", 2525, MailTls::Offered),
        ] {
            assert_eq!(read(text), (host.to_owned(), port, tls), "{text}");
        }
    }

    #[test]
    fn a_login_is_unescaped_and_never_shown() {
        let server = server("smtps://ana%40example.com:p%C3%A4ss%2F%25w@mail.example.com").expect("a good URL");
        let login = server.login.as_ref().expect("a login");
        assert_eq!((login.user.expose(), login.password.expose()), ("ana@example.com", "p\u{e4}ss/%w"));
        assert!(!format!("{server:?}").contains("ana"));
    }

    #[test]
    fn what_is_no_mail_server_is_refused_without_repeating_it() {
        for text in [
            "mail.example.com",
            "https://mail.example.com",
            "smtps://",
            "smtp://hunter2@mail.example.com",
            "smtp://:hunter2@mail.example.com",
            "smtp://a:hun/ter2@mail.example.com",
            "smtp://a:hunter2@mail.example.com?tls=hunter2",
            "smtps://a:hunter2@mail.example.com?tls=none",
            "smtp://a:hunter2@mail.example.com?password=hunter2",
            "smtp://a:%ff@mail.example.com",
        ] {
            let Wrong { what, mend } = server(text).expect_err(text);
            assert!(!format!("{what}{mend}").contains("hunter2"), "{what}; {mend}");
        }
    }

    #[test]
    fn a_sender_follows_from_what_is_there() {
        let mail = |url: &str, from: Option<&str>| Mail { server: server(url).ok(), from: from.map(str::to_owned) };
        let here = "https://phone.example.com/lines";
        assert_eq!(mail("smtp://localhost", Some("Desk <d@example.com>")).sender(here), "Desk <d@example.com>");
        assert_eq!(mail("smtps://a%40example.com:b@mail.example.com", None).sender(here), "a@example.com");
        assert_eq!(mail("smtps://a:b@mail.example.com", None).sender(here), "switchboard@phone.example.com");
        assert_eq!(mail("smtp://localhost", None).sender("http://127.0.0.1:8080"), "switchboard@localhost");
    }
}
