-- The first call: calls and their timeline, consent, voicemail, the outbox. Times are UTC.
-- SQLite keeps times as RFC 3339 text with microseconds and +00:00, so that text order is time order.

-- One row a call leg, found by the carrier's CallSid. Its state climbs a ladder and never comes down: a late or contradictory
-- callback changes nothing here and stays readable in call_events.
create table calls (
    id integer primary key autoincrement, -- ours, rising, never given twice; what other tables point to
    call_sid text not null unique, -- the carrier's name of the call
    account_sid text, -- the account the webhook named
    parent_call_sid text, -- of a child leg: the call that dialled it
    line text, -- name of the line
    direction text, -- inbound, outbound-api, outbound-dial
    from_number text, -- as the carrier sent it
    to_number text, -- as the carrier sent it
    caller_name text, -- CNAM, where the carrier looks it up
    verstat text, -- StirVerstat: a signal, not a verdict
    state text not null, -- Twilio's CallStatus
    state_rank integer not null, -- rung of the ladder: 0 queued, 1 initiated, 2 ringing, 3 in-progress, 4 final
    outcome text, -- abandoned, rejected, voicemail, answered, emergency: the best that was reached
    outcome_rank integer not null, -- place in that order, -1 for none yet
    reason text, -- why it ended, in a few words
    duration_s integer, -- seconds, from the final callback
    started_at text not null, -- first heard of
    answered_at text, -- a person, an agent or the mailbox was reached
    ended_at text, -- first final state
    updated_at text not null, -- last webhook
    opened_by integer not null, -- call_events.id of the webhook that made the call known
    ended_by integer, -- call_events.id of the webhook that ended it
    answered_by integer -- call_events.id of the webhook that proved it answered
);

-- The timeline: one row a webhook, with what came in, what was decided and the bytes that were answered.
create table call_events (
    id integer primary key, -- unique over instances, rising with time
    call_id integer, -- calls.id; null when the webhook named no call
    at text not null, -- arrival
    kind text not null, -- last part of the route: voice, dtmf, dial ...
    step integer not null, -- step of the call that the URL carried
    sequence integer, -- the carrier's SequenceNumber, where it sends one
    input text not null, -- JSON object of the fields that matter
    decision text not null, -- what was decided and why, one line
    answer text not null, -- the answer's body, byte for byte; every copy of the webhook gets it again
    carrier_token text -- I-Twilio-Idempotency-Token: unsigned, evidence only
);

-- One row a webhook: the hash of exactly what was signed. Lives as long as its call, not a day, so a request that is captured
-- and replayed next week has no effect. The call comes first in the key: hashes fall anywhere, calls of one hour lie side by side,
-- so a commit touches few pages however large the table.
create table idempotency_keys (
    call_id integer not null, -- calls.id; 0 when the webhook named no call
    key blob not null, -- first 16 bytes of SHA-256 over request target and sorted fields
    event_id integer not null, -- call_events.id, where the answer is
    seen integer not null, -- copies that came after the first
    primary key (call_id, key)
) without rowid;

-- Who agreed to be recorded, or did not, and how we know. Written in the transaction of the answer that relies on it.
create table consents (
    id text not null, -- con_..., derived from call and step
    call_id integer not null, -- calls.id
    call_sid text not null, -- the carrier's name of the call
    at text not null, -- when the proof arrived
    scope text not null, -- recording (the conversation) or voicemail (one message)
    method text not null, -- notice-heard, key, message-after-tone
    notice_version text not null, -- version of the notice that was played
    given boolean not null, -- false: refused
    event_id integer not null, -- call_events.id of the webhook that proves it
    primary key (call_id, id)
) without rowid;

-- The inbox. A row stands before the Record verb is sent, so a message can be late but never unknown.
create table voicemails (
    id text primary key, -- vm_..., derived from call and step; carried in the recording's callback URLs
    call_sid text not null, -- the carrier's name of the call
    line text not null, -- name of the line
    mailbox text not null, -- name of the box
    from_number text, -- as the carrier sent it
    state text not null, -- expected, recorded, ready, absent, failed
    state_rank integer not null, -- 0 expected, 1 recorded, 2 settled
    recording_sid text, -- RE...
    duration_s integer, -- seconds
    transcript text, -- the caller's words
    transcript_state text, -- wanted, completed, failed
    expected_at text not null, -- the Record verb was sent
    received_at text, -- settled: ready, absent or failed
    read_at text, -- first played or marked
    deleted_at text, -- moved to the trash
    settled_by integer, -- call_events.id of the webhook that settled it
    transcribed_by integer -- call_events.id of the webhook that completed the transcript
);

-- Real-time transcription comes in numbered pieces, sometimes twice or out of order; the transcript is their text in order.
create table voicemail_pieces (
    voicemail_id text not null, -- voicemails.id
    sequence integer not null, -- the carrier's SequenceId
    text text not null, -- the words
    primary key (voicemail_id, sequence)
) without rowid;

-- The outbox: what other systems are told, written in the transaction of the change it tells of. A relay numbers rows after
-- their commit; readers see only numbered ones.
create table events (
    place integer primary key autoincrement, -- order of insertion: within a call, the order of what happened
    id text not null unique, -- evt_ and a ULID, or derived where two webhooks can tell of the same
    type text not null, -- a name of the event catalogue
    line text, -- name of the line
    subject text not null, -- calls/CA..., voicemails/vm_...
    payload text not null, -- JSON: the envelope's data
    at text not null, -- when it happened
    seq integer -- outbox number; null until the relay gives it
);

-- What went wrong, for the person on call. No secrets, numbers masked.
create table errors (
    id integer primary key, -- ours, rising
    at text not null, -- when
    kind text not null, -- webhook.malformed, webhook.fault, carrier.12100 ...
    message text not null, -- what happened
    call_sid text -- the call, if one is known
);

-- Who was turned away, summed up: one row a second and rule at most.
create table rate_limit_rejections (
    id integer primary key, -- ours, rising
    at text not null, -- start of the second
    rule text not null, -- signature.missing, signature.wrong, address.flood
    count integer not null -- requests
);

create index calls_live on calls (started_at) where state_rank < 4;
create index call_events_call on call_events (call_id);
create index voicemails_expected on voicemails (expected_at);
create index voicemails_call on voicemails (call_sid);
create index voicemails_deleted on voicemails (deleted_at) where deleted_at is not null;
create unique index events_seq on events (seq) where seq is not null;
create index errors_at on errors (at);
create index rate_limit_rejections_at on rate_limit_rejections (at);
