-- name: people
-- One row for each client that somebody belongs to, as far as the asker may know of both; no placeholders, whose
-- addresses are other people's.
with known as materialized (select d.id from directory_organisations($1, now()) d)
select p.id, p.name, p.email, p.staff_role, p.locale, p.joined_at is not null as joined,
       now() >= p.valid_from and now() < p.valid_until as active,
       (select a.at from audit a where a.actor_id = p.id and a.action = 'session.started'
         order by a.seq desc limit 1) as last_sign_in_at,
       o.name as organisation
  from directory_people($1, now()) d join person p on p.id = d.id and p.placeholder_for is null
  left join (select b.person_id, o.id, o.name from belonging b
               join known on known.id = b.organisation_id join organisation o on o.id = known.id
              where now() >= b.valid_from and now() < b.valid_until) o on o.person_id = p.id
 order by p.name, p.id, o.name, o.id

-- name: organisations
select o.id, o.name, o.created_at,
       (select count(*)::int from belonging b
         where b.organisation_id = o.id and now() >= b.valid_from and now() < b.valid_until) as people
  from directory_organisations($1, now()) d join organisation o on o.id = d.id
 order by o.name, o.id
