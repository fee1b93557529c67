-- What a client sees, looked at by the firm. A person of the firm sees for half an hour what both may see: the look is an
-- asker of its own, as a link is, so that nothing of either person's (inbox, favourites, marks of what was read) comes along.
create table seen_as (
  id uuid primary key default uuidv7(),
  session_id uuid not null references session (id) on delete cascade,
  person_id uuid not null references person,           -- whose eyes
  made_by uuid not null references person,             -- who looks
  valid_from timestamptz not null default now(),
  valid_until timestamptz not null default now() + interval '30 minutes'
);
create index seen_as_session on seen_as (session_id);
alter table seen_as enable row level security;
create policy app on seen_as to portico_app using (true);
grant select, insert, update (valid_until) on seen_as to portico_app;

-- As in 0002_access.sql, with such looks: both people are asked, and the lower answer counts.
create or replace function access_selves(whos uuid[], at timestamptz)
returns table (who uuid, id uuid, alive boolean, staff boolean, principals uuid[])
language sql stable as $$
with recursive chain as (
  (select l.id as who, l.id, l.made_by as cap, at >= l.valid_from and at < l.valid_until as alive, null as role, 1 as step
     from link l where l.id = any(whos)
   union all
   select p.id, p.id, p.capped_by, at >= p.valid_from and at < p.valid_until, p.staff_role, 1
     from person p where p.id = any(whos)
   union all
   select s.id, p.id, p.capped_by,
          at >= s.valid_from and at < s.valid_until and at >= p.valid_from and at < p.valid_until, p.staff_role, 1
     from seen_as s join person p on p.id in (s.person_id, s.made_by) where s.id = any(whos))
  union all
  select c.who, p.id, p.capped_by, at >= p.valid_from and at < p.valid_until, p.staff_role, c.step + 1
    from chain c join person p on p.id = c.cap where c.step < 4   -- a link, its maker, the maker's administrator
)
-- Once each: a client's administrator may be the one who looks.
select c.who, c.id, bool_and(c.alive and c.role is distinct from 'auditor'), bool_and(c.role is not null),
       array(select c.id
             union all
             select unnest(array[m.container_id, n.outer_id])
               from membership m left join group_nesting n on n.inner_id = m.group_id
              where m.person_id = c.id and at >= m.valid_from and at < m.valid_until)
  from chain c group by c.who, c.id $$;

-- As in 0034_labels.sql: nothing is new to whom nothing is kept of.
create or replace function document_unread(who uuid, document uuid, project uuid, version jsonb) returns boolean
language sql stable as $$
  select version->'created_by'->>'id' is distinct from who::text
     and not exists (select from opened o where o.person_id = who and o.document_id = document and o.version_id::text = version->>'id')
     and coalesce((version->>'received_at')::timestamptz > greatest(
           (select p.unread_since from person p where p.id = who),
           (select r.at from read_until r where r.person_id = who and r.project_id = project)), false) $$;
