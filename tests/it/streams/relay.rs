//! Conversations in text: the carrier hears and speaks, an agent of somebody else's answers.

use super::carrier::{ACCOUNT, Carrier, LONG};
use crate::house::{Answer, House, PUBLIC_URL, TOKEN, call, with};
use crate::simulator_stand::{plan, transcript};
use crate::support::Database;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use std::time::Instant;
use switchboard::base::{Clock, Secret};
use switchboard::simulator::{self, Archive, CallPlan, CarrierSettings, Report, Script, Target, parse_acts};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{WebSocketStream, accept_hdr_async};

const CALL: &str = "CA7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d";
const SESSION: &str = "VX00112233445566778899aabbccddeeff";

/// A line that the carrier speaks for; `agent` is what else stands in its table.
pub(super) fn line(agent: &str) -> String {
    format!(
        r#"
[[lines]]
name = "bakery"
numbers = ["+15875550100"]
[lines.menus.main]
prompt = "Press 3."
speech = false
[lines.menus.main.keys]
3 = "talk"
[lines.emergency]
number = "+15875550109"
[lines.agent]
kind = "conversation-relay"
targets = {{ sales = "+15875550101" }}
{agent}
"#
    )
}

pub(super) async fn house(agent: &str) -> (House, Database) {
    let database = Database::sqlite();
    (House::with(&database.url, &[], Some(&line(agent))).await, database)
}

/// What a call that pressed 3 is handed to: the socket's path, its token, and where the call goes on.
async fn handed_over(house: &House, sid: &str) -> (String, String, String) {
    let menu = house.post("/twilio/voice", &call(sid)).await;
    let keys = with(call(sid), &[("CallStatus", "in-progress"), ("Digits", "3")]);
    let answer = house.post(&menu.target("action"), &keys).await;
    let (_, url) = answer.body.split_once("<ConversationRelay url=\"wss://phone.example.com").expect("a conversation");
    let path = url.split_once('"').expect("its end").0.to_owned();
    let token = path.rsplit('/').next().expect("a token").to_owned();
    (path, token, answer.target("action"))
}

fn setup(call: &str, token: &str) -> Value {
    json!({"type": "setup", "sessionId": SESSION, "accountSid": ACCOUNT, "parentCallSid": "", "callSid": call,
        "from": "+14035550111", "to": "+15875550100", "forwardedFrom": "", "callType": "PSTN", "callerName": "",
        "direction": "inbound", "callStatus": "IN-PROGRESS", "customParameters": {"token": token}})
}

pub(super) fn prompt(words: &str, last: bool) -> Value {
    json!({"type": "prompt", "voicePrompt": words, "lang": "en-US", "last": last})
}

/// A caller in a conversation in text.
pub(super) struct Caller {
    carrier: Carrier,
    action: String,
}

impl Caller {
    pub(super) async fn comes(house: &House) -> Self {
        Self::comes_as(house, CALL).await
    }

    async fn comes_as(house: &House, sid: &str) -> Self {
        let (path, token, action) = handed_over(house, sid).await;
        let mut carrier = Carrier::knock(house, &path).await.expect("it is let in");
        carrier.say(&setup(sid, &token)).await;
        Self { carrier, action }
    }

    pub(super) async fn says(&mut self, words: &str) {
        self.carrier.say(&prompt(words, true)).await;
    }

    /// The words that the line says next, to the end of a sentence.
    pub(super) async fn hears(&mut self) -> String {
        let mut words = String::new();
        loop {
            let message = self.carrier.hear().await.expect("the conversation goes on");
            assert_eq!(message["type"], "text", "{message}");
            words.push_str(message["token"].as_str().expect("a token"));
            if message["last"] == true {
                return words;
            }
        }
    }

    /// How the house ends it; the carrier closes, and asks what follows.
    async fn ended(self, house: &House) -> (Vec<Value>, Answer) {
        let Self { mut carrier, action } = self;
        let mut before = Vec::new();
        let handoff = loop {
            let message = carrier.hear().await.expect("an end that is said");
            if message["type"] == "end" {
                break message["handoffData"].as_str().expect("a text").to_owned();
            }
            before.push(message);
        };
        carrier.close().await;
        let fields = [
            ("CallStatus", "in-progress"),
            ("SessionId", SESSION),
            ("SessionStatus", "ended"),
            ("HandoffData", handoff.as_str()),
        ];
        (before, house.post(&action, &with(call(CALL), &fields)).await)
    }
}

