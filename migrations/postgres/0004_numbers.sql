-- Numbers, tenants and the transactions that get them: nothing is paid for that nobody knows of. Times are UTC.

-- Work at the carrier that must end whole or not at all: a number bought, a tenant set up, a number ported or released.
-- Each effect is written down before it is tried; any instance may go on where another stopped.
create table transactions (
    id text primary key, -- txn_...; also the tag by which a purchase is found again at the carrier
    kind text not null, -- provision_number, onboard_tenant, port_number, release_number
    state text not null, -- running, done, rolling_back, rolled_back (nothing is left at the carrier), failed_undo (something may be left; undoing is tried again)
    subject text, -- what it works on, one transaction at a time: a number in E.164, or tenants/ and a name; null until a number is chosen
    line text, -- name of the line
    input text not null, -- JSON: what was asked for; no secrets
    failed_step text, -- name of the step that failed first
    error text, -- why it failed, in a few words; the carrier's code where it gave one
    requested_by text not null, -- who asked for it
    attempts bigint not null, -- failures in a row of the step it stands at; 0 after progress
    next_at timestamptz not null, -- when a worker takes it up next
    lease_holder text, -- the instance that works on it; null when none does
    lease_until timestamptz, -- when another instance may take it over
    created_at timestamptz not null, -- asked for
    updated_at timestamptz not null, -- last entry in the journal
    finished_at timestamptz -- done or rolled_back
);
comment on table transactions is 'Work at the carrier that must end whole or not at all: a number bought, a tenant set up, a number ported or released. Each effect is written down before it is tried; any instance may go on where another stopped.';
comment on column transactions.id is 'txn_...; also the tag by which a purchase is found again at the carrier';
comment on column transactions.kind is 'provision_number, onboard_tenant, port_number, release_number';
comment on column transactions.state is 'running, done, rolling_back, rolled_back (nothing is left at the carrier), failed_undo (something may be left; undoing is tried again)';
comment on column transactions.subject is 'what it works on, one transaction at a time: a number in E.164, or tenants/ and a name; null until a number is chosen';
comment on column transactions.line is 'name of the line';
comment on column transactions.input is 'JSON: what was asked for; no secrets';
comment on column transactions.failed_step is 'name of the step that failed first';
comment on column transactions.error is 'why it failed, in a few words; the carrier''s code where it gave one';
comment on column transactions.requested_by is 'who asked for it';
comment on column transactions.attempts is 'failures in a row of the step it stands at; 0 after progress';
comment on column transactions.next_at is 'when a worker takes it up next';
comment on column transactions.lease_holder is 'the instance that works on it; null when none does';
comment on column transactions.lease_until is 'when another instance may take it over';
comment on column transactions.created_at is 'asked for';
comment on column transactions.updated_at is 'last entry in the journal';
comment on column transactions.finished_at is 'done or rolled_back';

-- The journal: one row a step, written before its effect is tried and after it is known. What crashed between the two
-- is looked up at the carrier, never tried blindly again.
create table transaction_steps (
    transaction_id text not null, -- transactions.id
    number bigint not null, -- place in the order, from 1; undone in the opposite order
    name text not null, -- search, buy, configure, bind, verify ...
    state text not null, -- waiting, doing, done, undoing, undone, failed_undo
    attempts bigint not null, -- how often its effect was tried, doing and undoing together
    result text, -- JSON: what later steps and the undoing need, such as the SID of what was bought; no secrets
    error text, -- why the last try failed
    started_at timestamptz, -- first tried
    tried_at timestamptz, -- last tried, not counting tries to take it back; an effect without an answer may show up for a minute after
    done_at timestamptz, -- its effect was seen
    undone_at timestamptz, -- its effect is seen to be gone
    primary key (transaction_id, number)
);
comment on table transaction_steps is 'The journal: one row a step, written before its effect is tried and after it is known. What crashed between the two is looked up at the carrier, never tried blindly again.';
comment on column transaction_steps.transaction_id is 'transactions.id';
comment on column transaction_steps.number is 'place in the order, from 1; undone in the opposite order';
comment on column transaction_steps.name is 'search, buy, configure, bind, verify ...';
comment on column transaction_steps.state is 'waiting, doing, done, undoing, undone, failed_undo';
comment on column transaction_steps.attempts is 'how often its effect was tried, doing and undoing together';
comment on column transaction_steps.result is 'JSON: what later steps and the undoing need, such as the SID of what was bought; no secrets';
comment on column transaction_steps.error is 'why the last try failed';
comment on column transaction_steps.started_at is 'first tried';
comment on column transaction_steps.tried_at is 'last tried, not counting tries to take it back; an effect without an answer may show up for a minute after';
comment on column transaction_steps.done_at is 'its effect was seen';
comment on column transaction_steps.undone_at is 'its effect is seen to be gone';

