CREATE TABLE tags (
  name TEXT NOT NULL UNIQUE ON CONFLICT IGNORE,
  account TEXT NOT NULL,
  PRIMARY KEY (name, account)
) WITHOUT ROWID;
CREATE UNIQUE INDEX one_owner ON memberships (team_id) WHERE role = 'owner';
