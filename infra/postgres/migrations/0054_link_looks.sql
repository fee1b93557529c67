-- How often the first page of a link was called up with its secret. Less the openings, that is what programs did which
-- check links in mails before anybody reads them: the maker is told of them apart from the visits of people.
alter table link add column looks int not null default 0;

grant update (looks) on link to portico_app;
