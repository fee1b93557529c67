-- Sharing, the pages: a link is renewed, a visitor asks for that, and the maker finds the wish in the inbox.

alter table link add column renewal_asked_at timestamptz;   -- null: nobody waits for an answer

grant update (max_opens, renewal_asked_at) on link to portico_app;

alter table notice drop constraint notice_kind_check;
alter table notice add constraint notice_kind_check check (kind in ('document', 'version', 'access', 'renewal'));
