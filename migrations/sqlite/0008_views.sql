-- The nine views of dashboards. Same names and columns on both engines; times are UTC.

-- Calls that have not ended, newest first. Legs that a call dialled belong to it. A call of more than a day has lost its last callback and is not shown.
create view active_calls (
    call_sid, -- the carrier's name of the call
    line, -- name of the line
    direction, -- inbound, outbound-api
    from_number, -- as the carrier sent it
    to_number, -- as the carrier sent it
    caller_name, -- CNAM, where the carrier looks it up
    state, -- Twilio's CallStatus
    outcome, -- the best that was reached so far; null for nothing yet
    started_at, -- first heard of
    answered_at, -- a person, an agent or the mailbox was reached
    updated_at, -- last webhook
    duration_s -- seconds since it was first heard of
) as
select call_sid, line, direction, from_number, to_number, caller_name, state, outcome, started_at, answered_at, updated_at,
    cast((julianday('now') - julianday(started_at)) * 86400 as integer) as duration_s
from calls
where state_rank < 4 and parent_call_sid is null and started_at > strftime('%Y-%m-%dT%H:%M:%f', 'now', '-24 hours') || '+00:00'
order by started_at desc;

-- Calls by hour and line, newest hour first; an hour without a call has no row. Sum over lines for the whole house.
create view call_volume_hourly (
    hour, -- start of the hour, UTC
    line, -- name of the line; null for a number that no line has
    calls, -- calls that began in this hour
    answered, -- a person or an agent was reached
    voicemail, -- the mailbox was reached
    emergency, -- led straight to a person by an emergency word
    abandoned, -- ended before anything was reached
    rejected, -- over a limit
    active, -- not over yet
    average_duration_s -- seconds, of those that are over
) as
select substr(started_at, 1, 13) || ':00:00+00:00' as hour, line, count(*) as calls,
    count(*) filter (where outcome = 'answered') as answered,
    count(*) filter (where outcome = 'voicemail') as voicemail,
    count(*) filter (where outcome = 'emergency') as emergency,
    count(*) filter (where outcome = 'abandoned') as abandoned,
    count(*) filter (where outcome = 'rejected') as rejected,
    count(*) filter (where state_rank < 4) as active,
    round(avg(duration_s), 1) as average_duration_s
from calls
where parent_call_sid is null
group by 1, line
order by 1 desc, line nulls last;

-- What went wrong in the last seven days, newest first. No secrets, numbers masked.
create view recent_errors (
    at, -- when
    kind, -- webhook.malformed, webhook.fault, carrier.12100 ...
    message, -- what happened
    call_sid -- the call, if one is known
) as
select at, kind, message, call_sid
from errors
where at > strftime('%Y-%m-%dT%H:%M:%f', 'now', '-7 days') || '+00:00'
order by at desc, id desc;

-- Who was turned away by a limit, newest first, summed up: one row a second and rule. Requests that were not signed, or wrongly, are not here: they meet no limit until there are too many of them.
create view rate_limit_violations (
    at, -- start of the second
    rule, -- the rule that refused: caller, line, account, address.flood
    key, -- the bucket that was empty: rule, line and whom it limits; null for requests
    refused -- calls or requests
) as
select at, rule, key, count as refused
from rate_limit_rejections
where rule not like 'signature.%'
order by at desc, id desc;

-- Work at the carrier that failed: taken back, or still to be undone. What an operator took back has not failed. What needs a hand comes first.
create view failed_transactions (
    id, -- txn_...
    kind, -- provision_number, onboard_tenant, port_number, release_number
    state, -- rolling_back, rolled_back (nothing is left at the carrier), failed_undo (something may be left and cost money)
    subject, -- what it worked on: a number, or tenants/ and a name
    line, -- name of the line
    failed_step, -- name of the step that failed first
    error, -- why, in a few words
    requested_by, -- who asked for it
    created_at, -- asked for
    updated_at, -- last entry in the journal
    finished_at -- when nothing was left; null until then
) as
select id, kind, state, subject, line, failed_step, error, requested_by, created_at, updated_at, finished_at
from transactions
where state = 'failed_undo' or (state in ('rolling_back', 'rolled_back') and failed_step is not null)
order by case state when 'failed_undo' then 0 when 'rolling_back' then 1 else 2 end, created_at desc, id;

