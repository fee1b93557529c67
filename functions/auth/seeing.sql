-- name: client
-- Whom the asker may know of, active, and of no staff.
select p.id, p.name from directory_people($1, now()) d join person p on p.id = d.id
 where p.id = $2 and p.staff_role is null and now() >= p.valid_from and now() < p.valid_until

-- name: begin
insert into seen_as (session_id, person_id, made_by) values ($1, $2, $3) returning id, valid_until as until

-- name: in_common
-- Projects in which both see something; with $3 only those in which the asker manages something.
select coalesce(cardinality(array(
         select unnest(access_reach($1, now()))
         intersect select unnest(access_reach($2, now(), case when $3 then 4 else 1 end)))), 0) as count

-- name: end
update seen_as set valid_until = now() where id = $1 and valid_until > now()
