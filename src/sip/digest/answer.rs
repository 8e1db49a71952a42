//! What we answer to a challenge (RFC 7616 3.4, RFC 8760): the strongest that we can, once for each nonce.

use super::super::read::list;
use super::super::request::Response;
use super::credentials::{Account, Algorithm, pair};

/// Challenges in a row that are answered; behind that the password is wrong.
const TRIES: u32 = 2;

/// What one side asks of us.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Challenge {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    /// Whether it names the algorithm: only then the answer does.
    named: bool,
    /// Whether it knows `qop=auth`. One without is answered as of old (RFC 2069).
    counted: bool,
}

/// Our side of proving a password to somebody: which nonce is used, and how often.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    challenge: Option<Challenge>,
    count: u32,
    refusals: u32,
    proxy: bool,
}

impl Answers {
    /// A 401 or 407 came. Whether it is worth answering: there is a challenge that we can answer, not with a nonce that
    /// was answered before, and not for the third time in a row.
    pub fn challenged(&mut self, response: &Response) -> bool {
        let proxy = response.code == 407;
        let name = if proxy { "proxy-authenticate" } else { "www-authenticate" };
        let Some(challenge) = strongest(response.message.all(name)) else { return false };
        let known = self.challenge.as_ref().is_some_and(|before| before.nonce == challenge.nonce);
        if known || self.refusals >= TRIES {
            return false;
        }
        *self = Self { challenge: Some(challenge), count: 0, refusals: self.refusals + 1, proxy };
        true
    }

    /// One challenge, as it was written.
    #[cfg(test)]
    pub(crate) fn to(challenge: &str) -> Option<Self> {
        Some(Self { challenge: Some(Challenge::parse(challenge)?), ..Self::default() })
    }

    /// The password was right: later challenges are new ones.
    pub const fn accepted(&mut self) {
        self.refusals = 0;
    }

    /// Name and value of the header for one request, with the next count of the nonce. `None`: nobody has asked yet.
    /// `cnonce` is drawn at random.
    pub fn header(
        &mut self,
        account: Account<'_>,
        asked: (&str, &str),
        cnonce: &str,
    ) -> Option<(&'static str, String)> {
        let challenge = self.challenge.as_ref()?;
        self.count += 1;
        let name = if self.proxy { "Proxy-Authorization" } else { "Authorization" };
        Some((name, challenge.answer(account, asked, (self.count, cnonce))))
    }
}

/// The strongest challenge that we can answer; of equals the first.
fn strongest<'h>(headers: impl Iterator<Item = &'h str>) -> Option<Challenge> {
    let mut all: Vec<Challenge> = headers.filter_map(Challenge::parse).collect();
    all.sort_by_key(|challenge| challenge.algorithm != Algorithm::Sha256);
    all.into_iter().next()
}

impl Challenge {
    /// `None`: another scheme, algorithm or quality than ours.
    fn parse(header: &str) -> Option<Self> {
        let (scheme, rest) = header.split_once(' ')?;
        let pairs: Vec<(String, String)> = list(rest)?.into_iter().map(pair).collect::<Option<_>>()?;
        let value = |name: &str| pairs.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
        let algorithm = match value("algorithm").map(|name| name.to_ascii_uppercase()).as_deref() {
            Some("SHA-256") => Algorithm::Sha256,
            Some("MD5") | None => Algorithm::Md5,
            Some(_) => return None,
        };
        let qop = value("qop");
        let counted = qop.as_deref().is_some_and(|words| words.split(',').any(|word| word.trim() == "auth"));
        if !scheme.eq_ignore_ascii_case("Digest") || qop.is_some() && !counted {
            return None;
        }
        let (named, opaque) = (value("algorithm").is_some(), value("opaque"));
        Some(Self { realm: value("realm")?, nonce: value("nonce")?, opaque, algorithm, named, counted })
    }

