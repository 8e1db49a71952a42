-- A court or an insurer wants something kept.

-- Calls that are kept whatever retention and people say, with their messages, recordings and consents; also holds that ended.
create table legal_holds (
    id text primary key, -- hold_...
    call_sid text not null, -- the carrier's name of the call
    reason text not null, -- why, in the words of who put it on hold
    held_by text not null, -- who
    held_at timestamptz not null, -- since when
    released_by text, -- who ended it
    released_at timestamptz -- when it ended; null while it counts
);
comment on table legal_holds is 'Calls that are kept whatever retention and people say, with their messages, recordings and consents; also holds that ended.';
comment on column legal_holds.id is 'hold_...';
comment on column legal_holds.call_sid is 'the carrier''s name of the call';
comment on column legal_holds.reason is 'why, in the words of who put it on hold';
comment on column legal_holds.held_by is 'who';
comment on column legal_holds.held_at is 'since when';
comment on column legal_holds.released_by is 'who ended it';
comment on column legal_holds.released_at is 'when it ended; null while it counts';

create unique index legal_holds_call on legal_holds (call_sid) where released_at is null;
create index legal_holds_held on legal_holds (held_at, id);
