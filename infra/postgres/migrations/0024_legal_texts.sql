-- What a firm must tell everybody: who it is, and what becomes of data. Each by language: {"de": "…"}.
alter table firm
  add column imprint jsonb not null default '{}' check (jsonb_typeof(imprint) = 'object'),
  add column privacy jsonb not null default '{}' check (jsonb_typeof(privacy) = 'object');
