-- Sharing with third parties: what a link asks for, the visits made through it, and downloads by link.

alter table firm add column link_days_max int not null default 90 check (link_days_max between 1 and 3650);

-- Links made before this have no secret and open to nobody.
alter table link
  add column project_id uuid references node,
  add column recipient text not null default '',           -- whom the maker means; shown to those who manage the thing
  add column secret_hash bytea check (length(secret_hash) = 32),   -- the secret travels in the fragment
  add column password_hash text,                           -- argon2id, PHC string
  add column max_opens int check (max_opens >= 1),
  add column opens int not null default 0,
  add column note text,                                    -- told to the visitor
  add column revoked_at timestamptz,
  add column created_at timestamptz not null default now(),
  add check (max_opens is null or opens <= max_opens);
create index link_made_by on link (made_by, id);

create table visit (
  token_hash bytea primary key check (length(token_hash) = 32),   -- SHA-256 of the cookie's 256-bit token
  id uuid not null unique default uuidv7(),
  link_id uuid not null references link,
  name text not null,                                      -- as the visitor gave it: burned into what they look at
  device text not null,
  opened_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index visit_link on visit (link_id, opened_at desc);

grant update (opens, revoked_at) on link to portico_app;
grant select, insert on visit to portico_app;
-- Whoever runs jobs needs a link for the access rule alone, not its secrets.
revoke select on link from portico_pipeline;
grant select (id, made_by, valid_from, valid_until) on link to portico_pipeline;

-- Who downloaded: a person or a link.
alter table delivery alter column person_id drop not null;
alter table delivery add column link_id uuid references link, add check (num_nonnulls(person_id, link_id) = 1);

-- As in 0007; person_id is whoever the ticket was given to, a link too: the log's actor.
create or replace function delivery_sent(p_ticket uuid, p_object_version_id text, p_first bigint, p_past bigint)
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
select coalesce(a.person_id, a.link_id), a.project_id, a.document_id, a.version_id, a.size
  from added a where a.before is null and a.delivered_at is not null $$;
