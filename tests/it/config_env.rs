//! The environment: rules of production, defaults, files of secrets, harmful pairs, and `.env.example`.
#![expect(clippy::unwrap_used, reason = "helpers of tests fail the test")]

use proptest::prelude::*;
use switchboard::config::*;

/// What production asks for, and nothing else.
const PRODUCTION: [(&str, &str); 5] = [
    ("ENVIRONMENT", "production"),
    ("TWILIO_AUTH_TOKEN", "0123456789abcdef0123456789abcdef"),
    ("ADMIN_TOKEN", "abcdefghijklmnopqrstuvwx"),
    ("JWT_SECRET", "abcdefghijklmnopqrstuvwxyz012345"),
    ("PUBLIC_URL", "https://phone.example.com/"),
];

fn production(changes: &[(&'static str, &'static str)]) -> FixedSource {
    FixedSource::new(PRODUCTION.into_iter().chain(changes.iter().copied()))
}

fn settings(source: &FixedSource) -> Settings {
    load(source, None).map_err(|mistakes| listed(&mistakes)).unwrap().settings
}

fn listed(items: &[Mistake]) -> String {
    items.iter().map(|item| format!("{item}\n")).collect()
}

fn refused(source: &FixedSource) -> String {
    listed(&load(source, None).unwrap_err())
}

fn warned(source: &FixedSource) -> String {
    listed(&load(source, None).unwrap().warnings)
}

#[test]
fn an_empty_environment_is_a_development_machine() {
    let settings = settings(&FixedSource::default());
    assert_eq!(settings.server.environment, Environment::Development);
    assert_eq!(settings.server.bind_addr.to_string(), "127.0.0.1:8080");
    assert!(!settings.server.bind_addr_given && !settings.server.public_url_given);
    assert_eq!(settings.server.public_url, "http://127.0.0.1:8080");
    assert!(settings.server.signature_check);
    assert!(settings.server.trusted_proxies.is_empty());
    assert_eq!(settings.storage.database.url(), "sqlite://data/switchboard.db");
    assert_eq!(settings.storage.database.engine(), Engine::Sqlite);
    assert_eq!(settings.storage.data_dir.to_str(), Some("data"));
    assert!(settings.carrier.tokens.is_empty());
    assert_eq!(settings.carrier.api_base_url, "https://api.twilio.com");
    assert!(settings.auth.admin_token.is_none() && settings.auth.jwt_secret.is_none() && !settings.auth.metrics_public);
    assert_eq!((settings.log.filter.as_str(), settings.log.format), ("info,sqlx=warn", LogFormat::Pretty));
    assert_eq!(settings.paging.rtp_ports, 10_000..=10_199);
    assert_eq!(settings.targets.sales.unwrap().as_str(), "+15875550101");
}

#[test]
fn production_starts_with_what_it_needs() {
    let loaded = load(&production(&[]), None).unwrap();
    assert_eq!(loaded.settings.server.environment, Environment::Production);
    assert_eq!(loaded.settings.server.public_url, "https://phone.example.com");
    assert_eq!(loaded.settings.log.format, LogFormat::Json);
    assert_eq!(loaded.settings.carrier.tokens[0].expose(), "0123456789abcdef0123456789abcdef");
    assert_eq!(listed(&loaded.warnings), "");
}

