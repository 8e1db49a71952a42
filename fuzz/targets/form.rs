//! Any body as a form, and as every typed webhook.
#![no_main]

use libfuzzer_sys::fuzz_target;
use switchboard::twilio::form::Form;
use switchboard::twilio::webhook::*;

fuzz_target!(|body: &[u8]| {
    let form = Form::parse(body);
    let came = form.iter().count();
    for (name, _) in form.iter() {
        assert!(form.get(name).is_some());
    }
    macro_rules! kept {
        ($($type:ident),*) => { $({
            let read = $type::read(&form);
            assert_eq!(read.names().len() + read.rest.len(), came, stringify!($type));
        })* };
    }
    kept!(
        IncomingCall, MachineDetected, GatherResult, GatherPartial, DialResult, RecordResult, RecordingStatus, Transcript,
        LiveTranscription, StatusCallback, StreamStatus, ConnectResult, QueueResult, QueueWait, QueueWhisper,
        ConferenceStatus, IncomingSms, SmsStatus
    );
    if let Some(words) = LiveTranscription::read(&form).words() {
        assert!(words.len() <= body.len());
    }
});
