-- What operators do about callers and about conversations that are recorded.

-- Callers that operators put on a list, mostly out of the call log. They join the lists of the configuration.
create table caller_entries (
    id text primary key, -- cl_...
    line text, -- name of the line; null: every line
    number text not null, -- the caller, as the carrier sends it, or the beginning of numbers with * behind it
    list text not null, -- block, allow or vip
    note text not null, -- why, in the words of who made it; may be empty
    call_sid text, -- the call it was taken from
    ends_at text, -- ends by itself then; null: until it is taken back
    made_by text not null, -- name behind the credential
    created_at text not null, -- made
    cancelled_at text, -- taken back
    updated_at text not null -- last change
);

-- Calls whose caller took consent to being recorded back by way of an operator, while they may still go on: every instance looks here. The row of consents is what proves it.
create table revocations (
    call_sid text primary key, -- the carrier's name of the call
    at text not null -- when
);

alter table recordings add column capture text; -- what an operator last said of it while it ran: recording, paused, stopped; null: nothing
alter table recordings add column revoked_at text; -- the consent it relies on was taken back then, after it had begun

-- The list, newest first.
create index caller_entries_created on caller_entries (created_at, id);
