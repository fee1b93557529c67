-- name: facts
-- The first acts only: whoever has more is new no longer, and a busy person's log is long. Of staff the firm's ($2).
with first as materialized (
  (select a.action from audit a where not $2 and a.actor_id = $1 order by a.seq limit 1001)
  union all
  (select a.action from audit a where $2 order by a.seq limit 1001)
)
select coalesce((select array_agg(distinct first.action) from first), '{}') as acts,
       (select count(*) > 1000 from first) as many,
       exists (select from notice_setting s where s.person_id = $1 and s.project_id is null) as chose_notices,
       coalesce((select f.skipped from first_step f where f.person_id = $1), '{}') as skipped,
       coalesce((select f.again from first_step f where f.person_id = $1), false) as again

-- name: remember
insert into first_step (person_id, skipped, again) values ($1, $2, $3)
on conflict (person_id) do update set skipped = excluded.skipped, again = excluded.again
