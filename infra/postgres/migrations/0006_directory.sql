-- Whom somebody may know of. Lists of people and organisations, and whoever is named in a grant, are filtered by these.
-- Walls and exclusions of 0002 hold for names too; whoever runs the firm (administrators) and whoever reads its log
-- (auditors) stands before no wall, for they open no document by that.

create function directory_organisations(asker uuid, at timestamptz) returns table (id uuid)
language sql stable rows 100 security definer set search_path = public, pg_temp as $$
with me as materialized (
  select p.staff_role as role, s.principals,
         (select coalesce(bool_or(n.walls), false) from node n where n.kind = 'firm') as walls
    from person p join access_selves(array[asker], at) s on s.id = p.id
   where p.id = asker and at >= p.valid_from and at < p.valid_until
)
select o.id from me cross join organisation o
 where not exists (select from exclusion e where e.person_id = asker and e.client_id = o.id)
   and case
         when me.role is null then o.id = any(me.principals)
         when me.role in ('administrator', 'auditor') or not me.walls then true
         else exists (select from assignment a where a.client_id = o.id and a.principal_id = any(me.principals)
                         and at >= a.valid_from and at < a.valid_until)
       end $$;

-- A client knows the people of the own organisations; staff know each other, the people of organisations they know, and
-- guests without one (behind walls: guests of projects they have something in).
create function directory_people(asker uuid, at timestamptz) returns table (id uuid)
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
  select m.person_id, bool_or(m.organisation_id in (select known.id from known)) as known
    from membership m
   where m.organisation_id is not null and at >= m.valid_from and at < m.valid_until
   group by 1
)
select p.id from me cross join person p left join member on member.person_id = p.id
 where p.id = asker
    or member.known
    or (me.role is not null and p.staff_role is not null)
    or (me.role is not null and member.person_id is null and (me.open or exists (
          select from access_grant g left join node n on n.id = g.node_id left join document d on d.id = g.document_id, reach
           where g.person_id = p.id and coalesce(n.project_id, d.project_id) = any(reach.projects)))) $$;

grant execute on function directory_organisations, directory_people to portico_app;
