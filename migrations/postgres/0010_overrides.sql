-- What operators say of a line for a while, whatever its hours are. Of several that count at a moment the newest does.
create table overrides (
    id text primary key, -- ov_...
    line text not null, -- name of the line
    state text not null, -- open or closed
    say text not null, -- said to callers instead of the closed greeting; empty: the line's own
    starts_at timestamptz not null, -- counts from then on
    ends_at timestamptz, -- ends by itself then; null: until it is taken back
    source text not null, -- api or call
    made_by text not null, -- name behind the credential, or the caller's number
    created_at timestamptz not null, -- made
    cancelled_at timestamptz, -- taken back
    updated_at timestamptz not null -- last change
);
comment on table overrides is 'What operators say of a line for a while, whatever its hours are. Of several that count at a moment the newest does.';
comment on column overrides.id is 'ov_...';
comment on column overrides.line is 'name of the line';
comment on column overrides.state is 'open or closed';
comment on column overrides.say is 'said to callers instead of the closed greeting; empty: the line''s own';
comment on column overrides.starts_at is 'counts from then on';
comment on column overrides.ends_at is 'ends by itself then; null: until it is taken back';
comment on column overrides.source is 'api or call';
comment on column overrides.made_by is 'name behind the credential, or the caller''s number';
comment on column overrides.created_at is 'made';
comment on column overrides.cancelled_at is 'taken back';
comment on column overrides.updated_at is 'last change';

-- The list, newest first.
create index overrides_created on overrides (created_at, id);
