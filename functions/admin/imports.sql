-- name: one_at_a_time
-- Clients are known by their names here, and nothing else keeps two imports from taking on the same one twice.
select pg_advisory_xact_lock(hashtext('portico_import'))

-- name: people
-- Who has these addresses already; locked where something is to be written.
select p.email_key, p.id, p.name, p.locale, p.staff_role, p.joined_at is not null as joined,
       now() >= p.valid_from and now() < p.valid_until as active, p.capped_by is not null as sub_account,
       known.id is not null as known,
       exists (select from one_time_link l where l.person_id = p.id and l.purpose = 'invitation'
                  and l.used_at is null and l.expires_at > now()) as invited,
       array(select b.organisation_id from belonging b
              where b.person_id = p.id and now() >= b.valid_from and now() < b.valid_until) as organisation_ids
  from person p left join (select d.id from directory_people($1, now()) d) known on known.id = p.id
 where p.email_key = any($2)

-- name: lock_people
select from person where email_key = any($1) order by id for no key update

-- name: organisations
select o.id, o.name from directory_organisations($1, now()) d join organisation o on o.id = d.id

-- name: take_on
-- Behind walls whoever takes a client on works for it; else they would not see it themselves.
with made as (
  insert into organisation (name) select x from unnest($2::text[]) x returning id, name
), assigned as (
  insert into assignment (person_id, client_id)
  select $1, made.id from made where exists (select from node where kind = 'firm' and walls)
)
select id, name from made

-- name: make
-- No row for an address that somebody else was faster with.
insert into person (name, email, email_key, staff_role, locale)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[])
on conflict (email_key) do nothing
returning id, email_key

-- name: change
update person p set name = x.name, locale = x.locale
  from unnest($1::uuid[], $2::text[], $3::text[]) x (id, name, locale)
 where p.id = x.id and p.joined_at is null

-- name: join
insert into membership (person_id, organisation_id, valid_from)
select x.person_id, x.organisation_id, now() from unnest($1::uuid[], $2::uuid[]) x (person_id, organisation_id)

-- name: end_links
update one_time_link set expires_at = now()
 where person_id = any($1) and purpose = 'invitation' and used_at is null and expires_at > now()

-- name: make_links
insert into one_time_link (secret_hash, purpose, person_id, made_by, expires_at)
select x.hash, 'invitation', x.person_id, $3, now() + make_interval(days => $4)
  from unnest($1::bytea[], $2::uuid[]) x (hash, person_id)
returning id, person_id

-- name: tell
select job_add('notify', x.data, x.fairness, x.key)
  from unnest($1::jsonb[], $2::text[], $3::text[]) x (data, fairness, key)
