-- name: existing
-- Who has the address already, and placeholders for it, locked until the transaction ends.
select p.id, p.joined_at is not null as joined, now() >= p.valid_from and now() < p.valid_until as active,
       p.placeholder_for is not null as placeholder,
       p.capped_by is not distinct from $1 and p.employer_id is not distinct from $3 as own,
       p.id in (select d.id from directory_people($1, now()) d) as known
  from person p where p.email_key = $2 or p.placeholder_for = $2
 order by p.id
   for no key update of p

-- name: create
-- Somebody may have been faster with the same address: then there is no row, and they are looked up again.
insert into person (name, email, email_key, locale, capped_by, employer_id) values ($1, $2, $3, $4, $5, $6)
on conflict (email_key) do nothing
returning id

-- name: hold_place
-- Its own key is no address: nobody comes in by it.
insert into person (name, email, email_key, placeholder_for, locale, capped_by, employer_id)
values ($1, $2, 'placeholder ' || uuidv7(), $3, $4, $5, $6)
returning id

-- name: free_place
update person set email_key = placeholder_for, placeholder_for = null where id = $1 and placeholder_for is not null

-- name: own
-- A sub-account of the asker ($1) in this organisation ($2), locked.
select p.id, p.joined_at is not null as joined, now() >= p.valid_from and now() < p.valid_until as active
  from person p where p.id = $3 and p.capped_by = $1 and p.employer_id = $2
   for no key update of p

-- name: given
-- What the asker ($1) gave this person on the project.
select g.id, g.level from access_grant g where g.person_id = $2 and g.node_id = $3 and g.given_by = $1 and g.allows
