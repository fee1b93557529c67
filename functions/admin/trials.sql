-- name: try
-- What saving would do, as access_try tells it. $1: the act; $2: the grant; $3: the thing; $4: the asker, to whom what they
-- do not see below has no name. Below the thing only where the change is another one than on the thing itself.
with tried as materialized (
  select * from access_try($1, jsonb_populate_record(null::access_grant, $2), now())
),
change as materialized (
  select t.*, coalesce(p.name, l.recipient) as name, p.id is null as link,
         row_number() over (partition by t.moment, t.ending
                            order by coalesce(p.name, l.recipient), t.who, t.thing_id <> $3::uuid, t.thing_id) as no
    from tried t
    left join tried top on top.moment = t.moment and top.ending = t.ending and top.who = t.who and top.thing_id = $3::uuid
    left join person p on p.id = t.who
    left join link l on l.id = t.who
   where t.who is not null
     and (t.thing_id = $3 or (t.unlocked_before, t.unlocked_after) is distinct from (top.unlocked_before, top.unlocked_after)
          or coalesce((t.others_before, t.others_after) is distinct from (top.others_before, top.others_after), false) and t.others_before is not null)
),
told as materialized (select * from change where no <= 200),
seen as materialized (
  select a.thing_id from access_levels(array[$4::uuid], array(
    select distinct told.thing_id from told union select t.thing_id from tried t where t.who is null), now()) a
   where a.level > 0 or a.unlocked = 4
),
place as materialized (
  select t.id, coalesce(n.kind, 'document') as kind,
         case when t.id in (select seen.thing_id from seen) then coalesce(n.name, d.name) else '' end as name
    from (select told.thing_id as id from told union select tried.thing_id from tried where tried.who is null) t
    left join node n on n.id = t.id
    left join document d on d.id = t.id
)
select coalesce((select jsonb_agg(jsonb_build_object(
           'at', nullif(c.moment, now()), 'ending', c.ending, 'link', c.link,
           'who', jsonb_build_object('id', c.who, 'name', c.name), 'thing', to_jsonb(place),
           'before', c.before, 'after', c.after, 'unlocked_before', c.unlocked_before, 'unlocked_after', c.unlocked_after,
           'others_before', c.others_before, 'others_after', c.others_after)
           order by c.moment, c.ending, c.no)
         from told c join place on place.id = c.thing_id), '[]') as changes,
       coalesce((select jsonb_agg(jsonb_build_object('at', nullif(x.moment, now()), 'ending', x.ending, 'people', x.people))
         from (select c.moment, c.ending, count(distinct c.who) as people from change c group by 1, 2) x), '[]') as counts,
       exists (select from tried t where t.who = $4 and not t.ending and t.unlocked_before = 4 and t.unlocked_after < 4) as own,
       coalesce((select jsonb_agg(distinct to_jsonb(place)) from tried t join place on place.id = t.thing_id
                  where t.who is null), '[]') as unmanaged
