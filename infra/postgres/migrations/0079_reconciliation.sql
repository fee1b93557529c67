-- The walk through everything that the store holds and the database says, each night: one row a walk. Where it is and
-- what it found so far change in the transaction of each page's repairs, so whoever is killed over it, another goes on.

create table reconciliation (
  id uuid primary key default uuidv7(),
  begun_at timestamptz not null default now(),
  ended_at timestamptz,
  place jsonb,                                             -- where the next page begins; null: it is at its end
  objects bigint not null default 0, versions bigint not null default 0,          -- looked at: in the store, in the database
  inbox_rows int not null default 0, redrawn int not null default 0, acts int not null default 0,   -- repaired
  dangling int not null default 0,                         -- versions whose object is not there
  orphans int not null default 0, drops int not null default 0, leftovers int not null default 0,   -- objects that are nobody's
  findings jsonb not null default '[]',                    -- the first of what it only reports
  check ((ended_at is null) = (place is not null))
);
create unique index reconciliation_open on reconciliation ((true)) where ended_at is null;
grant select, insert, update on reconciliation to portico_pipeline;

-- Which document a dropped object has become.
create index version_drop on version (drop_key) where drop_key is not null;

-- The newest walk and the last one that came to its end, for administrators; for anybody else none.
create function reconciliations(asker uuid) returns setof reconciliation
language sql stable security definer set search_path = public, pg_temp as $$
  select r.* from reconciliation r
   where exists (select from person p where p.id = asker and p.staff_role = 'administrator'
                    and now() >= p.valid_from and now() < p.valid_until)
     and r.id in ((select n.id from reconciliation n order by n.begun_at desc limit 1),
                  (select e.id from reconciliation e where e.ended_at is not null order by e.ended_at desc limit 1))
   order by r.begun_at desc $$;
revoke execute on function reconciliations from public;
grant execute on function reconciliations to portico_app;
