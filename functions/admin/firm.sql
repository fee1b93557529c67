-- name: firm
select name, time_zone, locale, deliver_unscanned from firm

-- name: change
with root as (update node set name = coalesce($1, name) where kind = 'firm')
update firm
   set name = coalesce($1, name), time_zone = coalesce($2, time_zone), locale = coalesce($3, locale),
       deliver_unscanned = coalesce($4, deliver_unscanned)
returning name, time_zone, locale, deliver_unscanned
