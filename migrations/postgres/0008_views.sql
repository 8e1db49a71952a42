-- The nine views of dashboards. Same names and columns on both engines; times are UTC.

-- Calls that have not ended, newest first. Legs that a call dialled belong to it. A call of more than a day has lost its last callback and is not shown.
create view active_calls as
select call_sid, line, direction, from_number, to_number, caller_name, state, outcome, started_at, answered_at, updated_at,
    floor(extract(epoch from now() - started_at))::bigint as duration_s
from calls
where state_rank < 4 and parent_call_sid is null and started_at > now() - interval '24 hours'
order by started_at desc;
comment on view active_calls is 'Calls that have not ended, newest first. Legs that a call dialled belong to it. A call of more than a day has lost its last callback and is not shown.';
comment on column active_calls.call_sid is 'the carrier''s name of the call';
comment on column active_calls.line is 'name of the line';
comment on column active_calls.direction is 'inbound, outbound-api';
comment on column active_calls.from_number is 'as the carrier sent it';
comment on column active_calls.to_number is 'as the carrier sent it';
comment on column active_calls.caller_name is 'CNAM, where the carrier looks it up';
comment on column active_calls.state is 'Twilio''s CallStatus';
comment on column active_calls.outcome is 'the best that was reached so far; null for nothing yet';
comment on column active_calls.started_at is 'first heard of';
comment on column active_calls.answered_at is 'a person, an agent or the mailbox was reached';
comment on column active_calls.updated_at is 'last webhook';
comment on column active_calls.duration_s is 'seconds since it was first heard of';

-- Calls by hour and line, newest hour first; an hour without a call has no row. Sum over lines for the whole house.
create view call_volume_hourly as
select date_trunc('hour', started_at, 'UTC') as hour, line, count(*) as calls,
    count(*) filter (where outcome = 'answered') as answered,
    count(*) filter (where outcome = 'voicemail') as voicemail,
    count(*) filter (where outcome = 'emergency') as emergency,
    count(*) filter (where outcome = 'abandoned') as abandoned,
    count(*) filter (where outcome = 'rejected') as rejected,
    count(*) filter (where state_rank < 4) as active,
    round(avg(duration_s), 1)::double precision as average_duration_s
from calls
where parent_call_sid is null
group by 1, line
order by 1 desc, line;
comment on view call_volume_hourly is 'Calls by hour and line, newest hour first; an hour without a call has no row. Sum over lines for the whole house.';
comment on column call_volume_hourly.hour is 'start of the hour, UTC';
comment on column call_volume_hourly.line is 'name of the line; null for a number that no line has';
comment on column call_volume_hourly.calls is 'calls that began in this hour';
comment on column call_volume_hourly.answered is 'a person or an agent was reached';
comment on column call_volume_hourly.voicemail is 'the mailbox was reached';
comment on column call_volume_hourly.emergency is 'led straight to a person by an emergency word';
comment on column call_volume_hourly.abandoned is 'ended before anything was reached';
comment on column call_volume_hourly.rejected is 'over a limit';
comment on column call_volume_hourly.active is 'not over yet';
comment on column call_volume_hourly.average_duration_s is 'seconds, of those that are over';

-- What went wrong in the last seven days, newest first. No secrets, numbers masked.
create view recent_errors as
select at, kind, message, call_sid
from errors
where at > now() - interval '7 days'
order by at desc, id desc;
comment on view recent_errors is 'What went wrong in the last seven days, newest first. No secrets, numbers masked.';
comment on column recent_errors.at is 'when';
comment on column recent_errors.kind is 'webhook.malformed, webhook.fault, carrier.12100 ...';
comment on column recent_errors.message is 'what happened';
comment on column recent_errors.call_sid is 'the call, if one is known';

-- Who was turned away by a limit, newest first, summed up: one row a second and rule. Requests that were not signed, or wrongly, are not here: they meet no limit until there are too many of them.
create view rate_limit_violations as
select at, rule, key, count as refused
from rate_limit_rejections
where rule not like 'signature.%'
order by at desc, id desc;
comment on view rate_limit_violations is 'Who was turned away by a limit, newest first, summed up: one row a second and rule. Requests that were not signed, or wrongly, are not here: they meet no limit until there are too many of them.';
comment on column rate_limit_violations.at is 'start of the second';
comment on column rate_limit_violations.rule is 'the rule that refused: caller, line, account, address.flood';
comment on column rate_limit_violations.key is 'the bucket that was empty: rule, line and whom it limits; null for requests';
comment on column rate_limit_violations.refused is 'calls or requests';

-- Work at the carrier that failed: taken back, or still to be undone. What an operator took back has not failed. What needs a hand comes first.
create view failed_transactions as
select id, kind, state, subject, line, failed_step, error, requested_by, created_at, updated_at, finished_at
from transactions
where state = 'failed_undo' or (state in ('rolling_back', 'rolled_back') and failed_step is not null)
order by case state when 'failed_undo' then 0 when 'rolling_back' then 1 else 2 end, created_at desc, id;
comment on view failed_transactions is 'Work at the carrier that failed: taken back, or still to be undone. What an operator took back has not failed. What needs a hand comes first.';
comment on column failed_transactions.id is 'txn_...';
comment on column failed_transactions.kind is 'provision_number, onboard_tenant, port_number, release_number';
comment on column failed_transactions.state is 'rolling_back, rolled_back (nothing is left at the carrier), failed_undo (something may be left and cost money)';
comment on column failed_transactions.subject is 'what it worked on: a number, or tenants/ and a name';
comment on column failed_transactions.line is 'name of the line';
comment on column failed_transactions.failed_step is 'name of the step that failed first';
comment on column failed_transactions.error is 'why, in a few words';
comment on column failed_transactions.requested_by is 'who asked for it';
comment on column failed_transactions.created_at is 'asked for';
comment on column failed_transactions.updated_at is 'last entry in the journal';
comment on column failed_transactions.finished_at is 'when nothing was left; null until then';

