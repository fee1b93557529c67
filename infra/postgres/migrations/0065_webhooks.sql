-- Outgoing webhooks: endpoints of other programs, and what is to be told to each. What happened is in the audit log; a
-- delivery is its number and how the telling went. Hence no names here, and no wall: endpoints are the firm's own.

create table webhook (
  id uuid primary key default uuidv7(),
  name text collate name_order not null,
  url text not null,
  types text[] not null check (cardinality(types) > 0),
  projects uuid[] not null default '{}',                   -- only of these; empty: of all
  secret text not null,                                    -- JWE
  old_secret text, old_until timestamptz,                  -- signs beside the new one until then
  state text not null default 'on' check (state in ('on', 'off', 'resting', 'gone')),
  state_at timestamptz not null default now(),
  told_to uuid[] not null default '{}',                    -- of an endpoint at rest: whose inbox says so
  from_seq bigint not null,                                -- what is later than this number of the log is told
  failures int not null default 0,                         -- tries one after the other that did not get through
  quiet_until timestamptz,                                 -- an endpoint in trouble is left alone until then
  answered_at timestamptz,                                 -- when it last took something
  made_by uuid not null references person,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  check ((old_secret is null) = (old_until is null))
);

create table webhook_delivery (
  id uuid primary key default uuidv7(),
  webhook_id uuid not null references webhook,
  audit_seq bigint references audit,                       -- null: a test
  type text not null,
  state text not null default 'waiting' check (state in ('waiting', 'delivered', 'failed')),
  attempts int not null default 0,                         -- since due_since
  status int,                                              -- the last answer's
  reason text,                                             -- why there was none, or why it was not tried
  created_at timestamptz not null default now(),
  due_since timestamptz not null default now(),            -- when it was first to be told, or was begun again by hand
  next_at timestamptz not null default now(),
  last_at timestamptz,
  unique (webhook_id, audit_seq)
);
create index webhook_delivery_due on webhook_delivery (webhook_id, next_at) where state = 'waiting';
create index webhook_delivery_failed on webhook_delivery (webhook_id, created_at) where state = 'failed';
create index webhook_delivery_newest on webhook_delivery (webhook_id, id desc);

grant select, insert, update on webhook, webhook_delivery to portico_app;
grant select, update on webhook to portico_pipeline;
grant select, insert, update, delete on webhook_delivery to portico_pipeline;

insert into clock_mark (name, at, data)
select 'events', now(), jsonb_build_object('seq', last) from audit_counter;

-- An endpoint that has not answered for days, or says that it is gone, is left alone until somebody decides. Whoever made
-- it is told, or, when they do not run the firm any more, everybody who does: in the inbox, and by a mail at once.
-- Returns to whom; nobody when it was at rest already.
create function webhook_rest(p_id uuid, p_state text) returns setof uuid
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  told uuid[];
begin
  update webhook w set state = p_state, state_at = now() where w.id = p_id and w.state = 'on' and w.ended_at is null;
  if not found then return; end if;
  update webhook_delivery d set state = 'failed' where d.webhook_id = p_id and d.state = 'waiting' and d.audit_seq is not null;
  select array_agg(p.id) into told from person p join webhook w on w.id = p_id and w.made_by = p.id where person_runs_firm(p);
  if told is null then select array_agg(p.id) into told from person p where person_runs_firm(p); end if;
  update webhook w set told_to = coalesce(told, '{}') where w.id = p_id;
  perform job_add('notify', jsonb_build_object('template', 'webhook', 'person_id', x, 'webhook_id', p_id)),
          announce('person:' || x)
     from unnest(told) x;
  return query select unnest(told);
end $$;
revoke execute on function webhook_rest from public;
grant execute on function webhook_rest to portico_pipeline;
