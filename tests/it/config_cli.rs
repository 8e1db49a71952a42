//! Commands that show, check and use the configuration, as a user runs them.

use std::net::TcpListener;
use std::process::{Command, Output};

fn switchboard(folder: &tempfile::TempDir, args: &[&str], variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_switchboard"));
    command.args(args).current_dir(folder.path()).env_clear().envs(variables.iter().copied()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn logs_in_pipes_have_no_colours_and_no_remarks_of_the_database() {
    let folder = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = switchboard(&folder, &["serve"], &[("BIND_ADDR", &address)]);
    let said = text(&output.stderr);
    assert!(said.contains("INFO") && said.contains("the built-in line answers"), "{said}");
    assert!(!said.contains('\u{1b}') && !said.contains("_sqlx_migrations"), "{said}");
    assert_eq!(output.status.code(), Some(1), "the address is taken: {said}");
}

#[test]
fn a_token_of_a_short_secret_is_minted_with_a_warning_and_never_in_production() {
    let folder = tempfile::tempdir().unwrap();
    let output = switchboard(&folder, &["token"], &[("JWT_SECRET", "short")]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout).trim().split('.').count(), 3);
    let said = text(&output.stderr);
    assert!(said.starts_with("warning: JWT_SECRET: is shorter than 32 characters"), "{said}");
    let production = [("JWT_SECRET", "short"), ("ENVIRONMENT", "production")];
    let output = switchboard(&folder, &["token"], &production);
    assert_eq!((output.status.code(), output.stdout.is_empty()), (Some(1), true));
}

#[test]
fn check_warns_of_emergency_words_that_dial_nobody_and_exits_0() {
    let folder = tempfile::tempdir().unwrap();
    let line = "[[lines]]\nname = \"a\"\ndefault = true\nemergency.keywords = [\"fire\"]\n";
    std::fs::write(folder.path().join("switchboard.toml"), line).unwrap();
    let output = switchboard(&folder, &["check"], &[]);
    let said = text(&output.stdout);
    let warning = "warning: switchboard.toml:4:22: keywords without a number: said words become an event";
    assert!(output.status.success() && said.contains(warning), "{said}");
}

/// Every command and every one below it shows how it is used.
#[test]
fn every_command_at_every_depth_has_an_example() {
    use clap::CommandFactory as _;
    let (mut open, mut without) = (vec![(String::new(), switchboard::cli::Cli::command())], Vec::new());
    let mut seen = 0;
    while let Some((above, mut command)) = open.pop() {
        let name = format!("{above} {}", command.get_name());
        let below = command.get_subcommands().filter(|below| !below.is_hide_set());
        open.extend(below.map(|below| (name.clone(), below.clone())));
        seen += 1;
        let help = command.render_long_help().to_string();
        if !help.contains("Example") && !help.contains("switchboard demo") {
            without.push(name);
        }
    }
    assert!(seen > 25 && without.is_empty(), "{seen} commands, without an example: {without:?}");
}

/// Commands of the list in `switchboard --help`, each with its summary.
fn summaries(help: &str) -> Vec<(String, String)> {
    let rows = help.lines().skip_while(|row| *row != "Commands:").skip(1).take_while(|row| row.starts_with("  "));
    let words = rows.filter_map(|row| row.trim().split_once("  "));
    words.map(|(name, about)| (name.to_owned(), about.trim().to_owned())).filter(|(name, _)| name != "help").collect()
}

#[test]
fn every_command_says_what_it_does_and_how_it_exits() {
    let folder = tempfile::tempdir().unwrap();
    let commands = summaries(&text(&switchboard(&folder, &["--help"], &[]).stdout));
    assert!(commands.len() >= 12, "{commands:?}");
    for (name, about) in commands {
        let verb = about.split(' ').next().unwrap();
        assert!(!verb.ends_with('s') && !about.ends_with('.'), "{name}: {about}");
        let help = text(&switchboard(&folder, &[&name, "--help"], &[]).stdout);
        assert!(help.contains("Exit codes: 0 ") && help.contains("Example"), "{help}");
    }
}