    fn answer(&self, account: Account<'_>, (method, uri): (&str, &str), (count, cnonce): (u32, &str)) -> String {
        let Self { realm, nonce, algorithm, .. } = self;
        let secret = algorithm.hash(&format!("{}:{realm}:{}", account.user, account.password.expose()));
        let asked = algorithm.hash(&format!("{method}:{uri}"));
        let (response, behind) = if self.counted {
            let text = format!("{secret}:{nonce}:{count:08x}:{cnonce}:auth:{asked}");
            (algorithm.hash(&text), format!(", qop=auth, nc={count:08x}, cnonce=\"{cnonce}\""))
        } else {
            (algorithm.hash(&format!("{secret}:{nonce}:{asked}")), String::new())
        };
        let named = if self.named { format!(", algorithm={}", algorithm.as_str()) } else { String::new() };
        let opaque = self.opaque.as_deref().map(|opaque| format!(", opaque={}", quoted(opaque))).unwrap_or_default();
        let (user, realm, nonce) = (quoted(account.user), quoted(realm), quoted(nonce));
        format!(
            "Digest username={user}, realm={realm}, nonce={nonce}, uri=\"{uri}\", response=\"{response}\"{named}{behind}{opaque}"
        )
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests {
    use super::super::super::{Transport, Verdict, judge};
    use super::*;
    use crate::base::Secret;

    const SHA: &str = r#"Digest realm="hall", nonce="n1", algorithm=SHA-256, qop="auth,auth-int", opaque="o\"p""#;
    const MD5: &str = r#"Digest realm="hall", nonce="n1", algorithm=MD5, qop="auth""#;

    fn refused(code: u16, challenges: &[&str]) -> Response {
        let name = if code == 407 { "Proxy-Authenticate" } else { "WWW-Authenticate" };
        let lines: String = challenges.iter().map(|challenge| format!("{name}: {challenge}\r\n")).collect();
        let text = format!(
            "SIP/2.0 {code} X\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKx\r\nTo: <sip:a>;tag=b\r\nCSeq: 1 INVITE\r\n{lines}\r\n"
        );
        match judge(text.as_bytes(), ([192, 0, 2, 20], 5060).into(), Transport::Udp) {
            Verdict::Response(response) => *response,
            other => panic!("{other:?}"),
        }
    }

    fn header(answers: &mut Answers, password: &str) -> String {
        let password = Secret::new(password);
        let account = Account { user: "desk", password: &password };
        let (name, value) = answers.header(account, ("INVITE", "sip:hall@192.0.2.20"), "c").expect("a challenge");
        format!("{name}: {value}")
    }

    #[test]
    fn the_strongest_is_answered_and_its_nonce_counted() {
        let mut answers = Answers::default();
        assert!(answers.challenged(&refused(401, &["Basic realm=\"hall\"", MD5, SHA])));
        let (first, second) = (header(&mut answers, "open"), header(&mut answers, "open"));
        assert!(
            first.starts_with("Authorization: Digest username=\"desk\", realm=\"hall\", nonce=\"n1\", "),
            "{first}"
        );
        assert!(first.contains("algorithm=SHA-256, qop=auth, nc=00000001, cnonce=\"c\", opaque=\"o\\\"p\""), "{first}");
        assert!(second.contains("nc=00000002"), "{second}");
        assert!(!format!("{answers:?}").contains("open"));
    }

    #[test]
    fn a_wrong_password_ends_after_two_refusals_and_a_known_nonce_is_not_answered_twice() {
        let mut answers = Answers::default();
        assert!(answers.challenged(&refused(401, &[MD5])));
        assert!(!answers.challenged(&refused(401, &[MD5])), "the same nonce");
        assert!(answers.challenged(&refused(401, &[&MD5.replace("n1", "n2")])));
        assert!(!answers.challenged(&refused(401, &[&MD5.replace("n1", "n3")])), "the third");
        answers.accepted();
        assert!(answers.challenged(&refused(407, &[&MD5.replace("n1", "n4")])));
        assert!(header(&mut answers, "open").starts_with("Proxy-Authorization: "));
    }

    #[test]
    fn what_we_cannot_answer_is_not_worth_it() {
        for challenge in [
            "Basic realm=\"hall\"",
            "Digest realm=\"hall\", nonce=\"n\", qop=\"auth-int\"",
            "Digest realm=\"hall\", nonce=\"n\", algorithm=SHA-512-256, qop=\"auth\"",
            "Digest realm=\"hall\"",
            "",
        ] {
            assert!(!Answers::default().challenged(&refused(401, &[challenge])), "{challenge}");
        }
    }

    #[test]
    fn examples_of_the_standards_are_right() {
        // RFC 7616 3.9.1.
        let password = Secret::new("Circle of Life");
        let account = Account { user: "Mufasa", password: &password };
        let challenge = |algorithm, counted| Challenge {
            realm: "http-auth@example.org".to_owned(),
            nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v".to_owned(),
            opaque: None,
            algorithm,
            named: true,
            counted,
        };
        let answer = |challenge: Challenge| {
            challenge.answer(account, ("GET", "/dir/index.html"), (1, "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"))
        };
        let sha = answer(challenge(Algorithm::Sha256, true));
        assert!(sha.contains("753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"), "{sha}");
        assert!(answer(challenge(Algorithm::Md5, true)).contains("8ca523f5e9506fed4657c9700eebdbec"));
        assert!(!answer(challenge(Algorithm::Md5, false)).contains("cnonce"), "as of old");
    }
}
