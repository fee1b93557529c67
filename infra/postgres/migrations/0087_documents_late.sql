-- What is new is late also when only its documents are: the database's log goes out by itself, and tells nothing of them.

create function recent_is_late(recent_at timestamptz, documents_at timestamptz, whole_at timestamptz, up_since timestamptz)
returns boolean language sql stable as $$
  select greatest(case when recent_at < documents_at then recent_at else documents_at end, whole_at, up_since)
         < now() - interval '15 minutes' $$;

create or replace function backup_state()
returns table (last_at timestamptz, drilled_at timestamptz, every_minutes int, late boolean, drill_failed boolean,
               saved_at timestamptz, recent_at timestamptz, documents_at timestamptz, recent_late boolean,
               recent_problem text)
language sql stable security definer set search_path = public, pg_temp as $$
  select whole.begun_at, drilled.ended_at, newest.every_minutes,
         coalesce(whole.begun_at, first.begun_at) < now() - 2 * newest.every_minutes * interval '1 minute',
         coalesce((select d.problem is not null from backup_drill d order by d.ended_at desc limit 1), false),
         greatest(whole.begun_at, case when recent.at < recent.documents_at then recent.at else recent.documents_at end),
         recent.at, recent.documents_at,
         coalesce(recent.id and recent_is_late(recent.at, recent.documents_at, whole.begun_at, pg_postmaster_start_time()),
                  false),
         recent.problem
    from (select b.every_minutes from backup b order by b.begun_at desc limit 1) newest
   cross join (select min(b.begun_at) as begun_at from backup b) first
    left join lateral (select b.begun_at from backup b where b.problem is null order by b.begun_at desc limit 1) whole on true
    left join lateral (select d.ended_at from backup_drill d where d.problem is null order by d.ended_at desc limit 1) drilled
      on true
    left join backup_recent recent on true $$;

revoke execute on function recent_is_late(timestamptz, timestamptz, timestamptz, timestamptz) from public;
drop function recent_is_late(timestamptz, timestamptz, timestamptz);
