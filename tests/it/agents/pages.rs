//! Agents who page the building: over sockets of their own, to loudspeakers that listen.

use super::caller::{EDGES, Stage, line, tone_ms};
use super::neutral::Agent;
use super::vendor::Vendor;
use crate::support::Database;
use serde_json::{Value, json};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::time::Duration;
use switchboard::audio::{g711, tone, wav};
use switchboard::simulator::{HeardStream, Speaker, heard_streams};

const NUMBER: &str = "+15875550100";
const SECONDS: Duration = Duration::from_secs(10);
/// What the speech engine makes of every text.
const ENGINE_HZ: f64 = 700.0;

/// A hall with a loudspeaker at an address of its own, a yard that listens to a group, and a speech engine that only knows
/// one tone.
struct Building {
    hall: Speaker,
    yard: Speaker,
    /// Where the engine's sound lies.
    folder: tempfile::TempDir,
    group: SocketAddrV4,
}

impl Building {
    /// `group` is the last number of the yard's group: tests that run at once do not hear each other.
    fn new(group: u8) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let sound = wav::Sound::mono(8_000, tone::sine(ENGINE_HZ, 800, 0.4, 8_000));
        std::fs::write(folder.path().join("said.wav"), wav::pcm16(&sound)).expect("a file");
        // Ports of RTP are even.
        let hall = std::iter::repeat_with(|| Speaker::unicast((Ipv4Addr::LOCALHOST, 0).into()).expect("a speaker"));
        let hall = { hall }.find(|hall| hall.address().port() % 2 == 0).expect("an even port");
        let group = SocketAddrV4::new(Ipv4Addr::new(239, 255, 78, group), 5010);
        let yard = Speaker::group(group, Ipv4Addr::LOCALHOST).expect("a speaker");
        Self { hall, yard, folder, group }
    }

    fn zones(&self) -> String {
        format!(
            "\n[paging.outputs.hall]\nkind = \"unicast\"\naddress = \"127.0.0.1\"\nport = {}\n[paging.outputs.yard]\n\
             kind = \"multicast\"\naddress = \"{}\"\nport = {}\ninterface = \"127.0.0.1\"\nlocal = true\n\
             [paging.zones.701]\nname = \"Hall\"\noutputs = [\"hall\"]\n[paging.zones.702]\noutputs = [\"yard\"]\n\
             [paging.zones.703]\noutputs = [\"yard\"]\n",
            self.hall.address().port(),
            self.group.ip(),
            self.group.port()
        )
    }

    fn voice(&self) -> String {
        let sound = self.folder.path().join("said.wav");
        format!("[lines.speech.voice]\nengine = \"command\"\ncommand = [\"cat\", \"{}\"]\n", sound.display())
    }
}

/// The stream that a loudspeaker heard of a page that is over, with nothing wrong in it.
fn only(speaker: &Speaker) -> HeardStream {
    assert!(speaker.hears(30, SECONDS), "{} packets", speaker.heard().len());
    let mut streams = heard_streams(&speaker.heard());
    assert_eq!(streams.len(), 1, "one page");
    let stream = streams.remove(0);
    assert_eq!(stream.findings, Vec::<String>::new());
    stream
}

/// Milliseconds of a tone on a loudspeaker, whose silence before the words need not fill whole frames of ours.
fn heard(stream: &HeardStream, hz: f64) -> usize {
    let sound: Vec<u8> = stream.samples().into_iter().map(g711::encode).collect();
    tone_ms(&sound, hz)
}

async fn rows(stage: &Stage) -> Vec<Value> {
    let list: Value = serde_json::from_str(&stage.house.get("/api/pages").await.body).expect("JSON");
    list["items"].as_array().expect("a list").clone()
}

