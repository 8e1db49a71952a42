-- One row for everybody who wanted to page: who, where, what was played, how it ended or why it was refused. Never the sound, never a PIN.
create table pages (
    id text primary key, -- pg_...
    state text not null, -- playing, ended, refused
    reason text, -- why it ended or was refused, in a word
    zones text not null, -- JSON list of extensions
    outputs text not null, -- JSON list of the outputs that it got
    left_out text not null, -- JSON list of outputs that were left to other pages
    played text, -- JSON list: output, packets, fault
    source text not null, -- call, sip, api, bell, command
    priority bigint not null, -- 0 to 9
    line text, -- name of the line, of a telephone call
    call_sid text, -- the carrier's name of the call
    caller text, -- name of the caller in the configuration whose rights were used
    from_number text, -- telephone number, or user of the SIP From
    asked_by text, -- name behind the credential
    address text, -- where the request came from
    sip_call_id text, -- Call-ID of the SIP call
    codec text, -- encoding of the sound as it came in
    chime boolean not null, -- whether one was played
    requested_at timestamptz not null, -- when it was asked for
    started_at timestamptz, -- when the first word was heard
    ended_at timestamptz, -- when the last output closed
    packets_in bigint, -- packets or frames of the caller
    packets_lost bigint, -- that never came
    packets_late bigint, -- that came too late to be played
    packets_rejected bigint, -- that came from somebody else
    instance text not null, -- the process that plays it
    alive_until timestamptz not null -- until when that process has said that it lives; later nobody plays it any more
);
comment on table pages is 'One row for everybody who wanted to page: who, where, what was played, how it ended or why it was refused. Never the sound, never a PIN.';
comment on column pages.id is 'pg_...';
comment on column pages.state is 'playing, ended, refused';
comment on column pages.reason is 'why it ended or was refused, in a word';
comment on column pages.zones is 'JSON list of extensions';
comment on column pages.outputs is 'JSON list of the outputs that it got';
comment on column pages.left_out is 'JSON list of outputs that were left to other pages';
comment on column pages.played is 'JSON list: output, packets, fault';
comment on column pages.source is 'call, sip, api, bell, command';
comment on column pages.priority is '0 to 9';
comment on column pages.line is 'name of the line, of a telephone call';
comment on column pages.call_sid is 'the carrier''s name of the call';
comment on column pages.caller is 'name of the caller in the configuration whose rights were used';
comment on column pages.from_number is 'telephone number, or user of the SIP From';
comment on column pages.asked_by is 'name behind the credential';
comment on column pages.address is 'where the request came from';
comment on column pages.sip_call_id is 'Call-ID of the SIP call';
comment on column pages.codec is 'encoding of the sound as it came in';
comment on column pages.chime is 'whether one was played';
comment on column pages.requested_at is 'when it was asked for';
comment on column pages.started_at is 'when the first word was heard';
comment on column pages.ended_at is 'when the last output closed';
comment on column pages.packets_in is 'packets or frames of the caller';
comment on column pages.packets_lost is 'that never came';
comment on column pages.packets_late is 'that came too late to be played';
comment on column pages.packets_rejected is 'that came from somebody else';
comment on column pages.instance is 'the process that plays it';
comment on column pages.alive_until is 'until when that process has said that it lives; later nobody plays it any more';

-- The list, newest first.
create index pages_requested on pages (requested_at, id);
-- Pages whose process may have died: few rows, looked at often.
create index pages_playing on pages (alive_until) where state = 'playing';
