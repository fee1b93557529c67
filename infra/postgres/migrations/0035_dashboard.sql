-- What a member of staff finds in the morning: what arrived and they have not opened, what waits for clients, what waits for
-- the firm. Looks back 60 days; the rule decides of every document, as everywhere.
create index version_received on version (received_at desc);
create index one_time_link_made_by on one_time_link (made_by) where used_at is null;

create function dashboard(person uuid, at timestamptz)
returns table (list text, kind text, id uuid, title text, project_id uuid, happened_at timestamptz, by_name text)
language plpgsql stable security definer rows 100
set search_path = public, pg_temp set plan_cache_mode = force_custom_plan set jit = off as $$
#variable_conflict use_column
declare
  since constant timestamptz := at - interval '60 days';
  most constant int := 50;
  me person;
begin
  select * into me from person p where p.id = person;
  return query
  with v as materialized (
    select v.document_id, v.project_id, v.received_at, b.name as by_name
      from version v
      join document d on d.current_version_id = v.id
      left join person b on b.id = v.created_by
     where v.received_at > greatest(since, me.unread_since) and b.staff_role is null and v.erased_at is null
       and not exists (select from opened o where o.person_id = person and o.document_id = v.document_id and o.version_id = v.id)
       and not exists (select from read_until r where r.person_id = person and r.project_id = v.project_id and r.at >= v.received_at)
     order by v.received_at desc limit 300)
  select 'arrived', 'document', d.id, d.name, d.project_id, v.received_at, v.by_name
    from access_levels(array[person], array(select v.document_id from v), at) a
    join v on v.document_id = a.thing_id
    join document d on d.id = a.thing_id
   where a.level > 0 order by v.received_at desc limit most;

  return query
  with v as materialized (
    select v.document_id, v.received_at, b.name as by_name
      from version v
      join document d on d.current_version_id = v.id
      join node p on p.id = v.project_id and p.client_id is not null
      join person b on b.id = v.created_by and b.staff_role is not null
     where v.received_at > since and v.state = 'ready' and v.erased_at is null
       and not exists (select from opened o join person x on x.id = o.person_id and x.staff_role is null
                        where o.document_id = v.document_id and o.version_id = v.id)
     order by v.received_at desc limit 300)
  select 'clients', 'unopened', d.id, d.name, d.project_id, v.received_at, v.by_name
    from access_levels(array[person], array(select v.document_id from v), at) a
    join v on v.document_id = a.thing_id
    join document d on d.id = a.thing_id
   where a.level > 0
     -- Somebody of the client may see it: what is the firm's own in a client's project waits for nobody.
     and exists (select from membership x join node p on p.client_id = x.organisation_id and p.id = d.project_id
                  cross join lateral access_levels(array[x.person_id], array[d.id], at) y
                  where at >= x.valid_from and at < x.valid_until and y.level > 0)
   order by v.received_at desc limit most;

  return query
  select 'clients', 'link', l.id, l.recipient, l.project_id, l.created_at, null::text
    from link l
   where l.made_by = person and l.revoked_at is null and l.secret_hash is not null and l.opens = 0
     and l.valid_until > at and l.created_at > since
   order by l.created_at desc limit most;

  return query
  select 'clients', 'invitation', i.person_id, p.name, null::uuid, i.created_at, null::text
    from one_time_link i join person p on p.id = i.person_id
   where i.made_by = person and i.purpose = 'invitation' and i.used_at is null and i.created_at > since
     and not exists (select from one_time_link n where n.person_id = i.person_id and n.id > i.id)
   order by i.created_at desc limit most;

  return query
  with v as materialized (
    select v.document_id, v.received_at, b.name as by_name
      from version v left join person b on b.id = v.created_by
     where v.received_at > since and v.state = 'held' and v.erased_at is null
     order by v.received_at desc limit 300)
  select 'us', 'held', d.id, d.name, d.project_id, v.received_at, v.by_name
    from access_levels(array[person], array(select v.document_id from v), at) a
    join v on v.document_id = a.thing_id
    join document d on d.id = a.thing_id
   where a.level = 4 order by v.received_at desc limit most;

  return query
  select 'us', 'renewal', l.id, l.recipient, l.project_id, l.renewal_asked_at, null::text
    from link l
   where l.made_by = person and l.revoked_at is null and l.renewal_asked_at is not null
   order by l.renewal_asked_at desc limit most;

  return query
  with c as materialized (
    select c.id, c.documents, c.project_id, b.name as by_name, uuid_extract_timestamp(c.id) as written_at
      from comment c join person b on b.id = c.author_id and b.staff_role is null
     where c.id > uuidv7(since - now()) and c.taken_back_at is null
       and not exists (select from comment n join person s on s.id = n.author_id and s.staff_role is not null
                        where n.documents && c.documents and n.id > c.id)
     order by c.id desc limit 200)
  select distinct on (c.documents[1]) 'us', 'comment', d.id, d.name, c.project_id, c.written_at, c.by_name
    from c join document d on d.id = c.documents[1]
   where (select bool_and(a.level > 0) from access_levels(array[person], c.documents, at) a)
   order by c.documents[1], c.written_at desc limit most;

  if me.staff_role = 'administrator' then
    return query
    select 'us', 'job', null::uuid, count(*)::text, null::uuid, max(j.done_at), null::text
      from job j where j.state = 'dead' having count(*) > 0;
  end if;
end $$;
revoke execute on function dashboard from public;
grant execute on function dashboard to portico_app;
