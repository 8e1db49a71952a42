//! Golden documents built in code, as the rooms build theirs.

use super::wire_twiml::{canonical, golden};
use switchboard::twiml::{
    Channels, Client, Conference, ConferenceEvent, ConferenceRecord, Connect, ConversationRelay, Dial, DialRecord,
    Enqueue, Gather, GatherInput, Hangup, Interruption, JitterBuffer, Language, Leg, LegEvent, Legs, MachineDetection,
    Method, Number, Parameter, Pause, Permit, Play, PlayDigits, Record, Recording, RecordingEvent, RecordingTrack,
    Redirect, Refer, Reject, RelayDebug, Response, Say, Sip, SpeechTimeout, Start, Stop, StopStream, Stream,
    StreamTrack, Transcription, Trim,
};

#[expect(clippy::disallowed_methods, reason = "a document that is only compared")]
const PERMIT: Permit = Permit::minted_by_the_ledger();

fn equals(number: &str, built: &Response) {
    let (path, document) = golden()
        .into_iter()
        .find(|(path, _)| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(number)))
        .unwrap_or_else(|| panic!("no golden document {number}"));
    assert_eq!(canonical(&built.render()), canonical(&document), "{}", path.display());
}

#[test]
fn plain_verbs() {
    equals("01", &Response::new());
    equals("02", &Response::new().then(Say::new("Thanks for calling Harbor Dental.")));
    let say = Say::new("Bom dia, aguarde por favor.").voice("Polly.Camila-Neural").language("pt-BR").loops(2);
    equals("03", &Response::new().then(say));
    equals("04", &Response::new().then(Say::new("Fish & chips < $10 > \"maybe\" it's ok")));
    equals("06", &Response::new().then(Play::new("https://cdn.harbor.example/hold%20music.mp3").loops(0)));
    equals("07", &Response::new().then(PlayDigits::new("wwww1928#")));
    equals("08", &Response::new().then(Say::new("One moment.")).then(Pause::seconds(3)).then(Hangup::default()));
    equals("09", &Response::new().then(Reject::busy()));
    let redirect = Redirect::to("https://voice.example.net/menu?lang=en&step=2").method(Method::Get);
    equals("10", &Response::new().then(redirect));
}

#[test]
fn gathers() {
    let menu = Gather::new().action("/ivr/menu?tenant=7&v=2").method(Method::Post).num_digits(1).timeout(6);
    let menu = menu.then(Say::new("Press 1 for appointments, 2 for billing."));
    equals("11", &Response::new().then(menu).then(Say::new("We didn't get that.")).then(Redirect::to("/ivr/start")));

    let speech = Gather::new()
        .action("https://voice.example.net/ivr/speech")
        .action_on_empty_result(true)
        .finish_on_key("")
        .hints("appointment, reschedule, Dr. N\u{fa}\u{f1}ez, root canal")
        .input(GatherInput::DtmfSpeech)
        .language("en-US")
        .method(Method::Post)
        .partial_result_callback("/ivr/partial")
        .partial_result_callback_method(Method::Post)
        .profanity_filter(false)
        .speech_model("googlev2_telephony")
        .speech_timeout(SpeechTimeout::Seconds(3))
        .timeout(4)
        .then(Say::new("Tell me how I can help."));
    equals("12", &Response::new().then(speech));

    let pin = Gather::new().barge_in(true).finish_on_key("*").num_digits(4);
    let pin = pin.then(Play::new("https://cdn.harbor.example/pin.wav")).then(Pause::seconds(1));
    equals("13", &Response::new().then(pin.then(Say::new("Enter your pin.").voice("alice"))));
}

#[test]
fn recordings() {
    let all = [RecordingEvent::InProgress, RecordingEvent::Completed, RecordingEvent::Absent];
    let record = Record::new()
        .action("/vm/done")
        .finish_on_key("#*")
        .max_length(180)
        .method(Method::Post)
        .play_beep(true)
        .recording_status_callback("/vm/status")
        .recording_status_callback_event(all)
        .recording_status_callback_method(Method::Post)
        .timeout(10)
        .transcribe(true)
        .transcribe_callback("/vm/transcript")
        .trim(Trim::DoNotTrim);
    let voicemail = Response::new().then(Say::new("Leave a message after the beep.")).then(PERMIT.to(record));
    equals("14", &voicemail.then(Say::new("No recording received.")));

    let recording = Recording::default()
        .channels(Channels::Dual)
        .recording_status_callback("/rec/status")
        .recording_status_callback_event(all)
        .track(RecordingTrack::Both)
        .trim(Trim::DoNotTrim);
    equals("29", &Response::new().then(Start::new(PERMIT.to(recording))).then(Say::new("This call is recorded.")));
}