/// All pages, once there is one and none plays any more.
async fn over(stage: &Stage) -> Vec<Value> {
    loop {
        let rows = rows(stage).await;
        if rows.iter().any(|row| row["state"] == "ended") && rows.iter().all(|row| row["state"] != "playing") {
            return rows;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_pages_words_and_sound_of_its_own_and_is_told_why_not() {
    for database in Database::each().await {
        let building = Building::new(21);
        let agent = Agent::who(async |mut call| {
            call.begin(json!({"speaks_first": true})).await;
            call.tone("u1", 620.0, 600).await;
            for (id, args) in [
                ("words", json!({"zone": "701", "text": "A customer waits at the desk."})),
                ("again", json!({"zone": "701", "text": "A customer waits at the desk."})),
                ("sound", json!({"zone": "702", "audio_utt": "u1"})),
                ("words", json!({"zone": "701", "text": "The same id has no second effect."})),
                ("elsewhere", json!({"zone": "703", "text": "Not ours."})),
                ("nothing", json!({"zone": "701", "audio_utt": "u9"})),
            ] {
                call.tool(id, "page", args).await;
                call.until("tool.result").await;
            }
            call.say(json!({"type": "stop", "reason": "done", "next": "hangup"})).await;
            call.listen_to_the_end().await;
        })
        .await;
        let more = format!("page_zones = [\"701\", \"702\"]\n{}", building.voice());
        let stage = Stage::on(database, &(line(NUMBER, &(agent.rows() + &more)) + &building.zones())).await;
        let call = stage.call(NUMBER, "3", Vec::new()).await;
        let offered = agent.told.only("start")["tools"].as_array().expect("a list").clone();
        let page = offered.iter().find(|tool| tool["name"] == "page").expect("it is offered");
        assert_eq!(page["parameters"]["properties"]["zone"]["enum"], json!(["701", "702"]));

        let results = agent.told.of("tool.result");
        let [words, again, sound, same, elsewhere, nothing] = results.as_slice() else { panic!("{results:#?}") };
        assert_eq!((&words["ok"], &words["result"]["ms"]), (&json!(true), &json!(800)), "{words}");
        assert_eq!(words, same);
        assert_eq!(again["error"]["code"], "tool_failed", "{again}");
        assert_eq!(again["error"]["reason"], "taken", "{again}");
        assert_eq!((&sound["ok"], &sound["result"]["zone"]), (&json!(true), &json!("702")), "{sound}");
        assert_eq!(
            (&elsewhere["error"]["code"], &elsewhere["error"]["reason"]),
            (&json!("tool_denied"), &json!("not_allowed"))
        );
        assert_eq!(nothing["error"]["code"], "tool_denied", "{nothing}");

        // Pages go on though the call is over.
        let rows = over(&stage).await;
        assert!(heard(&only(&building.hall), ENGINE_HZ).abs_diff(800) <= EDGES, "{}", call.story());
        assert!(heard(&only(&building.yard), 620.0).abs_diff(600) <= EDGES, "{}", call.story());
        let row = rows.iter().find(|row| row["id"] == words["result"]["page"]).expect("its row");
        assert_eq!((&row["source"], &row["reason"]), (&json!("agent"), &json!("finished")), "{row}");
        assert_eq!((&row["call_sid"], &row["line"]), (&json!(call.0.call_sid), &json!("line-15875550100")), "{row}");
        let refused: Vec<&Value> = rows.iter().filter(|row| row["state"] == "refused").collect();
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert_eq!((&refused[0]["reason"], &refused[0]["source"]), (&json!("taken"), &json!("agent")));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_speech_engine_words_are_refused_and_sound_is_not() {
    let building = Building::new(22);
    let agent = Agent::who(async |mut call| {
        call.begin(json!({"speaks_first": true})).await;
        call.part("u1", 620.0, 600).await;
        for args in [json!({"zone": "701", "text": "Hello."}), json!({"zone": "701", "audio_utt": "u1"})] {
            call.tool(&args.to_string(), "page", args).await;
            call.until("tool.result").await;
        }
        call.say(json!({"type": "audio_end", "utt": "u1"})).await;
        call.tool("complete", "page", json!({"zone": "701", "audio_utt": "u1"})).await;
        call.until("tool.result").await;
        call.say(json!({"type": "stop", "reason": "done", "next": "hangup"})).await;
        call.listen_to_the_end().await;
    })
    .await;
    let rows = agent.rows() + "page_zones = [\"701\"]\n";
    let stage = Stage::open(&(line(NUMBER, &rows) + &building.zones())).await;
    stage.call(NUMBER, "3", Vec::new()).await;
    let results = agent.told.of("tool.result");
    let reasons: Vec<&str> = results.iter().filter_map(|result| result["error"]["reason"].as_str()).collect();
    assert_eq!(reasons, ["no_voice", "unplayable"], "{results:#?}");
    assert_eq!(results.last().map(|result| &result["ok"]), Some(&json!(true)), "{results:#?}");
    over(&stage).await;
    assert!(heard(&only(&building.hall), 620.0).abs_diff(600) <= EDGES);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_model_pages_and_the_conversation_goes_on() {
    let building = Building::new(23);
    let vendor = Vendor::plays("11-page", None).await;
    let rows = vendor.rows() + "page_zones = [\"701\"]\n" + &building.voice();
    let stage = Stage::open(&(line(NUMBER, &rows) + &building.zones())).await;
    let call = stage.call(NUMBER, "3,w6.5,h", Vec::new()).await;
    vendor.check();
    over(&stage).await;
    assert!(call.tone(520.0).abs_diff(1_200) <= EDGES, "{} {}", call.tone(520.0), call.story());
    assert!(heard(&only(&building.hall), ENGINE_HZ).abs_diff(800) <= EDGES, "{}", call.story());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_script_pages_and_says_so_where_it_cannot() {
    let building = Building::new(24);
    let script = "prompt = \"Press 1.\"\nagain = false\n[[rules]]\nkey = \"1\"\n[rules.then]\npage = \"701\"\n\
                  text = \"A customer waits.\"\nrefused = \"Nobody can be called.\"\n[[rules]]\nkey = \"2\"\nthen = \"hangup\"\n";
    let rows = format!("script = \"desk.toml\"\npage_zones = [\"701\"]\n{}", building.voice());
    let lines = line(NUMBER, &rows) + &building.zones();
    let stage = Stage::reading(Database::sqlite(), ("desk.toml", script), &lines).await;
    let call = stage.call(NUMBER, "3,w1.5,1,1,w1.5,2", Vec::new()).await;
    let refused = over(&stage).await.iter().filter(|row| row["state"] == "refused").count();
    assert_eq!(refused, 1, "{}", call.story());
    assert!(heard(&only(&building.hall), ENGINE_HZ).abs_diff(800) <= EDGES, "{}", call.story());
    // The prompt, and that the second page was refused.
    assert!(call.tone(ENGINE_HZ).abs_diff(1_600) <= EDGES, "{} {}", call.tone(ENGINE_HZ), call.story());
}
