-- What operators do about callers and about conversations that are recorded.

-- Callers that operators put on a list, mostly out of the call log. They join the lists of the configuration.
create table caller_entries (
    id text primary key, -- cl_...
    line text, -- name of the line; null: every line
    number text not null, -- the caller, as the carrier sends it, or the beginning of numbers with * behind it
    list text not null, -- block, allow or vip
    note text not null, -- why, in the words of who made it; may be empty
    call_sid text, -- the call it was taken from
    ends_at timestamptz, -- ends by itself then; null: until it is taken back
    made_by text not null, -- name behind the credential
    created_at timestamptz not null, -- made
    cancelled_at timestamptz, -- taken back
    updated_at timestamptz not null -- last change
);
comment on table caller_entries is 'Callers that operators put on a list, mostly out of the call log. They join the lists of the configuration.';
comment on column caller_entries.id is 'cl_...';
comment on column caller_entries.line is 'name of the line; null: every line';
comment on column caller_entries.number is 'the caller, as the carrier sends it, or the beginning of numbers with * behind it';
comment on column caller_entries.list is 'block, allow or vip';
comment on column caller_entries.note is 'why, in the words of who made it; may be empty';
comment on column caller_entries.call_sid is 'the call it was taken from';
comment on column caller_entries.ends_at is 'ends by itself then; null: until it is taken back';
comment on column caller_entries.made_by is 'name behind the credential';
comment on column caller_entries.created_at is 'made';
comment on column caller_entries.cancelled_at is 'taken back';
comment on column caller_entries.updated_at is 'last change';

-- Calls whose caller took consent to being recorded back by way of an operator, while they may still go on: every instance looks here. The row of consents is what proves it.
create table revocations (
    call_sid text primary key, -- the carrier's name of the call
    at timestamptz not null -- when
);
comment on table revocations is 'Calls whose caller took consent to being recorded back by way of an operator, while they may still go on: every instance looks here. The row of consents is what proves it.';
comment on column revocations.call_sid is 'the carrier''s name of the call';
comment on column revocations.at is 'when';

alter table recordings add column capture text; -- what an operator last said of it while it ran: recording, paused, stopped; null: nothing
comment on column recordings.capture is 'what an operator last said of it while it ran: recording, paused, stopped; null: nothing';
alter table recordings add column revoked_at timestamptz; -- the consent it relies on was taken back then, after it had begun
comment on column recordings.revoked_at is 'the consent it relies on was taken back then, after it had begun';

-- Consents can be taken back.
comment on column consents.method is 'notice-heard, key, message-after-tone, revoked-by-key, revoked-by-operator';

-- The list, newest first.
create index caller_entries_created on caller_entries (created_at, id);
