//! How long rows are kept: `[retention]` of `switchboard.toml`.

/// Days a row is kept after it last changed; 0 keeps it for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// `calls` with their `call_events` and `idempotency_keys`.
    pub calls_days: u32,
    /// `consents`: evidence, kept longer than the calls they belong to.
    pub consents_days: u32,
    /// `voicemails` that nobody deleted, with their `voicemail_pieces`.
    pub voicemails_days: u32,
    /// `voicemails` that somebody deleted.
    pub trash_days: u32,
    /// Audio of recorded conversations; that of a message goes with its message.
    pub recordings_days: u32,
    /// `events`.
    pub events_days: u32,
    /// `errors`.
    pub errors_days: u32,
    /// `rate_limit_rejections`.
    pub rejections_days: u32,
    /// `transactions` that ended, with their `transaction_steps`; `numbers` and `subaccounts` that were given back.
    pub transactions_days: u32,
    /// `pages` that ended or were refused.
    pub pages_days: u32,
    /// `messages`: texts.
    pub messages_days: u32,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            calls_days: 365,
            consents_days: 1095,
            voicemails_days: 365,
            trash_days: 30,
            recordings_days: 365,
            events_days: 30,
            errors_days: 90,
            rejections_days: 30,
            transactions_days: 365,
            pages_days: 365,
            messages_days: 365,
        }
    }
}
