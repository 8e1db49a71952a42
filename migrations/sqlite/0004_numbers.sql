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
    attempts integer not null, -- failures in a row of the step it stands at; 0 after progress
    next_at text not null, -- when a worker takes it up next
    lease_holder text, -- the instance that works on it; null when none does
    lease_until text, -- when another instance may take it over
    created_at text not null, -- asked for
    updated_at text not null, -- last entry in the journal
    finished_at text -- done or rolled_back
);

-- The journal: one row a step, written before its effect is tried and after it is known. What crashed between the two
-- is looked up at the carrier, never tried blindly again.
create table transaction_steps (
    transaction_id text not null, -- transactions.id
    number integer not null, -- place in the order, from 1; undone in the opposite order
    name text not null, -- search, buy, configure, bind, verify ...
    state text not null, -- waiting, doing, done, undoing, undone, failed_undo
    attempts integer not null, -- how often its effect was tried, doing and undoing together
    result text, -- JSON: what later steps and the undoing need, such as the SID of what was bought; no secrets
    error text, -- why the last try failed
    started_at text, -- first tried
    tried_at text, -- last tried, not counting tries to take it back; an effect without an answer may show up for a minute after
    done_at text, -- its effect was seen
    undone_at text, -- its effect is seen to be gone
    primary key (transaction_id, number)
) without rowid;

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
    checked_at text, -- when the carrier was last asked
    monthly_price text, -- decimal, as the carrier or its price list says; null when unknown
    currency text, -- of the price, ISO 4217
    transaction_id text not null, -- transactions.id that brought it, or that takes it away
    created_at text not null, -- bought or ported
    updated_at text not null, -- last change
    released_at text -- given back to the carrier
);

-- Accounts of tenants below the operator's own. Their tokens sign webhooks of their calls; stored only sealed with
-- DATA_KEY.
create table subaccounts (
    sid text primary key, -- AC...
    friendly_name text not null, -- its name at the carrier; carries the transaction's id
    sealed_token text not null, -- auth token, sealed with DATA_KEY for this row
    state text not null, -- active, suspended, closed; only the tokens of active ones are accepted
    transaction_id text not null, -- transactions.id that made it
    created_at text not null, -- made
    updated_at text not null -- last change
);

-- Lines onboarded at run time. The file wins when both have a name or number.
create table lines (
    name text primary key, -- as in the definition
    definition text not null, -- TOML: one [[lines]] table, as in switchboard.toml
    transaction_id text, -- transactions.id that made it; null when made otherwise
    created_at text not null, -- made
    updated_at text not null -- last change
);

-- One transaction at a time on a number or tenant.
create unique index transactions_busy on transactions (subject) where finished_at is null;
create index transactions_due on transactions (next_at) where finished_at is null;
create index transactions_created on transactions (created_at);