#[test]
fn production_says_all_that_is_missing_at_once() {
    assert_eq!(
        refused(&FixedSource::new([("ENVIRONMENT", "production")])),
        "PUBLIC_URL: is required with ENVIRONMENT=production; set it to the https address that the carrier was given, \
         like https://phone.example.com\n\
         TWILIO_AUTH_TOKEN: is required with ENVIRONMENT=production; set it to the account's auth token\n\
         ADMIN_TOKEN: is required with ENVIRONMENT=production; set it to a random text, like the output of `openssl \
         rand -hex 32`\n\
         JWT_SECRET: is required with ENVIRONMENT=production; set it to a random text, like the output of `openssl \
         rand -hex 32`\n"
    );
    let short = [
        ("ADMIN_TOKEN", "abcdefghijklmnopqrstuvw"),
        ("JWT_SECRET", "only-31-characters-are-in-this-"),
        ("PUBLIC_URL", "http://phone.example.com"),
    ];
    let said = refused(&production(&short));
    assert!(said.contains("ADMIN_TOKEN: is shorter than 24 characters; "), "{said}");
    assert!(said.contains("PUBLIC_URL: must be https with ENVIRONMENT=production; "), "{said}");
    assert!(said.contains("JWT_SECRET: is shorter than 32 characters; "), "{said}");
    assert_eq!(said.lines().count(), 3, "{said}");
}

