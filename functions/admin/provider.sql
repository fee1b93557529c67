-- name: lock
-- Two saves at once are one after the other, also the first ones.
select pg_advisory_xact_lock(hashtext('portico_identity_provider'))

-- name: save
insert into identity_provider (enabled, name, issuer, client_id, client_secret, scopes, role_claim, roles, factors,
                               factor_values, trusts_email, creates_accounts, passwords_off)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
on conflict (one) do update
   set enabled = excluded.enabled, name = excluded.name, issuer = excluded.issuer, client_id = excluded.client_id,
       client_secret = excluded.client_secret, scopes = excluded.scopes, role_claim = excluded.role_claim,
       roles = excluded.roles, factors = excluded.factors, factor_values = excluded.factor_values,
       trusts_email = excluded.trusts_email, creates_accounts = excluded.creates_accounts,
       passwords_off = excluded.passwords_off, changed_at = now(),
       connected_at = case when $14 then now() else identity_provider.connected_at end

-- name: end_visits
-- Who is at the provider just now comes back to other rules than they left.
delete from provider_visit

-- name: came_by
select exists (select from session s join identity i on i.id = s.identity_id, identity_provider v
                where s.id = $1 and i.last_at > v.connected_at) as by_provider,
       (select count(*)::int from person p
         where p.staff_role is not null and p.joined_at is not null and now() >= p.valid_from and now() < p.valid_until
           and not exists (select from identity i where i.person_id = p.id)) as staff_without