#[test]
fn phones() {
    let number = Number::new("+12065550188")
        .amd_status_callback("/amd")
        .machine_detection(MachineDetection::Enable)
        .method(Method::Get)
        .send_digits("ww55")
        .status_callback("https://voice.example.net/leg")
        .status_callback_event([LegEvent::Initiated, LegEvent::Ringing, LegEvent::Answered, LegEvent::Completed])
        .status_callback_method(Method::Post)
        .url("/whisper");
    let dial = Dial::new(number)
        .action("/dial/done")
        .answer_on_bridge(true)
        .caller_id("+14155550142")
        .hangup_on_star(true)
        .method(Method::Post)
        .ring_tone("gb")
        .time_limit(3600)
        .timeout(25);
    equals("16", &Response::new().then(dial));

    let hunt: Vec<Leg> =
        vec![Number::new("+12065550101").into(), Number::new("+12065550102").into(), Client::new("front_desk").into()];
    let dial = Dial::new(Legs::new(hunt).expect("three legs")).sequential(true).timeout(15);
    equals("17", &Response::new().then(dial).then(Say::new("Nobody is available.")));

    let mut client = Client::new("agent.smith")
        .status_callback("/client/ev")
        .status_callback_event([LegEvent::Ringing, LegEvent::Answered])
        .url("/client/whisper");
    client.identity.parameters = vec![Parameter::new("case", "A&B-42"), Parameter::new("vip", "true")];
    equals("18", &Response::new().then(Dial::new(Leg::from(client))));

    let sip = Sip::new("sip:jack@pbx.harbor.example;transport=tls?x-case=77&x-src=ivr");
    let sip = sip.password("p<w>\"1").username("edge");
    equals("20", &Response::new().then(Dial::new(Leg::from(sip))));
    let refer = Refer::to("sip:desk@pbx.harbor.example").action("/refer/done").method(Method::Post);
    equals("30", &Response::new().then(refer));
}

#[test]
fn rooms_and_queues() {
    use ConferenceEvent::{End, Hold, Join, Leave, Mute};
    let conference = Conference::new("Room 7")
        .beep(switchboard::twiml::Beep::OnEnter)
        .coach("CA00112233445566778899aabbccddeeff")
        .end_conference_on_exit(false)
        .jitter_buffer_size(JitterBuffer::Small)
        .max_participants(5)
        .muted(false)
        .participant_label("caller-1")
        .record(PERMIT.to(ConferenceRecord::FromStart))
        .region("ie1")
        .start_conference_on_enter(true)
        .status_callback("/conf")
        .status_callback_event([ConferenceEvent::Start, End, Join, Leave, Mute, Hold])
        .trim(Trim::TrimSilence)
        .wait_url("");
    let dial = Dial::new(conference).record(PERMIT.to(DialRecord::FromAnswerDual));
    equals("19", &Response::new().then(dial));

    let queue = switchboard::twiml::Queue::new("support").method(Method::Get).url("/queue/before");
    equals("21", &Response::new().then(Dial::new(queue)));
    let enqueue = Enqueue::queue("support").action("/queue/after").wait_url("/queue/wait").wait_url_method(Method::Get);
    equals("22", &Response::new().then(enqueue).then(Say::new("You left the queue.")));
}

#[test]
fn sockets() {
    let stream = Stream::to("wss://voice.example.net/media/acme")
        .name("assistant")
        .status_callback("https://voice.example.net/stream-status")
        .status_callback_method(Method::Post)
        .parameter("tenant", "acme")
        .parameter("greeting", "Hi \"Zo\u{eb}\" & co");
    let connect = Connect::new(stream).action("/stream/ended").method(Method::Post);
    equals("24", &Response::new().then(connect).then(Say::new("Goodbye.")));

    let tap = Stream::to("wss://voice.example.net/tap").name("tap-1").track(StreamTrack::Both);
    equals("25", &Response::new().then(Start::new(tap)).then(Dial::number("+12065550101")));
    let stop = Stop::new(StopStream::default().name("tap-1"));
    equals("26", &Response::new().then(stop).then(Say::new("Recording tap removed.")));

    let swedish = Language::default().code("sv-SE").speech_model("long").transcription_provider("Google");
    let relay = ConversationRelay::to("wss://voice.example.net/cr")
        .debug([RelayDebug::Debugging, RelayDebug::TokensPlayed])
        .dtmf_detection(true)
        .interruptible(Interruption::Any)
        .language("en-US")
        .report_input_during_agent_speech(Interruption::None)
        .tts_provider("ElevenLabs")
        .welcome_greeting("Hi! How can I help?")
        .welcome_greeting_interruptible(Interruption::Speech)
        .then(swedish.tts_provider("Amazon").voice("Elin-Neural"))
        .then(Parameter::new("ref", "42"));
    equals("27", &Response::new().then(Connect::new(relay).action("https://voice.example.net/cr/done")));

    let words = Transcription::default()
        .enable_automatic_punctuation(true)
        .hints("Harbor, crown, floss")
        .inbound_track_label("caller")
        .language_code("en-US")
        .name("rt1")
        .outbound_track_label("agent")
        .partial_results(true)
        .profanity_filter(false)
        .speech_model("nova-3")
        .status_callback_url("https://voice.example.net/rtt")
        .track(StreamTrack::Both)
        .transcription_engine("deepgram");
    equals("28", &Response::new().then(Start::new(PERMIT.to(words))).then(Pause::seconds(30)));
}
