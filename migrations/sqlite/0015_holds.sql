-- A court or an insurer wants something kept.

-- Calls that are kept whatever retention and people say, with their messages, recordings and consents; also holds that ended.
create table legal_holds (
    id text primary key, -- hold_...
    call_sid text not null, -- the carrier's name of the call
    reason text not null, -- why, in the words of who put it on hold
    held_by text not null, -- who
    held_at text not null, -- since when
    released_by text, -- who ended it
    released_at text -- when it ended; null while it counts
);

create unique index legal_holds_call on legal_holds (call_sid) where released_at is null;
create index legal_holds_held on legal_holds (held_at, id);
