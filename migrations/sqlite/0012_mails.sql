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
    attempts integer not null, -- times that a mail server was asked
    next_at text not null, -- when it is tried (again)
    holder text, -- the instance that sends it now
    held_until text, -- when another may take over
    problem text, -- why the last try failed, or why it is dropped
    made_at text not null, -- made
    settled_at text, -- not waiting any more
    unique (voicemail_id, kind, recipient)
);

-- How far the outbox has been read for mails: one row.
create table mail_progress (
    id integer primary key check (id = 1), -- always 1
    seq integer not null -- events.seq up to which rows of mails are made
);

-- What came before this step is not mailed.
insert into mail_progress (id, seq) select 1, seq from relay where id = 1;

create index mails_due on mails (next_at) where state = 'waiting';
create index mails_settled on mails (settled_at) where settled_at is not null;
create index mails_call on mails (call_sid);
