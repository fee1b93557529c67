-- name: read
select enabled, name, issuer, client_id, client_secret, scopes, role_claim, roles, factors, factor_values, trusts_email,
       creates_accounts, passwords_off, changed_at
  from identity_provider
