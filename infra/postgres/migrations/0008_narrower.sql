-- Narrower rights, after a review: who needs to write one thing can write only that.

-- The bucket webhook tells of deliveries and of nothing else: with its key nobody writes an act in a person's name.
create or replace function audit_append(bodies text[], salts bytea[], details text[]) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  n int := cardinality(bodies);
  top bigint;
begin
  if n = 0 then return null; end if;
  if session_user = 'portico_intake'
     and exists (select from unnest(bodies) b where b::jsonb->>'action' is distinct from 'document.delivered') then
    raise exception 'intake writes of deliveries only' using errcode = 'insufficient_privilege';
  end if;
  if exists (
    select from unnest(bodies, salts, details) x(body, salt, detail)
     where x.body::jsonb->>'detail'
           is distinct from encode(sha256(x.salt || convert_to(x.detail, 'UTF8')), 'hex')) then
    raise exception 'an act''s detail does not fit its commitment' using errcode = 'check_violation';
  end if;
  update audit_counter set last = last + n returning last into top;
  insert into audit (seq, body, at, action, actor_id, project_id, document_id, subject_id)
  select top - n + x.i, convert_to(x.body, 'UTF8'), (x.j->>'at')::timestamptz, x.j->>'action', (x.j->>'actor_id')::uuid,
         (x.j->>'project_id')::uuid, (x.j->>'document_id')::uuid, (x.j->>'subject_id')::uuid
    from (select b.body, b.body::jsonb as j, b.i from unnest(bodies) with ordinality b(body, i)) x;
  insert into audit_detail (audit_seq, salt, detail)
  select top - n + x.i, x.salt, x.detail
    from unnest(salts, details) with ordinality x(salt, detail, i) where x.detail is not null;
  return top - n + 1;
end $$;

-- People's calls release a version; what was read of it (sums, types, where it lies) is the pipeline's.
revoke update on version from portico_app;
grant update (state, released_by, released_at) on version to portico_app;