-- Where each number stands on its way to us, newest first: one row a transaction that buys, ports or onboards.
create view number_provisioning_status as
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
comment on view number_provisioning_status is 'Where each number stands on its way to us, newest first: one row a transaction that buys, ports or onboards.';
comment on column number_provisioning_status.transaction_id is 'txn_...';
comment on column number_provisioning_status.kind is 'provision_number, onboard_tenant, port_number';
comment on column number_provisioning_status.state is 'running, done, rolling_back, rolled_back, failed_undo';
comment on column number_provisioning_status.phone_number is 'E.164; null until one is chosen';
comment on column number_provisioning_status.line is 'name of the line it is for';
comment on column number_provisioning_status.number_sid is 'PN..., the carrier''s name of the number; null until it is ours';
comment on column number_provisioning_status.step is 'the step it stands at, or failed at; null when it is done';
comment on column number_provisioning_status.steps_done is 'steps whose effect is there';
comment on column number_provisioning_status.steps is 'all steps';
comment on column number_provisioning_status.error is 'why the last try failed';
comment on column number_provisioning_status.monthly_price is 'decimal, as the carrier says; null when unknown';
comment on column number_provisioning_status.currency is 'of the price, ISO 4217';
comment on column number_provisioning_status.requested_by is 'who asked for it';
comment on column number_provisioning_status.created_at is 'asked for';
comment on column number_provisioning_status.updated_at is 'last entry in the journal';

-- Messages that nobody has played or marked yet, oldest first.
create view voicemail_backlog as
select id, call_sid, line, mailbox, from_number, recording_sid, duration_s, transcript_state, received_at,
    round(extract(epoch from now() - received_at) / 3600, 2)::double precision as hours_old
from voicemails
where state = 'ready' and read_at is null and deleted_at is null
order by received_at, id;
comment on view voicemail_backlog is 'Messages that nobody has played or marked yet, oldest first.';
comment on column voicemail_backlog.id is 'vm_...';
comment on column voicemail_backlog.call_sid is 'the carrier''s name of the call';
comment on column voicemail_backlog.line is 'name of the line';
comment on column voicemail_backlog.mailbox is 'name of the box';
comment on column voicemail_backlog.from_number is 'as the carrier sent it';
comment on column voicemail_backlog.recording_sid is 'RE...';
comment on column voicemail_backlog.duration_s is 'seconds';
comment on column voicemail_backlog.transcript_state is 'wanted, completed, failed; null when none was asked for';
comment on column voicemail_backlog.received_at is 'the message was ready';
comment on column voicemail_backlog.hours_old is 'hours since then, two decimals';

-- How the calls of the last 24 hours went: one row for the whole house. A call succeeds when its caller reached somebody or the mailbox.
create view call_success_metrics as
select count(*) as calls,
    count(*) filter (where state_rank = 4) as ended,
    count(*) filter (where outcome = 'answered') as answered,
    count(*) filter (where outcome = 'voicemail') as voicemail,
    count(*) filter (where outcome = 'emergency') as emergency,
    count(*) filter (where outcome = 'abandoned') as abandoned,
    count(*) filter (where outcome = 'rejected') as rejected,
    count(*) filter (where state in ('failed', 'busy', 'no-answer')) as failed,
    round(100.0 * count(*) filter (where state_rank = 4 and outcome in ('answered', 'voicemail', 'emergency')) / nullif(count(*) filter (where state_rank = 4), 0), 1)::double precision as success_percent,
    round(avg(duration_s), 1)::double precision as average_duration_s,
    max(duration_s) as longest_duration_s
from calls
where parent_call_sid is null and started_at > now() - interval '24 hours';
comment on view call_success_metrics is 'How the calls of the last 24 hours went: one row for the whole house. A call succeeds when its caller reached somebody or the mailbox.';
comment on column call_success_metrics.calls is 'calls that began';
comment on column call_success_metrics.ended is 'of these, over';
comment on column call_success_metrics.answered is 'a person or an agent was reached';
comment on column call_success_metrics.voicemail is 'the mailbox was reached';
comment on column call_success_metrics.emergency is 'led straight to a person by an emergency word';
comment on column call_success_metrics.abandoned is 'ended before anything was reached';
comment on column call_success_metrics.rejected is 'over a limit';
comment on column call_success_metrics.failed is 'ended as failed, busy or no-answer, by the carrier''s word';
comment on column call_success_metrics.success_percent is 'answered, voicemail and emergency of those that are over, 0 to 100, one decimal; null when none is over';
comment on column call_success_metrics.average_duration_s is 'seconds, of those that are over';
comment on column call_success_metrics.longest_duration_s is 'seconds';

-- Who agreed to be recorded, by day and scope, newest day first.
create view consent_metrics as
select (at at time zone 'UTC')::date as day, scope, count(*) filter (where given) as given, count(*) filter (where not given) as refused,
    round(100.0 * count(*) filter (where given) / count(*), 1)::double precision as given_percent,
    count(distinct call_sid) as calls
from consents
group by 1, scope
order by 1 desc, scope;
comment on view consent_metrics is 'Who agreed to be recorded, by day and scope, newest day first.';
comment on column consent_metrics.day is 'UTC, such as 2026-11-20';
comment on column consent_metrics.scope is 'recording (the conversation) or voicemail (one message)';
comment on column consent_metrics.given is 'rows that agree';
comment on column consent_metrics.refused is 'rows that refuse';
comment on column consent_metrics.given_percent is 'given of both, 0 to 100, one decimal';
comment on column consent_metrics.calls is 'calls that these rows belong to';