-- Telephone numbers that we bought or ported, which line each leads to, and what the carrier should call and was last
-- seen to call.
create table numbers (
    phone_number text primary key, -- E.164
    sid text not null, -- PN..., the carrier's name of it
    account_sid text not null, -- account or sub-account that owns it
    line text, -- name of the line it leads to; null when none
    state text not null, -- active, releasing, released; only active ones lead to their line
    voice_url text not null, -- wanted: where the carrier asks when a call comes in
    voice_fallback_url text not null, -- wanted: where it asks when that fails
    status_callback text not null, -- wanted: where it tells how calls end
    sms_url text not null, -- wanted: where it brings texts
    actual_voice_url text, -- as last seen at the carrier
    actual_voice_fallback_url text, -- as last seen at the carrier
    actual_status_callback text, -- as last seen at the carrier
    actual_sms_url text, -- as last seen at the carrier
    checked_at timestamptz, -- when the carrier was last asked
    monthly_price text, -- decimal, as the carrier or its price list says; null when unknown
    currency text, -- of the price, ISO 4217
    transaction_id text not null, -- transactions.id that brought it, or that takes it away
    created_at timestamptz not null, -- bought or ported
    updated_at timestamptz not null, -- last change
    released_at timestamptz -- given back to the carrier
);
comment on table numbers is 'Telephone numbers that we bought or ported, which line each leads to, and what the carrier should call and was last seen to call.';
comment on column numbers.phone_number is 'E.164';
comment on column numbers.sid is 'PN..., the carrier''s name of it';
comment on column numbers.account_sid is 'account or sub-account that owns it';
comment on column numbers.line is 'name of the line it leads to; null when none';
comment on column numbers.state is 'active, releasing, released; only active ones lead to their line';
comment on column numbers.voice_url is 'wanted: where the carrier asks when a call comes in';
comment on column numbers.voice_fallback_url is 'wanted: where it asks when that fails';
comment on column numbers.status_callback is 'wanted: where it tells how calls end';
comment on column numbers.sms_url is 'wanted: where it brings texts';
comment on column numbers.actual_voice_url is 'as last seen at the carrier';
comment on column numbers.actual_voice_fallback_url is 'as last seen at the carrier';
comment on column numbers.actual_status_callback is 'as last seen at the carrier';
comment on column numbers.actual_sms_url is 'as last seen at the carrier';
comment on column numbers.checked_at is 'when the carrier was last asked';
comment on column numbers.monthly_price is 'decimal, as the carrier or its price list says; null when unknown';
comment on column numbers.currency is 'of the price, ISO 4217';
comment on column numbers.transaction_id is 'transactions.id that brought it, or that takes it away';
comment on column numbers.created_at is 'bought or ported';
comment on column numbers.updated_at is 'last change';
comment on column numbers.released_at is 'given back to the carrier';

-- Accounts of tenants below the operator's own. Their tokens sign webhooks of their calls; stored only sealed with
-- DATA_KEY.
create table subaccounts (
    sid text primary key, -- AC...
    friendly_name text not null, -- its name at the carrier; carries the transaction's id
    sealed_token text not null, -- auth token, sealed with DATA_KEY for this row
    state text not null, -- active, suspended, closed; only the tokens of active ones are accepted
    transaction_id text not null, -- transactions.id that made it
    created_at timestamptz not null, -- made
    updated_at timestamptz not null -- last change
);
comment on table subaccounts is 'Accounts of tenants below the operator''s own. Their tokens sign webhooks of their calls; stored only sealed with DATA_KEY.';
comment on column subaccounts.sid is 'AC...';
comment on column subaccounts.friendly_name is 'its name at the carrier; carries the transaction''s id';
comment on column subaccounts.sealed_token is 'auth token, sealed with DATA_KEY for this row';
comment on column subaccounts.state is 'active, suspended, closed; only the tokens of active ones are accepted';
comment on column subaccounts.transaction_id is 'transactions.id that made it';
comment on column subaccounts.created_at is 'made';
comment on column subaccounts.updated_at is 'last change';

-- Lines onboarded at run time. The file wins when both have a name or number.
create table lines (
    name text primary key, -- as in the definition
    definition text not null, -- TOML: one [[lines]] table, as in switchboard.toml
    transaction_id text, -- transactions.id that made it; null when made otherwise
    created_at timestamptz not null, -- made
    updated_at timestamptz not null -- last change
);
comment on table lines is 'Lines onboarded at run time. The file wins when both have a name or number.';
comment on column lines.name is 'as in the definition';
comment on column lines.definition is 'TOML: one [[lines]] table, as in switchboard.toml';
comment on column lines.transaction_id is 'transactions.id that made it; null when made otherwise';
comment on column lines.created_at is 'made';
comment on column lines.updated_at is 'last change';

-- One transaction at a time on a number or tenant.
create unique index transactions_busy on transactions (subject) where finished_at is null;
create index transactions_due on transactions (next_at) where finished_at is null;
create index transactions_created on transactions (created_at);
