-- Which scanner looked at a version, with which signatures, and when: what was clean yesterday is looked at again when it
-- knows more. Newest first, a few a minute.

alter table version
  add column scan_engine text,                             -- null: no scanner looked at it
  add column scan_signatures int,                          -- the number of clamd's daily database
  add column scanned_at timestamptz;
create index version_sha256 on version (sha256) where sha256 is not null;   -- copies lie in other projects too
create index archive_file_version on archive_file (version_id);

-- Looks at the next versions that were scanned with other signatures than these, or by nobody, and adds a job for each.
-- The mark 'rescan' holds how far it came. New signatures begin anew at the newest version.
create function rescan_add(most int) returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  known int := (select (m.data->>'signatures')::int from clock_mark m where m.name = 'scanner' and m.data->>'problem' is null);
  mark jsonb;
  one record;
  added int := 0;
begin
  if known is null then return 0; end if;
  insert into clock_mark (name, at, data) values ('rescan', now(), '{}') on conflict (name) do nothing;
  select m.data into mark from clock_mark m where m.name = 'rescan' for update;
  if (mark->>'signatures')::int is distinct from known then
    mark := jsonb_build_object('signatures', known);
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
     order by v.received_at desc, v.id desc limit most
  loop
    perform job_add('rescan', jsonb_build_object('version_id', one.id, 'project_id', one.project_id), '', one.id::text);
    mark := mark || jsonb_build_object('before', to_char(one.received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                                       'id', one.id);
    added := added + 1;
  end loop;
  if added < most then mark := mark || '{"done": true}'; end if;
  update clock_mark set data = mark, at = now() where name = 'rescan';
  return added;
end $$;

-- Administrators are told once a day while the scanner is away or knows only old signatures: by what it said itself, or
-- by a scan that has waited for it for five minutes.
create function scanner_tell() returns int
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  told int := 0;
begin
  if not exists (select from clock_mark m where m.name = 'scanner' and m.data->>'problem' is not null)
     and not exists (select from job j
                      where j.kind = 'scan' and j.state in ('ready', 'active') and j.error like 'scanner\_%'
                        and j.created_at < now() - interval '5 minutes') then
    delete from clock_mark where name = 'scanner.told';
    return 0;
  end if;
  perform job_add('scanner', '{}', '', 'scanner');          -- it may be back: asked each minute, not each hour
  insert into clock_mark (name, at) values ('scanner.told', now())
  on conflict (name) do update set at = excluded.at where clock_mark.at < now() - interval '1 day';
  if not found then return 0; end if;
  select count(job_add('notify', jsonb_build_object('template', 'scanner', 'person_id', p.id), '', 'scanner:' || p.id)) into told
    from person p where person_runs_firm(p);
  return told;
end $$;
revoke execute on function rescan_add, scanner_tell from public;
grant execute on function rescan_add, scanner_tell to portico_pipeline;
