-- [destructive]
-- requires: 1
-- up
-- destructive: nobody has sent a fax since 2009
ALTER TABLE users DROP COLUMN fax;

-- down
ALTER TABLE users ADD COLUMN fax TEXT;
-- [/destructive]
