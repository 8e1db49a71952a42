-- Recordings are ours: copied, checksummed, kept as long as promised; and the chain that proves no consent was changed,
-- removed or put in afterwards.

-- One row a recording that the carrier told of, or that was found in its list. What is in our storage is said here only after
-- it is durable there.
create table recordings (
    recording_sid text primary key, -- RE..., the carrier's name of the audio
    call_id bigint not null, -- calls.id; outlives the call's own row
    call_sid text not null, -- the carrier's name of the call
    account_sid text, -- the account that holds it at the carrier
    line text, -- name of the line
    kind text not null, -- voicemail (one message), dial (a conversation)
    voicemail_id text, -- voicemails.id of a message
    state text not null, -- expected, fetching, stored, absent, failed, deleted
    attempts bigint not null, -- times that a copy was begun
    next_at timestamptz not null, -- when a copy is tried (again)
    holder text, -- the instance that copies it now
    held_until timestamptz, -- when another may take over
    problem text, -- why the last try failed
    duration_s bigint, -- seconds, of the copy once there is one
    channels bigint, -- 1 or 2
    bytes bigint, -- length of the copy
    sha256 text, -- of the copy, in hex
    shelf text, -- the storage that holds the copy: folder: and its label
    path text, -- name of the copy there; null once it is removed
    legal_hold boolean not null, -- neither retention nor anybody may remove it, its message or its consents
    hold_reason text, -- why, in the words of who put it on hold
    hold_by text, -- who
    hold_at timestamptz, -- since when
    carrier_deleted_at timestamptz, -- the carrier's copy is gone
    found_at timestamptz not null, -- first heard of
    stored_at timestamptz, -- the copy was durable
    settled_at timestamptz, -- absent, failed or deleted
    told_at timestamptz -- recording.stored was written
);
comment on table recordings is 'One row a recording that the carrier told of, or that was found in its list. What is in our storage is said here only after it is durable there.';
comment on column recordings.recording_sid is 'RE..., the carrier''s name of the audio';
comment on column recordings.call_id is 'calls.id; outlives the call''s own row';
comment on column recordings.call_sid is 'the carrier''s name of the call';
comment on column recordings.account_sid is 'the account that holds it at the carrier';
comment on column recordings.line is 'name of the line';
comment on column recordings.kind is 'voicemail (one message), dial (a conversation)';
comment on column recordings.voicemail_id is 'voicemails.id of a message';
comment on column recordings.state is 'expected, fetching, stored, absent, failed, deleted';
comment on column recordings.attempts is 'times that a copy was begun';
comment on column recordings.next_at is 'when a copy is tried (again)';
comment on column recordings.holder is 'the instance that copies it now';
comment on column recordings.held_until is 'when another may take over';
comment on column recordings.problem is 'why the last try failed';
comment on column recordings.duration_s is 'seconds, of the copy once there is one';
comment on column recordings.channels is '1 or 2';
comment on column recordings.bytes is 'length of the copy';
comment on column recordings.sha256 is 'of the copy, in hex';
comment on column recordings.shelf is 'the storage that holds the copy: folder: and its label';
comment on column recordings.path is 'name of the copy there; null once it is removed';
comment on column recordings.legal_hold is 'neither retention nor anybody may remove it, its message or its consents';
comment on column recordings.hold_reason is 'why, in the words of who put it on hold';
comment on column recordings.hold_by is 'who';
comment on column recordings.hold_at is 'since when';
comment on column recordings.carrier_deleted_at is 'the carrier''s copy is gone';
comment on column recordings.found_at is 'first heard of';
comment on column recordings.stored_at is 'the copy was durable';
comment on column recordings.settled_at is 'absent, failed or deleted';
comment on column recordings.told_at is 'recording.stored was written';

-- How far the chain of consents reaches: one row. A last row that is taken away shows here.
create table consent_chain (
    id bigint primary key, -- always 1
    number bigint not null, -- of the last row
    hash text not null, -- of the last row
    at timestamptz not null -- when it was written
);
comment on table consent_chain is 'How far the chain of consents reaches: one row. A last row that is taken away shows here.';
comment on column consent_chain.id is 'always 1';
comment on column consent_chain.number is 'of the last row';
comment on column consent_chain.hash is 'of the last row';
comment on column consent_chain.at is 'when it was written';

-- Numbers that retention took out of the chain: it goes on after them with this hash.
create table consent_checkpoints (
    first bigint primary key, -- number of the first row that is gone
    last bigint not null, -- number of the last one
    hash text not null, -- of the last one
    at timestamptz not null -- when it was written
);
comment on table consent_checkpoints is 'Numbers that retention took out of the chain: it goes on after them with this hash.';
comment on column consent_checkpoints.first is 'number of the first row that is gone';
comment on column consent_checkpoints.last is 'number of the last one';
comment on column consent_checkpoints.hash is 'of the last one';
comment on column consent_checkpoints.at is 'when it was written';

insert into consent_chain (id, number, hash, at) values (1, 0, '', '2026-01-01T00:00:00.000000+00:00');

alter table consents add column chain_no bigint; -- place in the chain, from 1; null until the chainer gives it, after the commit
comment on column consents.chain_no is 'place in the chain, from 1; null until the chainer gives it, after the commit';
alter table consents add column chained_at timestamptz; -- when it was given
comment on column consents.chained_at is 'when it was given';
alter table consents add column chain_hash text; -- SHA-256 of the hash before and of what the row says, in hex
comment on column consents.chain_hash is 'SHA-256 of the hash before and of what the row says, in hex';
alter table call_events add column noted boolean; -- of recording webhooks: the recorder has read it
comment on column call_events.noted is 'of recording webhooks: the recorder has read it';

create index recordings_due on recordings (next_at) where state in ('expected', 'fetching');
create index recordings_untold on recordings (stored_at) where state = 'stored' and told_at is null;
create index recordings_at_carrier on recordings (stored_at) where state = 'stored' and carrier_deleted_at is null;
create index recordings_stored on recordings (found_at) where state = 'stored';
create index recordings_removing on recordings (settled_at) where state = 'deleted' and path is not null;
create index recordings_settled on recordings (settled_at) where settled_at is not null;
create index recordings_held on recordings (call_id) where legal_hold;
create index recordings_call on recordings (call_id);
create index recordings_found on recordings (found_at, recording_sid);
create index recordings_voicemail on recordings (voicemail_id) where voicemail_id is not null;
create unique index consents_chain on consents (chain_no) where chain_no is not null;
create index consents_unchained on consents (call_id, id) where chain_no is null;
create index call_events_unnoted on call_events (id) where kind = 'recording' and noted is null;

-- A recording that is there beats the word that it is not.
comment on column voicemails.state_rank is '0 expected, 1 recorded, 2 absent or failed, 3 ready';
