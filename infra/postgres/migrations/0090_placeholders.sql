-- A client's administrator who invites an address that somebody unknown to her has must see what she sees of a new one.

-- An account that nobody can ever join, in the place of one that exists elsewhere: the address that it stands for, as
-- addresses are compared. It is in every list like somebody who has not answered yet; no mail goes out, no door knows it.
alter table person
  add column placeholder_for text,
  add check (placeholder_for is null or (employer_id is not null and password_hash is null and joined_at is null));
create index person_placeholder on person (placeholder_for) where placeholder_for is not null;
grant select (placeholder_for) on person to portico_pipeline;
