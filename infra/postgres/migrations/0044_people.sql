-- Organisations that look after their own people, groups that end, walls with a hand on them, guests with a sponsor.

-- ── A client's administrator and her sub-accounts ──────────────────────────────────────────────────────────

-- Who looks after the organisation's people. It is no right on any document.
alter table membership add column administers boolean not null default false;
alter table membership add check (not administers or organisation_id is not null);

-- A sub-account works for the organisation without being of it as far as grants are concerned: what is given to the
-- organisation as a whole is not theirs, only what was given to them by name, and never more than capped_by holds.
alter table person add column employer_id uuid references organisation;
alter table person add check (employer_id is null or (capped_by is not null and staff_role is null));
create index person_employer on person (employer_id) where employer_id is not null;
create index person_capped on person (capped_by) where capped_by is not null;

-- Whose people somebody is one of: for names, not for access.
create view belonging as
  select m.person_id, m.organisation_id, m.valid_from, m.valid_until, m.administers
    from membership m where m.organisation_id is not null
  union all
  select p.id, p.employer_id, '-infinity', 'infinity', false from person p where p.employer_id is not null;
grant select on belonging to portico_app;

-- As in 0006_directory.sql; sub-accounts know, and are known, like the members of their organisation.
create or replace function directory_organisations(asker uuid, at timestamptz) returns table (id uuid)
language sql stable rows 100 security definer set search_path = public, pg_temp as $$
with me as materialized (
  select p.staff_role as role, p.employer_id, s.principals,
         (select coalesce(bool_or(n.walls), false) from node n where n.kind = 'firm') as walls
    from person p join access_selves(array[asker], at) s on s.id = p.id
   where p.id = asker and at >= p.valid_from and at < p.valid_until
)
select o.id from me cross join organisation o
 where not exists (select from exclusion e where e.person_id = asker and e.client_id = o.id)
   and case
         when me.role is null then o.id = any(me.principals) or o.id is not distinct from me.employer_id
         when me.role in ('administrator', 'auditor') or not me.walls then true
         else exists (select from assignment a where a.client_id = o.id and a.principal_id = any(me.principals)
                         and at >= a.valid_from and at < a.valid_until)
       end $$;

create or replace function directory_people(asker uuid, at timestamptz) returns table (id uuid)
language sql stable rows 1000 security definer set search_path = public, pg_temp as $$
with me as materialized (
  select p.staff_role as role,
         p.staff_role in ('administrator', 'auditor')
           or not (select coalesce(bool_or(n.walls), false) from node n where n.kind = 'firm') as open
    from person p where p.id = asker and at >= p.valid_from and at < p.valid_until
),
known as materialized (select o.id from directory_organisations(asker, at) o),
reach as materialized (select access_reach(asker, at) as projects),
member as materialized (
  select b.person_id, bool_or(b.organisation_id in (select known.id from known)) as known
    from belonging b
   where at >= b.valid_from and at < b.valid_until
   group by 1
)
select p.id from me cross join person p left join member on member.person_id = p.id
 where p.id = asker
    or member.known
    or (me.role is not null and p.staff_role is not null)
    or (me.role is not null and member.person_id is null and (me.open or exists (
          select from access_grant g left join node n on n.id = g.node_id left join document d on d.id = g.document_id, reach
           where g.person_id = p.id and coalesce(n.project_id, d.project_id) = any(reach.projects)))) $$;

-- ── Groups ─────────────────────────────────────────────────────────────────────────────────────────────────

-- A group that was given up stays for the log's sake; nobody is in it and nothing is granted to it any more.
alter table groups add column ended_at timestamptz;

-- What would be lost, were a member (a person or an inner group) taken out of the group, or with member null the group
-- given up: done, looked at by the rule, undone. Looks at what is granted to the group or one around it, and at the
-- projects of clients that it works for.
create function group_removal_preview(g uuid, member uuid, at timestamptz, most int default 500)
returns table (who uuid, thing_id uuid, before smallint, after smallint)
language plpgsql volatile security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  names uuid[] := array[g] || array(select n.outer_id from group_nesting n where n.inner_id = g);
  whos uuid[] := access_people(array[coalesce(member, g)]);
  things uuid[];
  a jsonb;
  b jsonb;
