-- Texts, and who wants none.

-- Texts: those that came in, and those that we send, one row each. A row's state climbs a ladder and never comes down; whoever sends it holds it under a lease.
create table messages (
    id text primary key, -- msg_..., derived from the carrier's name of it, from what it answers, or from the call that was missed
    message_sid text, -- the carrier's name of it: SM... or MM...; null until the carrier has it, and of a reply until it is reported
    account_sid text, -- the carrier's account that it belongs to; null: the operator's own
    line text, -- name of the line; null: no line has the number
    direction text not null, -- inbound or outbound
    kind text not null, -- received; reply (to one that came in), missed-call, api (an operator wrote it), other (only reported to us)
    from_number text, -- who sent it, as the carrier writes it
    to_number text, -- who gets it, as the carrier writes it
    body text, -- the words, numbers of cards hidden; null: not known here
    media text not null default '[]', -- JSON list of what came with it, sid and type each; never fetched
    media_count bigint not null default 0, -- pictures and the like that came with it
    segments bigint, -- parts that the carrier counts
    state text not null, -- received; queued, sending, unknown (nobody knows whether the carrier took it), accepted, sent, delivered, read, undelivered, failed
    state_rank bigint not null, -- rung of the ladder: 0 queued, 1 sending, 2 unknown, 3 accepted, 4 sent, 5 delivered, undelivered, failed, received, 6 read
    error_code bigint, -- the carrier's number of what went wrong, like 30006
    error text, -- what went wrong, in a few words, numbers masked
    in_reply_to text, -- messages.id of the one that it answers
    call_sid text, -- the call that was missed
    requested_by text, -- the operator who wrote it
    attempts bigint not null default 0, -- how often it was handed to the carrier
    due_at timestamptz, -- when it is to be sent, or looked for at the carrier, next; null: nothing is to be done
    asked_at timestamptz, -- when it was last handed to the carrier
    lease_holder text, -- the instance that works on it
    lease_until timestamptz, -- until when, if that does not say otherwise
    created_at timestamptz not null, -- came in, or was asked for
    updated_at timestamptz not null -- last change
);
comment on table messages is 'Texts: those that came in, and those that we send, one row each. A row''s state climbs a ladder and never comes down; whoever sends it holds it under a lease.';
comment on column messages.id is 'msg_..., derived from the carrier''s name of it, from what it answers, or from the call that was missed';
comment on column messages.message_sid is 'the carrier''s name of it: SM... or MM...; null until the carrier has it, and of a reply until it is reported';
comment on column messages.account_sid is 'the carrier''s account that it belongs to; null: the operator''s own';
comment on column messages.line is 'name of the line; null: no line has the number';
comment on column messages.direction is 'inbound or outbound';
comment on column messages.kind is 'received; reply (to one that came in), missed-call, api (an operator wrote it), other (only reported to us)';
comment on column messages.from_number is 'who sent it, as the carrier writes it';
comment on column messages.to_number is 'who gets it, as the carrier writes it';
comment on column messages.body is 'the words, numbers of cards hidden; null: not known here';
comment on column messages.media is 'JSON list of what came with it, sid and type each; never fetched';
comment on column messages.media_count is 'pictures and the like that came with it';
comment on column messages.segments is 'parts that the carrier counts';
comment on column messages.state is 'received; queued, sending, unknown (nobody knows whether the carrier took it), accepted, sent, delivered, read, undelivered, failed';
comment on column messages.state_rank is 'rung of the ladder: 0 queued, 1 sending, 2 unknown, 3 accepted, 4 sent, 5 delivered, undelivered, failed, received, 6 read';
comment on column messages.error_code is 'the carrier''s number of what went wrong, like 30006';
comment on column messages.error is 'what went wrong, in a few words, numbers masked';
comment on column messages.in_reply_to is 'messages.id of the one that it answers';
comment on column messages.call_sid is 'the call that was missed';
comment on column messages.requested_by is 'the operator who wrote it';
comment on column messages.attempts is 'how often it was handed to the carrier';
comment on column messages.due_at is 'when it is to be sent, or looked for at the carrier, next; null: nothing is to be done';
comment on column messages.asked_at is 'when it was last handed to the carrier';
comment on column messages.lease_holder is 'the instance that works on it';
comment on column messages.lease_until is 'until when, if that does not say otherwise';
comment on column messages.created_at is 'came in, or was asked for';
comment on column messages.updated_at is 'last change';

-- The list, newest first.
create index messages_created on messages (created_at, id);
-- What is to be sent or looked for.
create index messages_due on messages (due_at) where due_at is not null;
-- By the carrier's name.
create index messages_sid on messages (message_sid) where message_sid is not null;
-- Once a missed call.
create index messages_call on messages (call_sid) where call_sid is not null;

-- Who wrote STOP to a number of ours, and is sent nothing from it until he writes START.
create table message_opt_outs (
    number text not null, -- ours, that he wrote to
    peer text not null, -- his
    opted_out boolean not null, -- false: taken back
    word text not null, -- what he wrote, or the carrier's number of the refusal that told us
    at timestamptz not null, -- when; the latest word counts
    primary key (number, peer)
);
comment on table message_opt_outs is 'Who wrote STOP to a number of ours, and is sent nothing from it until he writes START.';
comment on column message_opt_outs.number is 'ours, that he wrote to';
comment on column message_opt_outs.peer is 'his';
comment on column message_opt_outs.opted_out is 'false: taken back';
comment on column message_opt_outs.word is 'what he wrote, or the carrier''s number of the refusal that told us';
comment on column message_opt_outs.at is 'when; the latest word counts';
