-- What became of a link's last mail, told to who sent it: 'waiting' (the mail server does not take it for now), 'failed'
-- (given up), null (sent, or just on its way).
create index job_link_mail on job ((data->>'link_id')) where kind = 'notify' and data->>'template' = 'link';

create function link_mail(link uuid) returns text
language sql stable security definer set search_path = public, pg_temp as $$
  select case when j.state = 'dead' then 'failed'
              when j.state in ('ready', 'active') and (j.attempt > 1 or j.created_at < now() - interval '1 minute') then 'waiting' end
    from job j
   where j.kind = 'notify' and j.data->>'template' = 'link' and j.data->>'link_id' = link::text
   order by j.created_at desc, j.id desc limit 1 $$;
revoke execute on function link_mail from public;
grant execute on function link_mail to portico_app;

-- A visit that a revocation ended stays ended when the link is renewed.
grant update (expires_at) on visit to portico_app;