begin
  whos := array(select unnest(whos) union select p.id from person p where p.capped_by = any(whos));
  things := array(
    select x.thing_id from access_grant x
     where x.principal_id = any(names) and at >= x.valid_from and at < x.valid_until
    union
    select n.id from assignment s join node n on n.client_id = s.client_id and n.kind = 'project'
     where s.principal_id = any(names) and at >= s.valid_from and at < s.valid_until
    limit most);
  a := (select jsonb_agg(jsonb_build_array(l.who, l.thing_id, l.level)) from access_levels(whos, things, at) l);
  begin
    if member is null then
      delete from membership m where m.group_id = g;
      delete from group_nesting n where n.outer_id = g or n.inner_id = g;
      delete from access_grant x where x.group_id = g;
      delete from assignment s where s.group_id = g;
    else
      delete from membership m where m.group_id = g and m.person_id = member;
      delete from group_nesting n where n.outer_id = g and n.inner_id = member;
    end if;
    b := (select jsonb_agg(jsonb_build_array(l.who, l.thing_id, l.level)) from access_levels(whos, things, at) l);
    raise sqlstate 'PV001';
  exception when sqlstate 'PV001' then null;
  end;
  return query
  select (x.v->>0)::uuid, (x.v->>1)::uuid, (x.v->>2)::smallint, (y.v->>2)::smallint
    from jsonb_array_elements(a) x(v) join jsonb_array_elements(b) y(v) on x.v->0 = y.v->0 and x.v->1 = y.v->1
   where x.v->2 <> y.v->2;
end $$;
revoke execute on function group_removal_preview from public;
grant execute on function group_removal_preview to portico_app;

-- ── Guests ─────────────────────────────────────────────────────────────────────────────────────────────────

alter table firm add column guest_days_max int not null default 180 check (guest_days_max between 1 and 1095);

-- Somebody from outside on a project: never without an end, never without somebody of the firm who answers for them.
create table project_guest (
  project_id uuid not null references node,
  person_id uuid not null references person,
  sponsor_id uuid not null references person,
  valid_until timestamptz not null,
  reminded smallint not null default 0 check (reminded in (0, 1, 2)),   -- 1: fourteen days before, 2: three days before
  ended_at timestamptz,                                                   -- over, or a full account now
  created_at timestamptz not null default now(),
  primary key (project_id, person_id)
);
create index project_guest_due on project_guest (valid_until) where ended_at is null;
create index project_guest_person on project_guest (person_id) where ended_at is null;

alter table project_guest enable row level security;
create policy wall on project_guest to portico_app
  using (project_id = any((select nullif(current_setting('app.projects', true), '')::uuid[])::uuid[]));
create policy pipeline on project_guest to portico_pipeline using (true);
grant select, insert, update on project_guest to portico_app;
grant select, update (reminded, ended_at) on project_guest to portico_pipeline;

-- The end is in the grants themselves, so that the rule needs to know nothing of guests: whatever is given by name to a
-- guest of a project ends with them, whoever gives it.
create function guest_grant() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  ends timestamptz;
begin
  select g.valid_until into ends from project_guest g
   where g.person_id = new.person_id and g.ended_at is null
     and g.project_id = coalesce((select n.project_id from node n where n.id = new.node_id),
                                 (select d.project_id from document d where d.id = new.document_id));
  if ends is not null then
    new.valid_until := greatest(least(new.valid_until, ends), new.valid_from + interval '1 microsecond');
  end if;
  return new;
end $$;
create trigger guest_grant before insert or update of valid_until on access_grant
  for each row when (new.person_id is not null and new.allows) execute function guest_grant();

-- The projects that somebody is a guest of, for the log: a guest reads only what concerns them.
create function guest_projects(person uuid) returns uuid[]
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce(array_agg(g.project_id), '{}') from project_guest g where g.person_id = person and g.ended_at is null $$;

revoke execute on function guest_grant, guest_projects from public;
grant execute on function guest_projects to portico_app;

alter table notice drop constraint notice_kind_check;
alter table notice add constraint notice_kind_check
  check (kind in ('document', 'version', 'access', 'renewal', 'comment', 'archive', 'archive_failed', 'guest'));

-- ── Handing over ───────────────────────────────────────────────────────────────────────────────────────────

-- Whose name a link speaks in, who capped a sub-account and gave it its projects: these go to whoever takes over.
grant update (made_by) on link to portico_app;
grant update (given_by) on access_grant to portico_app;

-- The projects on which somebody answers for guests.
create function guest_sponsored(sponsor uuid) returns uuid[]
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce(array_agg(distinct g.project_id), '{}') from project_guest g where g.sponsor_id = sponsor and g.ended_at is null $$;
revoke execute on function guest_sponsored from public;
grant execute on function guest_sponsored to portico_app;

-- Where a thing lies, for the log's row about it; says nothing of what it is.
create function project_of_thing(thing uuid) returns uuid
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce((select n.project_id from node n where n.id = thing), (select d.project_id from document d where d.id = thing)) $$;
revoke execute on function project_of_thing from public;
grant execute on function project_of_thing to portico_app;
