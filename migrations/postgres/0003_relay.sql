-- Leases, and the numbering of the outbox.

-- Work that one instance does at a time: a name of work and who does it. A row whose time has run out is free.
create table leases (
    name text primary key, -- the work: relay, saga:tx_...
    holder text not null, -- the instance, by a word of its own
    until timestamptz not null -- free from then on, unless the holder renews it
);
comment on table leases is 'Work that one instance does at a time: a name of work and who does it. A row whose time has run out is free.';
comment on column leases.name is 'the work: relay, saga:tx_...';
comment on column leases.holder is 'the instance, by a word of its own';
comment on column leases.until is 'free from then on, unless the holder renews it';

-- How far the outbox is numbered: one row, locked by whoever numbers.
create table relay (
    id bigint primary key check (id = 1), -- always 1
    seq bigint not null, -- the last number that was given; never given again, also when its event is gone
    place bigint not null -- events.place below which nothing waits for a number any more
);
comment on table relay is 'How far the outbox is numbered: one row, locked by whoever numbers.';
comment on column relay.id is 'always 1';
comment on column relay.seq is 'the last number that was given; never given again, also when its event is gone';
comment on column relay.place is 'events.place below which nothing waits for a number any more';
insert into relay (id, seq, place) values (1, 0, 0);
