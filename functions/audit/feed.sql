-- name: newest
select coalesce(max(seq), 0) as seq from audit

-- name: first_after
select seq from audit
 where seq > $1 and seq <= $2 and action = any($3) and ($4::uuid[] is null or project_id = any($4))
 order by seq limit $5
