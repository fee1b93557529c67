-- A key may share: links for people outside, of what its person manages. A scope of its own, which no key of before has.
alter table api_key drop constraint api_key_scopes_check;
alter table api_key add constraint api_key_scopes_check
  check (cardinality(scopes) > 0 and scopes <@ '{read,upload,write,share}');
