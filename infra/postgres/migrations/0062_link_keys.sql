-- A key that came with one link comes with no other (docs/decisions/links-and-idempotency.md). What is kept of it is made from
-- the session's token, 256 bit of chance that the portal does not know: neither key nor terms can be tried by it.
alter table link add column request_hash bytea check (length(request_hash) = 32);
create unique index link_request_hash on link (request_hash);

-- May this one of the firm know of the link as its maker does? They stand in for the maker now, and no gate bars them from
-- the client: what an absent colleague no longer holds, or what a lock hides from both, is theirs to end all the same.
create function link_stands_in(person uuid, maker uuid, project uuid, at timestamptz) returns boolean
language sql stable security definer set search_path = public, pg_temp as $$
  select standing_in($1, $4) @> jsonb_build_array(jsonb_build_object('id', $2))
     and not exists (select from access_explain($1, $3, $4) e
                      where e.self_id = $1 and e.step in ('not active', 'excluded', 'walled off')) $$;
revoke execute on function link_stands_in from public;
grant execute on function link_stands_in to portico_app;

-- Nothing asks it any more: access_try says the same of any change.
drop function access_preview(access_grant, uuid, timestamptz, int);
