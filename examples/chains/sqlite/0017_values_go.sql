DROP VIEW open_accounts;
ALTER TABLE accounts DROP COLUMN note;
DROP TABLE limits;
DROP TRIGGER teams_logged;
DROP TABLE log;