#[test]
fn each_wrong_value_is_named() {
    for (name, value, what) in [
        ("ENVIRONMENT", "prod", "`prod` is not an environment; write development or production"),
        ("BIND_ADDR", "8080", "`8080` is not an address and port"),
        ("PUBLIC_URL", "phone.example.com", "is not an http or https URL"),
        ("PUBLIC_URL", "ftp://phone.example.com", "is not an http or https URL"),
        ("PUBLIC_URL", "https://phone.example.com/?a=b", "has a query or a fragment"),
        ("PUBLIC_URL", "https://phone.example.com/#a", "has a query or a fragment"),
        ("PUBLIC_URL", "https://ana:pw@phone.example.com", "holds a user or password"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, proxy", "`proxy` is not a network"),
        ("SIGNATURE_CHECK", "maybe", "`maybe` is neither on nor off"),
        ("DATABASE_URL", "mysql://ana:hunter2@db/x", "is not the URL of a database"),
        ("DATABASE_URL", "sqlite://", "is not the URL of a database"),
        ("TWILIO_ACCOUNT_SID", "SK0123", "is the name of an API key"),
        ("TWILIO_ACCOUNT_SID", "AC 1", "is not an account SID"),
        ("TWILIO_AUTH_TOKEN", "\"quoted token\"", "holds characters that no token has"),
        ("TWILIO_API_BASE_URL", "api.twilio.com", "is not an http or https URL"),
        ("ADMIN_TOKEN", "hunter2 hunter2", "holds characters that an Authorization header cannot carry"),
        ("METRICS_PUBLIC", "2", "`2` is neither on nor off"),
        ("RUST_LOG", "info,switchboard=loud", "`info,switchboard=loud`: "),
        ("LOG_FORMAT", "xml", "`xml` is not a format; write pretty or json"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector", "is not an http or https URL"),
        ("SUPPORT_TARGET_E164", "911", "`911` is not a telephone number in E.164 form"),
        ("SIP_BIND_ADDR", "sip", "`sip` is not an address and port"),
        ("RTP_PORT_RANGE", "10199-10000", "`10199-10000` is not a range of ports"),
        ("RTP_PORT_RANGE", "80-90", "`80-90` is not a range of ports"),
        ("PAGING_PIN", "hunter2", "is not a PIN that a telephone can enter"),
        ("SMTP_URL", "mail.example.com", "is not the URL of a mail server"),
        ("JWT_SECRET", "a\u{fffd}b", "is not UTF-8 text"),
    ] {
        let said = refused(&FixedSource::new([(name, value)]));
        assert!(said.starts_with(&format!("{name}: {what}")), "{name}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn values_are_read_as_people_write_them() {
    let source = FixedSource::new([
        ("BIND_ADDR", " [::1]:9000 "),
        ("PUBLIC_URL", "https://Phone.example.com:8443/lines/"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8 192.0.2.7"),
        ("METRICS_PUBLIC", "On"),
        ("DATABASE_URL", "postgresql://ana:hunter2@db.example/calls"),
        ("TWILIO_AUTH_TOKEN", "first"),
        ("TWILIO_AUTH_TOKEN_SECONDARY", "second"),
        ("RTP_PORT_RANGE", "20000-20009"),
        ("JWT_SECRET", ""),
    ]);
    let settings = settings(&source);
    assert_eq!(settings.server.bind_addr.to_string(), "[::1]:9000");
    assert!(settings.server.bind_addr_given && settings.server.public_url_given);
    assert_eq!(settings.server.public_url, "https://Phone.example.com:8443/lines");
    let proxies: Vec<String> = settings.server.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(proxies, ["10.0.0.0/8", "fd00::/8", "192.0.2.7/32"]);
    assert!(settings.auth.metrics_public && settings.auth.jwt_secret.is_none());
    assert_eq!(settings.storage.database.engine(), Engine::Postgres);
    assert_eq!(settings.storage.database.url(), "postgresql://ana:hunter2@db.example/calls");
    let tokens: Vec<&str> = settings.carrier.tokens.iter().map(switchboard::base::Secret::expose).collect();
    assert_eq!(tokens, ["first", "second"]);
    assert_eq!(settings.paging.rtp_ports, 20_000..=20_009);
}

#[test]
fn the_public_url_follows_the_address_until_it_is_set() {
    for (bind, url) in [
        ("0.0.0.0:9000", "http://127.0.0.1:9000"),
        ("[::]:9000", "http://[::1]:9000"),
        ("192.0.2.1:80", "http://192.0.2.1:80"),
        ("localhost:81", "http://127.0.0.1:81"),
    ] {
        assert_eq!(settings(&FixedSource::new([("BIND_ADDR", bind)])).server.public_url, url);
    }
    let moved = |source: FixedSource| settings(&source).server.listening_on("127.0.0.1:4711".parse().unwrap());
    assert_eq!(moved(FixedSource::default()).public_url, "http://127.0.0.1:4711");
    assert_eq!(moved(FixedSource::new([("PUBLIC_URL", "http://x.example")])).public_url, "http://x.example");
}

#[test]
fn every_secret_may_come_from_a_file() {
    let secrets = SECTIONS.iter().flat_map(|section| section.variables).filter(|variable| variable.has_file());
    let mut count = 0;
    for variable in secrets {
        count += 1;
        let name = format!("{}_FILE", variable.name);
        let missing = FixedSource::new([(name.as_str(), "/run/secrets/x")]);
        assert!(refused(&missing).starts_with(&format!("{name}: cannot read /run/secrets/x: ")), "{name}");
        let empty = missing.clone().with_file("/run/secrets/x", "\n");
        assert!(refused(&empty).starts_with(&format!("{name}: /run/secrets/x is empty")), "{name}");
        let both = FixedSource::new([(name.as_str(), "/run/secrets/x"), (variable.name, "1234")]);
        assert!(
            refused(&both).starts_with(&format!("{name}: is set, and so is {}; keep one", variable.name)),
            "{name}"
        );
    }
    assert_eq!(count, 15, "a new secret? count it here and in CONTRACT's list");
}

#[test]
fn one_line_end_of_a_secret_file_is_dropped() {
    for (text, secret) in [("abc", "abc"), ("abc\n", "abc"), ("abc\r\n", "abc"), ("abc\n\n", "abc\n")] {
        let source = FixedSource::new([("JWT_SECRET_FILE", "f")]).with_file("f", text);
        assert_eq!(settings(&source).auth.jwt_secret.unwrap().expose(), secret);
    }
    let source = FixedSource::new([("JWT_SECRET", " abc")]);
    assert!(warned(&source).contains("JWT_SECRET: begins or ends with white space, which counts"));
}

#[test]
fn a_broken_secret_file_is_one_mistake_in_production_too() {
    let source = FixedSource::new(PRODUCTION.into_iter().filter(|(name, _)| *name != "JWT_SECRET"));
    let all = PRODUCTION.into_iter().filter(|(name, _)| *name != "JWT_SECRET").chain([("JWT_SECRET_FILE", "gone")]);
    assert_eq!(refused(&source).lines().count(), 1);
    let said = refused(&FixedSource::new(all));
    assert!(said.starts_with("JWT_SECRET_FILE: cannot read gone") && said.lines().count() == 1, "{said}");
}

#[test]
fn unsigned_webhooks_are_for_one_machine_only() {
    let off = ("SIGNATURE_CHECK", "off");
    let loopback = FixedSource::new([off]);
    assert!(!settings(&loopback).server.signature_check);
    let refused_for_want_of_a_token =
        |source: &FixedSource| listed(&load(source, None).unwrap().notes).contains("every webhook is refused");
    assert!(refused_for_want_of_a_token(&FixedSource::default()) && !refused_for_want_of_a_token(&loopback));
    assert!(
        warned(&loopback).starts_with("SIGNATURE_CHECK: IS OFF: every program on this machine can play the carrier")
    );
    let open = refused(&FixedSource::new([off, ("BIND_ADDR", "0.0.0.0:8080")]));
    assert!(open.starts_with("SIGNATURE_CHECK: cannot be off on 0.0.0.0:8080, which others can reach; "), "{open}");
    let production = refused(&production(&[off]));
    assert!(production.starts_with("SIGNATURE_CHECK: cannot be off with ENVIRONMENT=production; "), "{production}");
}

#[test]
fn harmful_pairs_are_warned_about() {
    let open = ("BIND_ADDR", "0.0.0.0:8080");
    for (variables, warning) in [
        (
            vec![open],
            "PUBLIC_URL: is not set while BIND_ADDR is open: signatures are checked against http://127.0.0.1:8080",
        ),
        (vec![open, ("PUBLIC_URL", "http://phone.example.com")], "PUBLIC_URL: is plain http"),
        (
            vec![open, ("METRICS_PUBLIC", "on")],
            "METRICS_PUBLIC: opens /metrics to everybody who can reach 0.0.0.0:8080",
        ),
        (vec![("TRUSTED_PROXIES", "::/0")], "TRUSTED_PROXIES: ::/0 trusts everybody's X-Forwarded-For"),
        (vec![("TWILIO_API_BASE_URL", "http://api.example.com")], "TWILIO_API_BASE_URL: is plain http"),
        (vec![("TWILIO_AUTH_TOKEN_SECONDARY", "x")], "TWILIO_AUTH_TOKEN_SECONDARY: is set without TWILIO_AUTH_TOKEN"),
        (vec![("JWT_SECRET", "same"), ("ADMIN_TOKEN", "same")], "JWT_SECRET: is the same as ADMIN_TOKEN"),
    ] {
        let said = warned(&FixedSource::new(variables));
        assert!(said.contains(warning), "{warning}: {said}");
    }
    let said = warned(&production(&[("DATABASE_URL", "sqlite::memory:")]));
    assert!(said.contains("DATABASE_URL: keeps everything in memory"), "{said}");
    let said = warned(&FixedSource::new([("JWT_SECRET", "short")]));
    assert!(said.contains("JWT_SECRET: is shorter than 32 characters, which production refuses; "), "{said}");
    let harmless = FixedSource::new([open, ("PUBLIC_URL", "http://localhost:8080"), ("TRUSTED_PROXIES", "10.0.0.0/8")]);
    assert_eq!(warned(&harmless), "");
}

#[test]
fn what_is_for_later_is_noted() {
    let source = FixedSource::new([("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4317")]);
    let notes = listed(&load(&source, None).unwrap().notes);
    assert!(notes.contains("OTEL_EXPORTER_OTLP_ENDPOINT: is not used by this version yet\n"), "{notes}");
}

#[test]
fn the_file_is_found_by_name_or_by_default() {
    let line = |name: &str| format!("[[lines]]\nname = \"{name}\"\ndefault = true\n");
    let source = FixedSource::new([("SWITCHBOARD_CONFIG", "etc/a.toml")]);
    assert!(listed(&load_from(&source).unwrap_err()).starts_with("etc/a.toml:1:1: cannot be read: "));
    let source = source.with_file("etc/a.toml", &line("a")).with_file("switchboard.toml", &line("b"));
    assert_eq!(load_from(&source).unwrap().lines[0].name, "a");
    assert_eq!(load_file(&source, Some("switchboard.toml")).unwrap().file.as_deref(), Some("switchboard.toml"));
    let found = FixedSource::default().with_file("switchboard.toml", &line("b"));
    assert_eq!(load_from(&found).unwrap().lines[0].name, "b");
    let none = load_from(&FixedSource::default()).unwrap();
    let said =
        "SWITCHBOARD_CONFIG: there is no switchboard.toml: the built-in line answers +15875550100 and no other number";
    assert!(none.file.is_none() && listed(&none.notes).contains(said), "{}", listed(&none.notes));
    assert!(listed(&load_from(&production(&[])).unwrap().warnings).contains(said));
}

#[test]
fn mistakes_of_environment_and_file_come_together() {
    let mistakes = load(&FixedSource::new([("LOG_FORMAT", "xml")]), Some(("s.toml", "nothing = 1\n"))).unwrap_err();
    let json = serde_json::to_value(&mistakes).unwrap();
    assert_eq!(json[0]["variable"], "LOG_FORMAT");
    assert_eq!(json[0]["how_to_mend"], "write pretty or json");
    let last = json.as_array().unwrap().last().unwrap();
    assert_eq!((&last["file"], &last["line"], &last["column"]), (&"s.toml".into(), &1.into(), &1.into()));
    assert_eq!(last["what"], "unknown key `nothing`");
}

/// What has a default, or no use yet, stands in a comment: a copy of the file changes nothing until it is filled in.
fn env_example() -> String {
    let mut text = String::from(
        "# Every variable of switchboard; what stands behind # is the default. An empty value is the same as none.\n\
         # Secrets may also come from files: TWILIO_AUTH_TOKEN_FILE=/run/secrets/token, and so on.\n",
    );
    for section in SECTIONS {
        text.push_str(&format!("\n# --- {} ---\n", section.title));
        for variable in section.variables {
            let Variable { name, about, default, example, later, .. } = variable;
            let secret = if variable.has_file() { " Secret." } else { "" };
            let unused = if *later { " Not used by this version yet." } else { "" };
            let example = if example.is_empty() { String::new() } else { format!(" For example {example}") };
            let hash = if *later || default.is_some() { "#" } else { "" };
            let default = default.unwrap_or_default();
            text.push_str(&format!("# {about}{secret}{unused}{example}\n{hash}{name}={default}\n"));
        }
    }
    text
}

#[test]
fn env_example_lists_every_variable() {
    let expected = env_example();
    assert_eq!(include_str!("../../.env.example"), expected, "it should be:\n{expected}");
}

#[test]
fn every_variable_is_shown_once() {
    let shown: Vec<&str> =
        load(&FixedSource::default(), None).unwrap().environment.iter().map(|(name, _)| *name).collect();
    let known: Vec<&str> =
        SECTIONS.iter().flat_map(|section| section.variables).map(|variable| variable.name).collect();
    let (mut a, mut b) = (shown, known);
    a.sort_unstable();
    b.sort_unstable();
    assert_eq!(a, b);
}

proptest! {
    #[test]
    fn no_value_of_any_variable_panics(index in 0usize..28, value in "\\PC{0,40}") {
        let variable = SECTIONS.iter().flat_map(|section| section.variables).nth(index).unwrap();
        let source = FixedSource::new([(variable.name, value.as_str()), ("ENVIRONMENT", "production")]);
        drop(load(&source, None));
    }
}
