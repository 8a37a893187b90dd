-- irreversible: the blanks around names are not kept
-- [overwrites]
-- up
-- overwrites: users.name
UPDATE users SET name = trim(name);
-- [/overwrites]
