-- Comes with the rooms that need it.
select 1;
