CREATE TABLE grants (
  account_id integer,
  team_id bigint,
  level smallint NOT NULL DEFAULT 0,
  FOREIGN KEY (account_id, team_id) REFERENCES memberships (account_id, team_id) MATCH FULL,
  FOREIGN KEY (team_id) REFERENCES teams (id) ON DELETE SET NULL (team_id)
);
CREATE INDEX grants_level ON grants (level DESC NULLS LAST) INCLUDE (team_id);
CREATE UNIQUE INDEX one_top_level ON grants (team_id) WHERE level = 0;
