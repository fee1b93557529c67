-- name: organisations
-- $5: part of a name; null for all. $6: the only one that is asked for; null: all.
select o.id, o.name, o.created_at
  from directory_organisations($1, now()) d join organisation o on o.id = d.id
 where (o.name, o.id) > ($2, $3) and ($5::text is null or strpos(lower(o.name), lower($5)) > 0)
   and ($6::uuid is null or o.id = $6::uuid)
 order by o.name, o.id
 limit $4

-- name: create_organisation
insert into organisation (name) values ($1) returning id, name, created_at

-- name: assign_maker
-- Behind walls whoever takes a client on works for it; else they would not see it themselves.
insert into assignment (person_id, client_id)
select $1, $2 where exists (select from node where kind = 'firm' and walls)

-- name: people
-- $5: words, each a part of the name, the address or a client's name that the asker knows; null for all.
-- $6: the only one that is asked for; null: all. $7: 'active': who may come in; 'staff': of these the firm's; null: all.
with known as materialized (select d.id from directory_organisations($1, now()) d)
select p.id, p.name, p.email, p.staff_role, p.created_at,
       now() >= p.valid_from and now() < p.valid_until as active,
       p.joined_at is not null as joined,
       case when asker.runs then second_factor_stands(p) end as second_factor,
       case when asker.runs then (select a.at from audit a where a.actor_id = p.id and a.action = 'session.started'
                                   order by a.seq desc limit 1) end as last_sign_in_at,
       client.organisations
  from directory_people($1, now()) d join person p on p.id = d.id
 cross join (select me.staff_role = 'administrator' as runs from person me where me.id = $1) asker
 cross join lateral (select coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name) order by o.name, o.id), '[]')
                              as organisations,
                            string_agg(o.name, ' ') as names
                       from belonging m join organisation o on o.id = m.organisation_id
                      where m.person_id = p.id and now() >= m.valid_from and now() < m.valid_until
                        and o.id in (select known.id from known)) client
 where (p.name, p.id) > ($2, $3)
   and ($5::text is null
        or not exists (select from regexp_split_to_table(lower($5), '\s+') word
                        where strpos(lower(concat_ws(' ', p.name, p.email, client.names)), word) = 0))
   and ($6::uuid is null or p.id = $6::uuid)
   and ($7::text is null or now() >= p.valid_from and now() < p.valid_until and ($7 = 'active' or p.staff_role is not null))
 order by p.name, p.id
 limit $4
