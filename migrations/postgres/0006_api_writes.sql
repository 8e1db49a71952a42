-- Writes of the operators' side that were sent with an Idempotency-Key: who runs them, and what they were answered.
create table api_writes (
    scope text not null, -- who sent it: role and subject of the credential
    key text not null, -- the client's Idempotency-Key
    request bytea not null, -- SHA-256 of method, target and body
    state text not null, -- running, done
    owner text not null, -- the attempt that runs it
    lease_until timestamptz not null, -- until then nobody else runs it
    status bigint, -- HTTP status of the answer
    headers text, -- JSON object of the answer's headers that are sent again
    body bytea, -- the answer's body
    created_at timestamptz not null, -- first attempt
    primary key (scope, key)
);
comment on table api_writes is 'Writes of the operators'' side that were sent with an Idempotency-Key: who runs them, and what they were answered.';
comment on column api_writes.scope is 'who sent it: role and subject of the credential';
comment on column api_writes.key is 'the client''s Idempotency-Key';
comment on column api_writes.request is 'SHA-256 of method, target and body';
comment on column api_writes.state is 'running, done';
comment on column api_writes.owner is 'the attempt that runs it';
comment on column api_writes.lease_until is 'until then nobody else runs it';
comment on column api_writes.status is 'HTTP status of the answer';
comment on column api_writes.headers is 'JSON object of the answer''s headers that are sent again';
comment on column api_writes.body is 'the answer''s body';
comment on column api_writes.created_at is 'first attempt';

create index api_writes_created on api_writes (created_at);
