DROP INDEX accounts_email;
CREATE UNIQUE INDEX unique_email ON accounts (email COLLATE NOCASE);
CREATE INDEX memberships_team ON memberships (team_id DESC) WHERE handle IS NOT NULL;
