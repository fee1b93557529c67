-- A link is made once, however often the same request comes (docs/decisions/links-and-idempotency.md): the request makes the
-- secret, and no two links have the same.
create unique index link_secret_hash on link (secret_hash);
