-- A deputy whom somebody else named reads what the absent one reads, from that second on: both are told, and whoever runs
-- the firm besides the one who named them.

create table deputy_told (
  deputyship_id uuid not null references deputy,
  person_id uuid not null references person,
  read_at timestamptz,
  primary key (deputyship_id, person_id)
);
create index deputy_unread on deputy_told (person_id) where read_at is null;
grant select, insert, update (read_at) on deputy_told to portico_app;

-- What somebody was told and has not said that they read: of themselves, and of others while they run the firm.
create function deputies_told(asker uuid) returns table (deputyship_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select d.id
    from deputy_told t join deputy d on d.id = t.deputyship_id join person p on p.id = t.person_id
   where t.person_id = asker and t.read_at is null and p.staff_role <> 'auditor'
     and (p.staff_role = 'administrator' or asker in (d.absent_id, d.deputy_id)) $$;
revoke execute on function deputies_told from public;
grant execute on function deputies_told to portico_app;
