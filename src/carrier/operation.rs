//! What is asked of the carrier, as the metrics name it.

use crate::base::words;

words! {
    /// The label `operation` of `carrier_requests_total`.
    Operation {
        /// Numbers for sale.
        NumberSearch = "number_search",
        /// Numbers of the account.
        NumberList = "number_list",
        /// A purchase.
        NumberBuy = "number_buy",
        /// One number.
        NumberFetch = "number_fetch",
        /// Its settings, or its account.
        NumberUpdate = "number_update",
        /// Giving it back.
        NumberRelease = "number_release",
        /// A new sub-account.
        AccountCreate = "account_create",
        /// Sub-accounts.
        AccountList = "account_list",
        /// One account.
        AccountFetch = "account_fetch",
        /// Its name or status.
        AccountUpdate = "account_update",
        /// An outgoing call.
        CallCreate = "call_create",
        /// Calls.
        CallList = "call_list",
        /// One call.
        CallFetch = "call_fetch",
        /// Redirect or hang-up.
        CallUpdate = "call_update",
        /// Recordings.
        RecordingList = "recording_list",
        /// One recording.
        RecordingFetch = "recording_fetch",
        /// Pause, resume or stop.
        RecordingUpdate = "recording_update",
        /// Its end.
        RecordingDelete = "recording_delete",
        /// Audio.
        Media = "media",
        /// Transcripts.
        TranscriptionList = "transcription_list",
        /// One transcript.
        TranscriptionFetch = "transcription_fetch",
        /// Its end.
        TranscriptionDelete = "transcription_delete",
        /// A text message.
        MessageSend = "message_send",
        /// Text messages.
        MessageList = "message_list",
        /// One of them.
        MessageFetch = "message_fetch",
        /// Whether a number can be ported.
        Portability = "portability",
        /// A porting order.
        PortInCreate = "port_in_create",
        /// How it stands.
        PortInFetch = "port_in_fetch",
        /// Taking it back.
        PortInCancel = "port_in_cancel",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::CARRIER_OPERATIONS;

    #[test]
    fn the_meters_know_every_operation() {
        let words: Vec<_> = Operation::ALL.iter().map(|operation| operation.as_str()).collect();
        assert_eq!(words, CARRIER_OPERATIONS);
    }
}
