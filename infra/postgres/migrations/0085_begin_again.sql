-- A job that was given up has told its version so: the scan held it, the preview left it ready without pages. Begun again
-- it found nothing to do, and the dead letter was gone. In the same transaction the version goes back to where its job has
-- work: what nobody has read is received once more; what is ready is drawn again, and stays ready meanwhile.
create or replace function jobs_again(ids uuid[]) returns table (id uuid, kind text)
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
declare
  one record;
  anew jsonb;
begin
  for one in select j.id, j.kind, j.unique_key, (j.data->>'version_id')::uuid as version_id
               from job j where j.id = any(ids) and j.state = 'dead' order by j.id for update loop
    continue when one.unique_key is not null and exists (
      select from job o where o.kind = one.kind and o.unique_key = one.unique_key and o.state in ('ready', 'active'));
    anew := '{}';
    if one.kind = 'scan' then
      update version v set state = 'received', scan_result = null, scan_detail = null
       where v.id = one.version_id and v.state = 'held' and v.scan_result = 'not_scanned' and v.sha256 is null;
    elsif one.kind = 'preview' and exists (
      select from version v where v.id = one.version_id and v.state = 'ready' and v.preview_result <> 'complete') then
      anew := '{"again": true}';
    end if;
    update job set state = 'ready', attempt = 0, run_at = now(), done_at = null, token = null, error = null,
                   patience_from = now(), data = data || anew
     where job.id = one.id;
    perform pg_notify('portico_job', one.kind);
    id := one.id; kind := one.kind;
    return next;
  end loop;
end $$;
