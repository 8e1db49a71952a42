//! An agent that the carrier hears and speaks for: what its keys mean, and what is said about mistakes.

use switchboard::config::agent::{AgentKind, Interruptible};
use switchboard::config::{FixedSource, Loaded, load, to_toml};

const LINE: &str = "[[lines]]\nname = \"a\"\nnumbers = [\"+15875550100\"]\n[lines.menus.main]\nprompt = \"x\"\n\
    keys.3 = \"talk\"\n[lines.agent]\nkind = \"conversation-relay\"\n";

fn loaded(agent: &str) -> Result<Loaded, String> {
    load(&FixedSource::default(), Some(("s.toml", &format!("{LINE}{agent}"))))
        .map_err(|mistakes| mistakes.iter().map(|mistake| format!("{mistake}\n")).collect())
}

#[test]
fn all_of_it_is_read_and_printed() {
    let all = "url = \"wss://agent.example.com/calls\"\ngreeting = \"Hello.\"\ntts_provider = \"Google\"\n\
        voice = \"en-US-Journey-O\"\ntranscription_provider = \"Google\"\nspeech_model = \"telephony\"\n\
        interruptible = \"dtmf\"\ninterrupt_sensitivity = \"low\"\ndtmf = false\nhints = [\"opening hours\", \"rolls\"]\n";
    for text in [all, ""] {
        let first = loaded(text).expect("a good file");
        assert!(first.warnings.is_empty(), "{:?}", first.warnings);
        let printed = to_toml(&first);
        let second = load(&FixedSource::default(), Some(("s.toml", &printed))).expect("it reads back");
        assert_eq!(second.lines, first.lines, "{printed}");
        assert!(second.warnings.is_empty(), "{:?}", second.warnings);
    }
    let all = loaded(all).expect("a good file");
    let relay = all.lines[0].agent.relay().expect("the carrier speaks");
    assert!(matches!(&*relay.text, AgentKind::WebSocket { url } if url == "wss://agent.example.com/calls"));
    assert_eq!((relay.interruptible, relay.dtmf, relay.hints.len()), (Interruptible::Dtmf, false, 2));
    let script = loaded("").expect("a good file");
    assert!(matches!(script.lines[0].agent.kind.brain(), AgentKind::Script(_)));
}

#[test]
fn mistakes_are_named_with_what_mends_them() {
    for (agent, said) in [
        ("tts_provider = \"Gogle\"", "`Gogle` is no `tts_provider` of the carrier's; did you mean \"Google\"?"),
        (
            "interruptible = \"yes\"",
            "`yes` is no `interruptible` of the carrier's; write one of: any, speech, dtmf, none",
        ),
        ("hints = [\"a, b\"]", "`a, b` is no hint; write words without a comma, each hint by itself"),
        ("url = \"ws://agent.example.com\"", "`ws://agent.example.com` is not encrypted"),
        ("url = \"wss://a.example\"\nscript = \"x.toml\"", "two agents answer"),
        ("dtmf = false", "the script waits for keys that nobody tells it; write dtmf = true"),
    ] {
        let mistakes = loaded(agent).err().unwrap_or_default();
        assert!(mistakes.contains(said), "{agent}: {mistakes}");
    }
    let loaded = loaded("hold = true\n").expect("only warned of");
    let warned = loaded.warnings.iter().any(|warning| warning.to_string().contains("`hold` is for our own ears"));
    assert!(warned, "{:?}", loaded.warnings);
}
