-- Recordings are ours: copied, checksummed, kept as long as promised; and the chain that proves no consent was changed,
-- removed or put in afterwards.

-- One row a recording that the carrier told of, or that was found in its list. What is in our storage is said here only after
-- it is durable there.
create table recordings (
    recording_sid text primary key, -- RE..., the carrier's name of the audio
    call_id integer not null, -- calls.id; outlives the call's own row
    call_sid text not null, -- the carrier's name of the call
    account_sid text, -- the account that holds it at the carrier
    line text, -- name of the line
    kind text not null, -- voicemail (one message), dial (a conversation)
    voicemail_id text, -- voicemails.id of a message
    state text not null, -- expected, fetching, stored, absent, failed, deleted
    attempts integer not null, -- times that a copy was begun
    next_at text not null, -- when a copy is tried (again)
    holder text, -- the instance that copies it now
    held_until text, -- when another may take over
    problem text, -- why the last try failed
    duration_s integer, -- seconds, of the copy once there is one
    channels integer, -- 1 or 2
    bytes integer, -- length of the copy
    sha256 text, -- of the copy, in hex
    shelf text, -- the storage that holds the copy: folder: and its label
    path text, -- name of the copy there; null once it is removed
    legal_hold boolean not null, -- neither retention nor anybody may remove it, its message or its consents
    hold_reason text, -- why, in the words of who put it on hold
    hold_by text, -- who
    hold_at text, -- since when
    carrier_deleted_at text, -- the carrier's copy is gone
    found_at text not null, -- first heard of
    stored_at text, -- the copy was durable
    settled_at text, -- absent, failed or deleted
    told_at text -- recording.stored was written
);

-- How far the chain of consents reaches: one row. A last row that is taken away shows here.
create table consent_chain (
    id integer primary key, -- always 1
    number integer not null, -- of the last row
    hash text not null, -- of the last row
    at text not null -- when it was written
);

-- Numbers that retention took out of the chain: it goes on after them with this hash.
create table consent_checkpoints (
    first integer primary key, -- number of the first row that is gone
    last integer not null, -- number of the last one
    hash text not null, -- of the last one
    at text not null -- when it was written
);

insert into consent_chain (id, number, hash, at) values (1, 0, '', '2026-01-01T00:00:00.000000+00:00');

alter table consents add column chain_no integer; -- place in the chain, from 1; null until the chainer gives it, after the commit
alter table consents add column chained_at text; -- when it was given
alter table consents add column chain_hash text; -- SHA-256 of the hash before and of what the row says, in hex
alter table call_events add column noted boolean; -- of recording webhooks: the recorder has read it

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
