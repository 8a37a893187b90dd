-- A rebuild below a view with a trigger, and a column more.
ALTER TABLE accounts ADD COLUMN note TEXT;
ALTER TABLE memberships ADD COLUMN role TEXT NOT NULL DEFAULT 'member' CHECK (role IN ('member', 'owner'));
