-- What operators say of a line for a while, whatever its hours are. Of several that count at a moment the newest does.
create table overrides (
    id text primary key, -- ov_...
    line text not null, -- name of the line
    state text not null, -- open or closed
    say text not null, -- said to callers instead of the closed greeting; empty: the line's own
    starts_at text not null, -- counts from then on
    ends_at text, -- ends by itself then; null: until it is taken back
    source text not null, -- api or call
    made_by text not null, -- name behind the credential, or the caller's number
    created_at text not null, -- made
    cancelled_at text, -- taken back
    updated_at text not null -- last change
);

-- The list, newest first.
create index overrides_created on overrides (created_at, id);
