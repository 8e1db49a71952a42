-- Messages reach people by mail.

-- Mails to people about messages: one row a message, kind and recipient, made from the outbox exactly once.
create table mails (
    id text primary key, -- ml_..., derived from message, kind and recipient
    voicemail_id text not null, -- voicemails.id
    call_sid text not null, -- the carrier's name of the call
    line text not null, -- name of the line
    mailbox text not null, -- name of the box
    kind text not null, -- voicemail (the message), transcript (its words, in the same thread)
    recipient text not null, -- a mail address
    state text not null, -- waiting, sent, included (the words went with the message), refused, expired, dropped
    attempts bigint not null, -- times that a mail server was asked
    next_at timestamptz not null, -- when it is tried (again)
    holder text, -- the instance that sends it now
    held_until timestamptz, -- when another may take over
    problem text, -- why the last try failed, or why it is dropped
    made_at timestamptz not null, -- made
    settled_at timestamptz, -- not waiting any more
    unique (voicemail_id, kind, recipient)
);
comment on table mails is 'Mails to people about messages: one row a message, kind and recipient, made from the outbox exactly once.';
comment on column mails.id is 'ml_..., derived from message, kind and recipient';
comment on column mails.voicemail_id is 'voicemails.id';
comment on column mails.call_sid is 'the carrier''s name of the call';
comment on column mails.line is 'name of the line';
comment on column mails.mailbox is 'name of the box';
comment on column mails.kind is 'voicemail (the message), transcript (its words, in the same thread)';
comment on column mails.recipient is 'a mail address';
comment on column mails.state is 'waiting, sent, included (the words went with the message), refused, expired, dropped';
comment on column mails.attempts is 'times that a mail server was asked';
comment on column mails.next_at is 'when it is tried (again)';
comment on column mails.holder is 'the instance that sends it now';
comment on column mails.held_until is 'when another may take over';
comment on column mails.problem is 'why the last try failed, or why it is dropped';
comment on column mails.made_at is 'made';
comment on column mails.settled_at is 'not waiting any more';

-- How far the outbox has been read for mails: one row.
create table mail_progress (
    id bigint primary key check (id = 1), -- always 1
    seq bigint not null -- events.seq up to which rows of mails are made
);
comment on table mail_progress is 'How far the outbox has been read for mails: one row.';
comment on column mail_progress.id is 'always 1';
comment on column mail_progress.seq is 'events.seq up to which rows of mails are made';

-- What came before this step is not mailed.
insert into mail_progress (id, seq) select 1, seq from relay where id = 1;

create index mails_due on mails (next_at) where state = 'waiting';
create index mails_settled on mails (settled_at) where settled_at is not null;
create index mails_call on mails (call_sid);
