-- Writes of the operators' side that were sent with an Idempotency-Key: who runs them, and what they were answered.
create table api_writes (
    scope text not null, -- who sent it: role and subject of the credential
    key text not null, -- the client's Idempotency-Key
    request blob not null, -- SHA-256 of method, target and body
    state text not null, -- running, done
    owner text not null, -- the attempt that runs it
    lease_until text not null, -- until then nobody else runs it
    status integer, -- HTTP status of the answer
    headers text, -- JSON object of the answer's headers that are sent again
    body blob, -- the answer's body
    created_at text not null, -- first attempt
    primary key (scope, key)
);

create index api_writes_created on api_writes (created_at);
