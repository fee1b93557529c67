-- name: begin
with ended as (delete from provider_visit where expires_at < now())
insert into provider_visit (state_hash, holder, session_id, sealed, next, expires_at)
values ($1, $2, $3, $4, $5, now() + make_interval(mins => $6))

-- name: take
with taken as (delete from provider_visit where state_hash = $1 and holder = $2
               returning session_id, sealed, next, begun_at, expires_at)
select session_id, sealed, next, begun_at from taken where expires_at > now()
