-- name: own
-- Not those by which rules act: who ends the rule ends them.
select k.id, k.name, k.scopes, k.project_id, n.name as project_name, k.created_at, k.expires_at, k.last_used_at
  from api_key k
  left join access_projects($1, now()) a on a.project_id = k.project_id
  left join node n on n.id = a.project_id
 where k.person_id = $1 and k.revoked_at is null and k.expires_at > now()
   and not 'rule' = any(k.scopes) and ($2::uuid is null or k.id = $2)
 order by k.created_at desc, k.id

-- name: count
-- Locks the person: of two keys made at once the second one counts the first.
select (select count(*) from api_key k where k.person_id = p.id and k.revoked_at is null and k.expires_at > now() and not 'rule' = any(k.scopes)) as n
  from person p where p.id = $1 for no key update of p

-- name: add
insert into api_key (person_id, name, token_hash, scopes, project_id, expires_at)
values ($1, $2, $3, $4, $5, now() + make_interval(days => $6))
returning id

-- name: revoke
update api_key set revoked_at = now()
 where id = $1 and (person_id = $2 or $3) and revoked_at is null and expires_at > now()
returning person_id
