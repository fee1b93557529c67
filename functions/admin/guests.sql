-- name: days_max
select guest_days_max as n from firm

-- name: list
-- Of one whom the reader ($2) may not know of otherwise it is not told that they had an account before: they come in like
-- anybody who is new.
with known as materialized (select d.id from directory_people($2, now()) d)
select jsonb_build_object('id', p.id, 'name', p.name, 'email', p.email, 'joined',
         case when p.id in (select known.id from known) then p.joined_at is not null
              else exists (select from audit a where a.actor_id = p.id and a.action = 'session.started' and a.at >= g.created_at)
         end) as person,
       jsonb_build_object('id', s.id, 'name', s.name) as sponsor, g.valid_until, exists (select from doers_of(s.id, now()) x where x = $2) as own
  from project_guest g join person p on p.id = g.person_id join person s on s.id = g.sponsor_id
 where g.project_id = $1 and g.ended_at is null
 order by p.name, p.id

-- name: own_of_project
-- Somebody of the firm or of the project's client is no guest of it; nor is another client's sub-account, whom its cap keeps
-- out anyway: but of one whom the sponsor ($3) may not know of that is not told.
select p.id from person p
 where p.id = $2
   and (p.staff_role is not null
        or p.employer_id is not null and p.id in (select d.id from directory_people($3, now()) d)
        or exists (select from belonging b join node n on n.client_id = b.organisation_id
                    where n.id = $1 and b.person_id = p.id and now() >= b.valid_from and now() < b.valid_until))

-- name: set
-- Again for one who was a guest before: the new sponsor and end count.
insert into project_guest (project_id, person_id, sponsor_id, valid_until) values ($1, $2, $3, $4)
on conflict (project_id, person_id) do update
   set sponsor_id = excluded.sponsor_id, valid_until = excluded.valid_until, reminded = 0, ended_at = null

-- name: clamp
-- What they hold by name already.
update access_grant g set valid_until = $3
 where g.person_id = $2 and g.allows and g.valid_until > $3 and g.valid_from < $3
   and coalesce((select n.project_id from node n where n.id = g.node_id),
                (select d.project_id from document d where d.id = g.document_id)) = $1

-- name: lock
select g.person_id as id, g.sponsor_id, g.valid_until from project_guest g
 where g.project_id = $1 and g.person_id = $2 and g.ended_at is null for update

-- name: answers
-- For a guest answers their sponsor, and whoever is the sponsor's deputy.
select x as id from doers_of($1, now()) x where x = $2

-- name: extend
update project_guest set valid_until = $3, reminded = 0 where project_id = $1 and person_id = $2

-- name: take_over
update project_guest set sponsor_id = $3 where project_id = $1 and person_id = $2

-- name: stay
update project_guest set ended_at = now() where project_id = $1 and person_id = $2

-- name: move_grants
-- What ended with the guest ($3) ends at the new end ($4; null: never).
update access_grant g set valid_until = coalesce($4::timestamptz, 'infinity')
 where g.person_id = $2 and g.allows and g.valid_until >= $3 and g.valid_from < coalesce($4::timestamptz, 'infinity')
   and coalesce((select n.project_id from node n where n.id = g.node_id),
                (select d.project_id from document d where d.id = g.document_id)) = $1
