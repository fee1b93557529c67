-- name: begin
select administrators_one_at_a_time()

-- name: linked
select i.id as identity_id, p.id, p.staff_role, now() >= p.valid_from and now() < p.valid_until as active,
       p.joined_at is not null as joined, coalesce(p.valid_until = i.shut_at, false) as shut_by_provider,
       true as has_identity, is_last_administrator(p.id) as last_administrator
  from identity i join person p on p.id = i.person_id
 where i.issuer = $1 and i.subject = $2
   for no key update of p, i

-- name: by_email
select p.id, p.email, p.staff_role, now() >= p.valid_from and now() < p.valid_until as active,
       p.joined_at is not null as joined, false as shut_by_provider,
       exists (select from identity i where i.person_id = p.id and i.issuer = $2) as has_identity,
       is_last_administrator(p.id) as last_administrator
  from person p
 where p.email_key = $1
   for no key update of p

-- name: create
insert into person (name, email, email_key, staff_role, locale, joined_at)
select $1, $2, $3, $4, coalesce($5, f.locale), now() from firm f
on conflict (email_key) do nothing
returning id

-- name: link
insert into identity (person_id, issuer, subject) values ($1, $2, $3) returning id

-- name: seen
update identity set last_at = now(), shut_at = null where id = $1

-- name: join
-- An invitation that is still open leads nowhere any more.
with ended as (update one_time_link set expires_at = now()
                where person_id = $1 and purpose = 'invitation' and used_at is null and expires_at > now())
update person set joined_at = now() where id = $1 and joined_at is null

-- name: set_role
update person set staff_role = $2 where id = $1

-- name: shut
with seen as (update identity set shut_at = now(), last_at = now() where id = $2)
update person set valid_until = now() where id = $1

-- name: reopen
update person set valid_until = 'infinity' where id = $1