/// Somebody else's agent, under the test's control.
pub(super) struct Agent {
    socket: WebSocketStream<TcpStream>,
}

/// Where one listens, and what a line says of it.
pub(super) async fn address() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("url = \"ws://{}/calls\"", listener.local_addr().expect("an address"));
    (listener, url)
}

impl Agent {
    /// Takes the call that comes, and is ready.
    #[expect(clippy::result_large_err, reason = "the library's own signature")]
    pub(super) async fn takes(listener: &TcpListener, speaks_first: bool) -> (Self, Value) {
        let (stream, _) = timeout(LONG, listener.accept()).await.expect("it is called").expect("a connection");
        let agree = |_: &Request, mut response: Response| {
            response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("switchboard-agent.1"));
            Ok(response)
        };
        let mut agent = Self { socket: accept_hdr_async(stream, agree).await.expect("a handshake") };
        let start = agent.until("start").await;
        agent.say(&json!({"type": "ready", "protocol": "switchboard-agent/1", "speaks_first": speaks_first})).await;
        (agent, start)
    }

    pub(super) async fn say(&mut self, message: &Value) {
        self.socket.send(Message::text(message.to_string())).await.expect("it is read");
    }

    pub(super) async fn says(&mut self, utt: &str, text: &str, last: bool) {
        self.say(&json!({"type": "say", "utt": utt, "text": text, "final": last})).await;
    }

    pub(super) async fn until(&mut self, kind: &str) -> Value {
        loop {
            let message = timeout(LONG, self.socket.next()).await.expect("it is told").expect("open").expect("a frame");
            let Message::Text(text) = message else { continue };
            let message: Value = serde_json::from_str(&text).expect("JSON");
            if message["type"] == kind {
                return message;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn words_go_both_ways_and_a_tool_leads_on() {
    let (listener, url) = address().await;
    let (house, _database) = house(&url).await;
    let (mut caller, (mut agent, start)) = tokio::join!(Caller::comes(&house), Agent::takes(&listener, true));
    assert_eq!((&start["mode"], &start["from"]), (&json!("text"), &json!("0111")));
    assert!(start.get("audio").is_none() && start.get("encodings").is_none(), "{start}");
    agent.says("u1", "Good morning, ", false).await;
    agent.says("u1", "the bakery.", true).await;
    assert_eq!(caller.hears().await, "Good morning, the bakery.");
    caller.carrier.say(&prompt("Do you", false)).await;
    assert_eq!(agent.until("speech_started").await["speech"], "s1");
    assert_eq!(agent.until("transcript").await["final"], false);
    caller.says("Do you have croissants?").await;
    let words = agent.until("transcript").await;
    assert_eq!((&words["text"], &words["final"]), (&json!("Do you have croissants?"), &json!(true)));
    agent.until("speech_ended").await;
    caller.carrier.say(&json!({"type": "dtmf", "digit": "7"})).await;
    assert_eq!(agent.until("dtmf").await["digit"], "7");
    agent.says("u2", "I am putting you through.", true).await;
    agent.say(&json!({"type": "tool.call", "id": "t1", "name": "transfer", "args": {"to": "sales"}})).await;
    assert_eq!(caller.hears().await, "I am putting you through.");
    caller.carrier.say(&json!({"type": "info", "name": "agentSpeaking", "value": "on"})).await;
    assert_eq!(agent.until("tool.result").await["ok"], true);
    let (_, answer) = caller.ended(&house).await;
    assert!(answer.body.contains("<Dial") && answer.body.contains("+15875550101"), "{}", answer.body);
    assert_eq!(agent.until("stop").await["reason"], "transferred");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_agent_learns_what_was_heard() {
    let (listener, url) = address().await;
    let (house, _database) = house(&url).await;
    let (mut caller, (mut agent, _)) = tokio::join!(Caller::comes(&house), Agent::takes(&listener, true));
    agent.says("u1", "We open at seven, and we close at five.", true).await;
    agent.says("u2", "Anything else?", true).await;
    caller.hears().await;
    caller.hears().await;
    let heard =
        json!({"type": "interrupt", "utteranceUntilInterrupt": "We open at seven", "durationUntilInterruptMs": 1180});
    caller.carrier.say(&heard).await;
    caller.carrier.say(&prompt("And on", false)).await;
    let cut = agent.until("interrupted").await;
    let told = (&cut["utt"], &cut["heard_text"], &cut["heard_ms"], &cut["dropped"], &cut["cause"]);
    assert_eq!(told, (&json!("u1"), &json!("We open at seven"), &json!(1180), &json!(["u2"]), &json!("speech")));
    caller.says("And on Sundays?").await;
    assert_eq!(agent.until("transcript").await["text"], "And on");
    assert_eq!(agent.until("transcript").await["text"], "And on Sundays?");
    agent.says("u3", "Until three.", true).await;
    assert_eq!(caller.hears().await, "Until three.");
    agent.say(&json!({"type": "stop", "next": "hangup", "when": "now"})).await;
    let (_, answer) = caller.ended(&house).await;
    assert!(answer.body.contains("<Hangup"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cough_is_gone_on_from() {
    let (listener, url) = address().await;
    let (house, _database) = house(&url).await;
    let (mut caller, (mut agent, _)) = tokio::join!(Caller::comes(&house), Agent::takes(&listener, true));
    agent.says("u1", "We open at seven, and we close at five.", true).await;
    caller.hears().await;
    let cough = json!({"type": "interrupt", "utteranceUntilInterrupt": "We open", "durationUntilInterruptMs": 500});
    let begun = Instant::now();
    caller.carrier.say(&cough).await;
    assert_eq!(caller.hears().await.trim(), "at seven, and we close at five.");
    let quiet = begun.elapsed().as_millis();
    assert!((1_500..2_100).contains(&quiet), "{quiet} ms without a voice");
    drop(agent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_never_two_seconds_without_a_voice() {
    let (listener, url) = address().await;
    let (house, _database) = house(&url).await;
    let (mut caller, (agent, _)) = tokio::join!(Caller::comes(&house), Agent::takes(&listener, false));
    let begun = Instant::now();
    caller.says("When do you open?").await;
    assert_eq!(caller.hears().await, "One moment, please.");
    let waited = begun.elapsed().as_millis();
    // Half a second is the carrier's: it has to find out that the caller has finished.
    assert!((1_000..1_900).contains(&waited), "{waited} ms");
    drop(agent);
    let (_, answer) = caller.ended(&house).await;
    assert!(answer.body.contains("not available") && answer.body.contains("<Record"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_tool_says_before_the_next_step_survives_the_carriers_way() {
    let (listener, url) = address().await;
    let (house, _database) = house(&url).await;
    let (caller, (mut agent, _)) = tokio::join!(Caller::comes(&house), Agent::takes(&listener, true));
    let args = json!({"to": "sales", "announce": "Our sales team, one moment."});
    agent.say(&json!({"type": "tool.call", "id": "t1", "name": "transfer", "args": args, "when": "now"})).await;
    let Caller { mut carrier, action } = caller;
    let end = carrier.hear().await.expect("an end");
    carrier.close().await;
    let handoff = end["handoffData"].as_str().expect("a text").to_owned();
    // An instance that cannot know how it ended: another call's step, as far as this one is concerned.
    let (other, _other_database) = self::house(&url).await;
    let fields = [("CallStatus", "in-progress"), ("SessionStatus", "ended"), ("HandoffData", handoff.as_str())];
    let answer = other.post(&action, &with(call(CALL), &fields)).await;
    let (said, dialled) = (answer.body.find("Our sales team, one moment."), answer.body.find("<Dial"));
    assert!(said.is_some() && said < dialled, "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_closes_politely_with_the_caller_still_there_begins_again() {
    let (house, _database) = house("").await;
    let mut caller = Caller::comes(&house).await;
    caller.hears().await;
    caller.carrier.close_with(1000).await;
    while !house.running.streams().is_empty() {
        tokio::task::yield_now().await;
    }
    let ended = [("CallStatus", "in-progress"), ("SessionId", SESSION), ("SessionStatus", "ended")];
    let answer = house.post(&caller.action, &with(call(CALL), &ended)).await;
    assert!(answer.body.contains("<ConversationRelay"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_dies_or_was_never_there_leads_on_at_once() {
    let (listener, url) = address().await;
    let (house, _database) = house(&format!("{url}\non_failure = {{ dial = \"+15875550102\" }}")).await;
    let (mut caller, (mut agent, _)) = tokio::join!(Caller::comes(&house), Agent::takes(&listener, true));
    agent.says("u1", "Good morning, ", false).await;
    let first = caller.carrier.hear().await.expect("a piece");
    assert_eq!((&first["token"], &first["last"]), (&json!("Good morning, "), &json!(false)));
    let died = Instant::now();
    drop(agent);
    let (_, answer) = caller.ended(&house).await;
    assert!(answer.body.contains("+15875550102"), "{}", answer.body);
    assert!(died.elapsed().as_millis() < 300, "{:?}", died.elapsed());
    drop(listener);
    let caller = Caller::comes_as(&house, "CA7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2e").await;
    let (said, answer) = caller.ended(&house).await;
    assert!(said.is_empty() && answer.body.contains("+15875550102"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_emergency_word_leads_to_a_person_before_the_sentence_is_over() {
    let (house, _database) = house("").await;
    let mut caller = Caller::comes(&house).await;
    assert!(caller.hears().await.starts_with("Hello"));
    caller.carrier.say(&prompt("my father is not breathing and", false)).await;
    let (_, answer) = caller.ended(&house).await;
    assert!(answer.body.contains("+15875550109"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_message_is_ignored_and_the_pound_key_leads_to_the_mailbox() {
    let (house, _database) = house("").await;
    let mut caller = Caller::comes(&house).await;
    caller.hears().await;
    for odd in
        ["", "7", "{}", "[", "{\"type\":\"prompt\"}", "{\"type\":\"sing\"}", "{\"type\":\"dtmf\",\"digit\":\"xy\"}"]
    {
        caller.carrier.text(odd).await;
    }
    caller.carrier.say(&setup("CA2", "again")).await;
    caller.says("my card is 4242 4242 4242 4242").await;
    // The script's words are being said still: it waits with saying them again.
    caller.carrier.say(&json!({"type": "dtmf", "digit": "#"})).await;
    let (_, answer) = caller.ended(&house).await;
    assert!(answer.body.contains("<Record"), "{}", answer.body);
    let timeline = house.get(&format!("/api/calls/{CALL}")).await.body;
    assert!(timeline.contains("[card ...4242]") && !timeline.contains("4242 4242"), "{timeline}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_show_a_conversation_and_a_caller_who_hangs_up_ends_it() {
    let (house, _database) = house("greeting = \"Welcome.\"").await;
    let mut caller = Caller::comes(&house).await;
    caller.hears().await;
    caller.says("Hello?").await;
    while house.running.streams().iter().all(|stream| stream.turns == 0) {
        tokio::task::yield_now().await;
    }
    let metrics = house.get("/metrics").await.body;
    assert!(metrics.contains("switchboard_streams_active 1"), "{metrics}");
    caller.carrier.close().await;
    while !house.running.streams().is_empty() {
        tokio::task::yield_now().await;
    }
    let gone =
        with(call(CALL), &[("CallStatus", "completed"), ("SessionStatus", "completed"), ("SessionDuration", "4")]);
    let answer = house.post(&caller.action, &gone).await;
    assert_eq!(answer.status, 200);
    assert!(!answer.body.contains("<Record"), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_that_breaks_begins_again_and_another_calls_setup_is_refused() {
    let (house, _database) = house("").await;
    let mut caller = Caller::comes(&house).await;
    caller.hears().await;
    let Caller { carrier, action } = caller;
    drop(carrier);
    while !house.running.streams().is_empty() {
        tokio::task::yield_now().await;
    }
    let broken = [("CallStatus", "in-progress"), ("SessionStatus", "failed"), ("ErrorCode", "39001")];
    let answer = house.post(&action, &with(call(CALL), &broken)).await;
    assert!(answer.body.contains("<ConversationRelay"), "{}", answer.body);
    let (path, token, _) = handed_over(&house, CALL).await;
    let refused = Carrier::knock(&house, &path).await.err();
    assert_eq!(refused, Some(409), "the same step of the same call");
    let (_, url) = answer.body.split_once("<ConversationRelay url=\"wss://phone.example.com").expect("a conversation");
    let mut stranger = Carrier::knock(&house, url.split_once('"').expect("its end").0).await.expect("a token of ours");
    stranger.say(&setup("CA00000000000000000000000000000002", &token)).await;
    assert_eq!(stranger.rest().await.1, 1008);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_hands_a_conversation_over() {
    let (house, _database) = house("").await;
    let mut caller = Caller::comes(&house).await;
    caller.hears().await;
    let stop = house.running.stop_within(std::time::Duration::from_millis(100));
    let farewell = async {
        let end = caller.carrier.hear().await.expect("an end");
        caller.carrier.close().await;
        end
    };
    let ((), end) = tokio::join!(stop, farewell);
    assert!(end["handoffData"].as_str().is_some_and(|data| data.contains("\"again\"")), "{end}");
}

/// The simulator's carrier, whose caller presses 3 and then does this.
async fn simulated(house: &House, acts: &str, words: &[&str]) -> Report {
    let target = Target::new(&house.base(), Some(PUBLIC_URL)).expect("a target");
    let settings = CarrierSettings::new(target, ACCOUNT, Secret::new(TOKEN));
    let carrier = simulator::Carrier::new(settings, Archive::default()).expect("a carrier");
    let words = words.iter().map(ToString::to_string).collect();
    let acts = parse_acts(acts).expect("acts");
    let plan = CallPlan { clock: Clock::System, ..plan(Script { acts, words, ..Script::default() }) };
    carrier.place(plan, |_| {}).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulated_caller_interrupts_and_is_put_through() {
    let (listener, url) = address().await;
    let (house, _database) = house(&url).await;
    let agent = async {
        let (mut agent, _) = Agent::takes(&listener, true).await;
        agent.says("u1", "Good morning, the bakery, we open at seven.", true).await;
        agent.says("u2", "This is never heard.", true).await;
        let cut = agent.until("interrupted").await;
        assert_eq!((&cut["utt"], &cut["dropped"]), (&json!("u1"), &json!(["u2"])));
        assert_eq!(cut["heard_text"], "Good morning, the bake");
        while agent.until("transcript").await["final"] == false {}
        agent.says("u3", "Yes. Press 5 ", false).await;
        agent.says("u3", "for sales.", true).await;
        assert_eq!(agent.until("played").await["utt"], "u3");
        assert_eq!(agent.until("dtmf").await["digit"], "5");
        agent.says("u4", "One moment.", true).await;
        agent.say(&json!({"type": "tool.call", "id": "t1", "name": "transfer", "args": {"to": "sales"}})).await;
        assert_eq!(agent.until("stop").await["reason"], "transferred");
    };
    let (report, ()) = tokio::join!(simulated(&house, "3,s,5", &["Are you open on Sundays?"]), agent);
    let story = transcript(&report);
    assert!(report.went_through, "{story}");
    let heard: Vec<&str> = report.heard().collect();
    let spoken = ["Good morning, the bake", "Yes. Press 5 for sales.", "One moment."];
    assert!(heard.windows(3).any(|heard| heard == spoken), "{story}");
    assert_eq!(report.dialled.len(), 1, "{story}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulated_caller_coughs_and_hears_the_rest() {
    let (listener, url) = address().await;
    let (house, _database) = house(&url).await;
    let agent = async {
        let (mut agent, _) = Agent::takes(&listener, true).await;
        agent.says("u1", "We open at seven.", true).await;
        assert_eq!(agent.until("played").await["utt"], "u1", "it is never told of a cough");
        agent.until("stop").await;
    };
    let (report, ()) = tokio::join!(simulated(&house, "3,s,h", &[]), agent);
    let heard: Vec<&str> = report.heard().map(str::trim).collect();
    assert!(heard.ends_with(&["We open a", "at seven."]), "{}", transcript(&report));
    assert_eq!(report.ended, "the caller hung up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_simulated_emergency_rings_a_person() {
    let (listener, url) = address().await;
    let (house, _database) = house(&url).await;
    let agent = async {
        let (mut agent, _) = Agent::takes(&listener, false).await;
        assert_eq!(agent.until("stop").await["reason"], "emergency");
    };
    let (report, ()) = tokio::join!(simulated(&house, "3", &["My father is not breathing, please come"]), agent);
    assert!(report.went_through && report.dialled.len() == 1, "{}", transcript(&report));
}
