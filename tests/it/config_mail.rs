//! `mail` of `[lines.voicemail]`: what is read, what is refused, and what is only noted.

use switchboard::config::hours::Range;
use switchboard::config::mail::Mailing;
use switchboard::config::{FixedSource, Loaded, Mistake, load};

fn with(mail: &str, variables: &[(&str, &str)]) -> Result<Loaded, Vec<Mistake>> {
    let file = format!(
        "[[lines]]\nname = \"a\"\nnumbers = [\"+15875550100\"]\nmenus.main = {{ prompt = \"Press 9.\", \
         keys = {{ 9 = \"voicemail\" }} }}\n[lines.voicemail]\nmail = {mail}\n"
    );
    load(&FixedSource::new(variables.iter().copied()), Some(("s.toml", &file)))
}

fn mailing(mail: &str) -> Mailing {
    let loaded = with(mail, &[]).unwrap_or_else(|mistakes| panic!("{mistakes:?}"));
    loaded.lines[0].voicemail.mail.clone().expect("somebody")
}

#[test]
fn addresses_alone_or_with_more_to_say() {
    let desk = || vec!["desk@example.com".to_owned()];
    assert_eq!(mailing("\"desk@example.com\""), Mailing::to(desk()));
    assert_eq!(mailing("[\"desk@example.com\"]"), Mailing::to(desk()));
    assert_eq!(mailing("[]"), Mailing::to(Vec::new()));
    let all = "{ to = \"desk@example.com\", attach = false, max_mb = 2, link_days = 30, \
               quiet = [\"22:00-07:00\", \"12:00-13:00\"], transcript = false }";
    let quiet = ["22:00-07:00", "12:00-13:00"].map(|range| Range::parse(range).expect("a range"));
    let expected =
        Mailing { to: desk(), attach: false, max_mb: 2, link_days: 30, quiet: quiet.to_vec(), transcript: false };
    assert_eq!(mailing(all), expected);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    for (mail, said) in [
        ("\"desk\"", "s.toml:6:8: `desk` is not a mail address; write it like \"desk@example.com\", without a name"),
        ("[\"Desk <desk@example.com>\"]", "s.toml:6:9: `Desk <desk@example.com>` is not a mail address"),
        ("[\"d\u{e9}sk@example.com\"]", "s.toml:6:9: `d\u{e9}sk@example.com` is not a mail address"),
        ("[\"a@example.com\", \"A@Example.com\"]", "s.toml:6:26: `A@Example.com` is there twice; keep one of them"),
        ("7", "s.toml:6:8: `mail` is a number; write mail = [\"desk@example.com\"]"),
        ("{ attach = true }", "s.toml:6:8: `mail` names no address"),
        ("{ to = [\"a@example.com\"], quiet = \"night\" }", "s.toml:6:42: `night` is not a range of time"),
        ("{ to = [], quiet = [\"00:00-12:00\", \"12:00-24:00\"] }", "s.toml:6:27: it is always quiet"),
        ("{ to = [], link_days = 100 }", "s.toml:6:31: `link_days` is 100; write a whole number from 1 to 90"),
        ("{ to = [], quite = [] }", "s.toml:6:19: unknown key `quite`; did you mean `quiet`?"),
    ] {
        let mistakes = with(mail, &[]).expect_err(mail);
        assert_eq!(mistakes.len(), 1, "{mistakes:?}");
        assert!(mistakes[0].to_string().starts_with(said), "{}", mistakes[0]);
    }
}

#[test]
fn recipients_without_a_mail_server_are_noted_and_nothing_is_refused() {
    let said = "s.toml:6:1: line `a` mails its messages, and SMTP_URL is not set: nothing is sent; set SMTP_URL";
    let notes = |loaded: Loaded| loaded.notes.iter().any(|note| note.to_string().starts_with(said));
    assert!(notes(with("\"desk@example.com\"", &[]).expect("no mistake")));
    assert!(!notes(with("[]", &[]).expect("no mistake")));
    assert!(!notes(with("\"desk@example.com\"", &[("SMTP_URL", "smtp://localhost")]).expect("no mistake")));
}

#[test]
fn a_password_in_clear_is_warned_of() {
    let warned = |url: &str| {
        let loaded = with("[]", &[("SMTP_URL", url)]).expect("no mistake");
        loaded.warnings.iter().any(|warning| warning.to_string().starts_with("SMTP_URL: sends a password in clear"))
    };
    assert!(warned("smtp://a:b@mail.example.com?tls=none"));
    assert!(!warned("smtp://a:b@mail.example.com") && !warned("smtp://a:b@127.0.0.1?tls=none"));
}
