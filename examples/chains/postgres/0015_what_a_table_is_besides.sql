CREATE UNLOGGED TABLE drafts (id bigint PRIMARY KEY, body text);
CREATE TABLE pinned_notes (until date) INHERITS (notes);
CREATE TABLE secrets (id bigint PRIMARY KEY, owner text NOT NULL);
ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON secrets USING (owner = current_user);
