-- Limits on calls, shared by all instances.

-- One row a limit in use (GCRA): burst calls at once, then one every every_us. Asked and charged in the transaction of the
-- webhook that opens the call; a row is removed once it says nothing that a new one would not. Times are microseconds since 1970,
-- bound by the instances, and a slow clock can only grant less.
create table rate_limit_buckets (
    key text primary key, -- rule, line, and whom it limits: caller/main/+14035550111
    tat bigint not null, -- theoretical arrival time: when all that was let in will have been paid for
    at_us bigint not null, -- last asked
    burst bigint not null, -- calls at once, as last configured
    every_us bigint not null, -- for each call after that, as last configured
    wanted bigint not null, -- calls that asked last
    granted bigint not null, -- how many of them were let in
    refusing_since bigint -- beginning of the window in which refusals are summed up; null when there are none
) with (fillfactor = 50);
comment on table rate_limit_buckets is 'One row a limit in use (GCRA): burst calls at once, then one every every_us. Asked and charged in the transaction of the webhook that opens the call; a row is removed once it says nothing that a new one would not. Times are microseconds since 1970, bound by the instances, and a slow clock can only grant less.';
comment on column rate_limit_buckets.key is 'rule, line, and whom it limits: caller/main/+14035550111';
comment on column rate_limit_buckets.tat is 'theoretical arrival time: when all that was let in will have been paid for';
comment on column rate_limit_buckets.at_us is 'last asked';
comment on column rate_limit_buckets.burst is 'calls at once, as last configured';
comment on column rate_limit_buckets.every_us is 'for each call after that, as last configured';
comment on column rate_limit_buckets.wanted is 'calls that asked last';
comment on column rate_limit_buckets.granted is 'how many of them were let in';
comment on column rate_limit_buckets.refusing_since is 'beginning of the window in which refusals are summed up; null when there are none';

-- Refused calls stand beside refused requests, each batch by rule and bucket.
alter table rate_limit_rejections add column key text; -- rate_limit_buckets.key of refused calls; null for requests
comment on table rate_limit_rejections is 'Who was turned away, summed up: refused requests by second and rule, refused calls by rule and bucket.';
comment on column rate_limit_rejections.at is 'start of the second; of refused calls the first of them';
comment on column rate_limit_rejections.rule is 'signature.missing, signature.wrong, address.flood (requests); caller, line, account, custom (calls)';
comment on column rate_limit_rejections.count is 'requests or calls';
comment on column rate_limit_rejections.key is 'rate_limit_buckets.key of refused calls; null for requests';

create index rate_limit_buckets_refusing on rate_limit_buckets (refusing_since) where refusing_since is not null;
