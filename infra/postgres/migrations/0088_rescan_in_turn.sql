-- With new signatures each day the newest versions alone were scanned again where there are many: each number began anew
-- at the top. Half of each batch now are those whose last scan is the longest ago, and they go on where they were.

create index version_scanned on version (coalesce(scanned_at, '-infinity'), id) where erased_at is null;

create or replace function rescan_add(most int) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  known int := (select (m.data->>'signatures')::int from clock_mark m where m.name = 'scanner' and m.data->>'problem' is null);
  oldest int := most / 2;
  mark jsonb;
  one record;
  taken uuid[] := '{}';
  newer int;
begin
  if known is null then return 0; end if;
  insert into clock_mark (name, at, data) values ('rescan', now(), '{}') on conflict (name) do nothing;
  select m.data into mark from clock_mark m where m.name = 'rescan' for update;
  if (mark->>'signatures')::int is distinct from known then
    mark := (mark - 'before' - 'id' - 'done') || jsonb_build_object('signatures', known);
  end if;
  if mark ? 'done' then return 0; end if;
  -- What came today goes first; so does the rest of the last batch.
  if exists (select from job j where j.kind = 'rescan' and j.state in ('ready', 'active')) then return 0; end if;
  for one in
    select v.id, v.project_id, v.received_at
      from version v
     where v.received_at <= coalesce((mark->>'before')::timestamptz, 'infinity')
       and (mark->>'before' is null
            or (v.received_at, v.id) < ((mark->>'before')::timestamptz, (mark->>'id')::uuid))
       and v.state in ('checked', 'previewing', 'ready') and v.erased_at is null
       and v.scan_result in ('clean', 'not_scanned') and v.scan_signatures is distinct from known
     order by v.received_at desc, v.id desc limit most - oldest
  loop
    perform job_add('rescan', jsonb_build_object('version_id', one.id, 'project_id', one.project_id), '', one.id::text);
    mark := mark || jsonb_build_object('before', to_char(one.received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                                       'id', one.id);
    taken := taken || one.id;
  end loop;
  newer := cardinality(taken);
  if newer < most - oldest then mark := mark || '{"done": true}'; end if;
  -- Further on also where a scan failed: it has its turn again with the next round.
  for one in
    select v.id, v.project_id, coalesce(v.scanned_at, '-infinity') as scanned
      from version v
     where (coalesce(v.scanned_at, '-infinity'), v.id)
           > (coalesce((mark->>'scanned')::timestamptz, '-infinity'),
              coalesce((mark->>'scanned_id')::uuid, '00000000-0000-0000-0000-000000000000'))
       and v.state in ('checked', 'previewing', 'ready') and v.erased_at is null
       and v.scan_result in ('clean', 'not_scanned') and v.scan_signatures is distinct from known
       and v.id <> all (taken[1:newer])
     order by coalesce(v.scanned_at, '-infinity'), v.id limit oldest
  loop
    perform job_add('rescan', jsonb_build_object('version_id', one.id, 'project_id', one.project_id), '', one.id::text);
    mark := mark || jsonb_build_object('scanned', one.scanned::text, 'scanned_id', one.id);
    taken := taken || one.id;
  end loop;
  if cardinality(taken) - newer < oldest then mark := mark - 'scanned' - 'scanned_id'; end if;
  update clock_mark set data = mark, at = now() where name = 'rescan';
  return cardinality(taken);
end $$;
