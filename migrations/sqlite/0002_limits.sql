-- Limits on calls, shared by all instances.

-- One row a limit in use (GCRA): burst calls at once, then one every every_us. Asked and charged in the transaction of the
-- webhook that opens the call; a row is removed once it says nothing that a new one would not. Times are microseconds since 1970,
-- bound by the instances, and a slow clock can only grant less.
create table rate_limit_buckets (
    key text primary key not null, -- rule, line, and whom it limits: caller/main/+14035550111
    tat integer not null, -- theoretical arrival time: when all that was let in will have been paid for
    at_us integer not null, -- last asked
    burst integer not null, -- calls at once, as last configured
    every_us integer not null, -- for each call after that, as last configured
    wanted integer not null, -- calls that asked last
    granted integer not null, -- how many of them were let in
    refusing_since integer -- beginning of the window in which refusals are summed up; null when there are none
) without rowid;

-- Refused calls stand beside refused requests, each batch by rule and bucket.
alter table rate_limit_rejections add column key text; -- rate_limit_buckets.key of refused calls; null for requests

create index rate_limit_buckets_refusing on rate_limit_buckets (refusing_since) where refusing_since is not null;
