-- The job table from the connector's side (0003_security.sql, 0004_pipeline.sql).

-- name: due
select distinct kind from job where state in ('ready', 'active') and run_at <= now()

-- name: claim
select id, kind, data, cursor, fairness_key, attempt, max_attempts, token, state, error, trace, created_at from job_claim($1, $2, $3)

-- name: done
select job_done($1, $2) as mine

-- name: continue
select job_continue($1, $2, $3) as mine

-- name: put_back
select job_calls($1, $2, $5), job_put_back($1, $2, $3, $4) as mine

-- name: tell
select jobs_tell()

-- name: fail
-- Without a time of its own after 2^attempt seconds, by chance half to one and a half of it.
select job_calls($1, $2, $4), job_fail($1, $2, $3) as state

-- name: die
select job_calls($1, $2, $4), job_fail($1, $2, $3, 0, true) as state

-- name: beat
select job_beat(held.id, held.token, $3) from unnest($1::uuid[], $2::uuid[]) as held (id, token)
