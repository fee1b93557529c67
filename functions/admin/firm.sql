-- name: firm
select name, time_zone, locale, deliver_unscanned, link_days_max, guest_days_max, imprint, privacy,
       (select n.walls from node n where n.kind = 'firm') as walls
  from firm

-- name: change
with root as (update node set name = coalesce($1, name), walls = coalesce($8, walls) where kind = 'firm' returning walls)
update firm
   set name = coalesce($1, name), time_zone = coalesce($2, time_zone), locale = coalesce($3, locale),
       deliver_unscanned = coalesce($4, deliver_unscanned), link_days_max = coalesce($5, link_days_max),
       guest_days_max = coalesce($9, guest_days_max),
       imprint = coalesce($6::jsonb, imprint), privacy = coalesce($7::jsonb, privacy)
returning name, time_zone, locale, deliver_unscanned, link_days_max, guest_days_max, imprint, privacy, (select root.walls from root) as walls
