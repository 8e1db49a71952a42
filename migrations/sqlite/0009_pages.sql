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
    priority integer not null, -- 0 to 9
    line text, -- name of the line, of a telephone call
    call_sid text, -- the carrier's name of the call
    caller text, -- name of the caller in the configuration whose rights were used
    from_number text, -- telephone number, or user of the SIP From
    asked_by text, -- name behind the credential
    address text, -- where the request came from
    sip_call_id text, -- Call-ID of the SIP call
    codec text, -- encoding of the sound as it came in
    chime boolean not null, -- whether one was played
    requested_at text not null, -- when it was asked for
    started_at text, -- when the first word was heard
    ended_at text, -- when the last output closed
    packets_in integer, -- packets or frames of the caller
    packets_lost integer, -- that never came
    packets_late integer, -- that came too late to be played
    packets_rejected integer, -- that came from somebody else
    instance text not null, -- the process that plays it
    alive_until text not null -- until when that process has said that it lives; later nobody plays it any more
);

-- The list, newest first.
create index pages_requested on pages (requested_at, id);
-- Pages whose process may have died: few rows, looked at often.
create index pages_playing on pages (alive_until) where state = 'playing';
