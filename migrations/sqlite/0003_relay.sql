-- Leases, and the numbering of the outbox.

-- Work that one instance does at a time: a name of work and who does it. A row whose time has run out is free.
create table leases (
    name text primary key, -- the work: relay, saga:tx_...
    holder text not null, -- the instance, by a word of its own
    until text not null -- free from then on, unless the holder renews it
);

-- How far the outbox is numbered: one row, locked by whoever numbers.
create table relay (
    id integer primary key check (id = 1), -- always 1
    seq integer not null, -- the last number that was given; never given again, also when its event is gone
    place integer not null -- events.place below which nothing waits for a number any more
);
insert into relay (id, seq, place) values (1, 0, 0);