-- Where each number stands on its way to us, newest first: one row a transaction that buys, ports or onboards.
create view number_provisioning_status (
    transaction_id, -- txn_...
    kind, -- provision_number, onboard_tenant, port_number
    state, -- running, done, rolling_back, rolled_back, failed_undo
    phone_number, -- E.164; null until one is chosen
    line, -- name of the line it is for
    number_sid, -- PN..., the carrier's name of the number; null until it is ours
    step, -- the step it stands at, or failed at; null when it is done
    steps_done, -- steps whose effect is there
    steps, -- all steps
    error, -- why the last try failed
    monthly_price, -- decimal, as the carrier says; null when unknown
    currency, -- of the price, ISO 4217
    requested_by, -- who asked for it
    created_at, -- asked for
    updated_at -- last entry in the journal
) as
select t.id as transaction_id, t.kind, t.state,
    coalesce(n.phone_number, case when t.subject like '+%' then t.subject end) as phone_number,
    coalesce(t.line, n.line) as line, n.sid as number_sid,
    case when t.state <> 'done' then coalesce(t.failed_step, (select s.name from transaction_steps s
        where s.transaction_id = t.id and s.state <> 'done' order by s.number limit 1)) end as step,
    (select count(*) from transaction_steps s where s.transaction_id = t.id and s.state = 'done') as steps_done,
    (select count(*) from transaction_steps s where s.transaction_id = t.id) as steps,
    t.error, n.monthly_price, n.currency, t.requested_by, t.created_at, t.updated_at
from transactions t
left join numbers n on n.transaction_id = t.id
where t.kind in ('provision_number', 'onboard_tenant', 'port_number')
order by t.created_at desc, t.id, n.phone_number;

-- Messages that nobody has played or marked yet, oldest first.
create view voicemail_backlog (
    id, -- vm_...
    call_sid, -- the carrier's name of the call
    line, -- name of the line
    mailbox, -- name of the box
    from_number, -- as the carrier sent it
    recording_sid, -- RE...
    duration_s, -- seconds
    transcript_state, -- wanted, completed, failed; null when none was asked for
    received_at, -- the message was ready
    hours_old -- hours since then, two decimals
) as
select id, call_sid, line, mailbox, from_number, recording_sid, duration_s, transcript_state, received_at,
    round((julianday('now') - julianday(received_at)) * 24, 2) as hours_old
from voicemails
where state = 'ready' and read_at is null and deleted_at is null
order by received_at, id;

-- How the calls of the last 24 hours went: one row for the whole house. A call succeeds when its caller reached somebody or the mailbox.
create view call_success_metrics (
    calls, -- calls that began
    ended, -- of these, over
    answered, -- a person or an agent was reached
    voicemail, -- the mailbox was reached
    emergency, -- led straight to a person by an emergency word
    abandoned, -- ended before anything was reached
    rejected, -- over a limit
    failed, -- ended as failed, busy or no-answer, by the carrier's word
    success_percent, -- answered, voicemail and emergency of those that are over, 0 to 100, one decimal; null when none is over
    average_duration_s, -- seconds, of those that are over
    longest_duration_s -- seconds
) as
select count(*) as calls,
    count(*) filter (where state_rank = 4) as ended,
    count(*) filter (where outcome = 'answered') as answered,
    count(*) filter (where outcome = 'voicemail') as voicemail,
    count(*) filter (where outcome = 'emergency') as emergency,
    count(*) filter (where outcome = 'abandoned') as abandoned,
    count(*) filter (where outcome = 'rejected') as rejected,
    count(*) filter (where state in ('failed', 'busy', 'no-answer')) as failed,
    round(100.0 * count(*) filter (where state_rank = 4 and outcome in ('answered', 'voicemail', 'emergency')) / nullif(count(*) filter (where state_rank = 4), 0), 1) as success_percent,
    round(avg(duration_s), 1) as average_duration_s,
    max(duration_s) as longest_duration_s
from calls
where parent_call_sid is null and started_at > strftime('%Y-%m-%dT%H:%M:%f', 'now', '-24 hours') || '+00:00';

-- Who agreed to be recorded, by day and scope, newest day first.
create view consent_metrics (
    day, -- UTC, such as 2026-11-20
    scope, -- recording (the conversation) or voicemail (one message)
    given, -- rows that agree
    refused, -- rows that refuse
    given_percent, -- given of both, 0 to 100, one decimal
    calls -- calls that these rows belong to
) as
select substr(at, 1, 10) as day, scope, count(*) filter (where given) as given, count(*) filter (where not given) as refused,
    round(100.0 * count(*) filter (where given) / count(*), 1) as given_percent,
    count(distinct call_sid) as calls
from consents
group by 1, scope
order by 1 desc, scope;
