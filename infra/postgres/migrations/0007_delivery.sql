-- Was an original really delivered? Each download carries a ticket in its signed URL; the store tells which bytes it sent
-- for it, and when they cover the whole object, that is written down (design: the object store).

create table delivery (
  ticket uuid primary key default uuidv7(),
  version_id uuid not null references version,
  document_id uuid not null references document,
  project_id uuid not null references node,
  person_id uuid not null references person,
  size bigint not null check (size >= 0),               -- bytes of the object
  sent int8multirange not null default '{}',            -- bytes that the store has sent, [first, last + 1)
  issued_at timestamptz not null default now(),
  delivered_at timestamptz
);
create index delivery_version on delivery (version_id);

alter table delivery enable row level security;
create policy wall on delivery to portico_app
  using (project_id = any((select nullif(current_setting('app.projects', true), '')::uuid[])::uuid[]));
grant select, insert on delivery to portico_app;

-- Adds the bytes [first, past) to what was sent for a ticket. Returns the delivery when they now cover the object for the
-- first time, else nothing; an unknown ticket, or one of another version, adds nothing.
create function delivery_sent(p_ticket uuid, p_object_version_id text, p_first bigint, p_past bigint)
returns table (person_id uuid, project_id uuid, document_id uuid, version_id uuid, size bigint)
language sql security definer set search_path = public, pg_temp as $$
with known as (
  select d.ticket, d.delivered_at from delivery d join version v on v.id = d.version_id
   where d.ticket = p_ticket and v.object_version_id = p_object_version_id for update of d
),
added as (
  update delivery d
     set sent = d.sent + int8multirange(int8range(p_first, p_past)),
         delivered_at = coalesce(d.delivered_at,
           case when d.sent + int8multirange(int8range(p_first, p_past)) @> int8range(0, d.size) then clock_timestamp() end)
    from known where d.ticket = known.ticket
  returning d.*, known.delivered_at as before
)
select a.person_id, a.project_id, a.document_id, a.version_id, a.size
  from added a where a.before is null and a.delivered_at is not null $$;
revoke execute on function delivery_sent(uuid, text, bigint, bigint) from public;
grant execute on function delivery_sent(uuid, text, bigint, bigint) to portico_intake;
grant execute on function audit_append(text[], bytea[], text[]) to portico_intake;
