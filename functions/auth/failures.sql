-- name: count
-- Not the limiter's key: no expiry, so that its sweeper leaves the count to us.
insert into rate_limit (key, points, expire) values ($1, 1, null)
on conflict (key) do update set points = rate_limit.points + 1
returning points

-- name: take_ended
-- Minutes that are over; the row goes to whoever deletes it, so that a sum is written once.
delete from rate_limit where key like 'failed:%' and key collate "C" < $1 returning key, points
