-- Whose claim a key is: a request whose connection broke while it claimed does not know whether it did, and may free the
-- key afterwards only if it is its own. Claims of code from before have none, and end by their age.
alter table idempotency add column claim uuid;
