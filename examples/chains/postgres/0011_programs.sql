CREATE VIEW open_accounts AS SELECT id, handle FROM accounts WHERE state = 'open';
CREATE FUNCTION refuse_empty() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF new.body = '' THEN RETURN NULL; END IF;
  RETURN new;
END $$;
CREATE TRIGGER notes_not_empty BEFORE INSERT ON notes FOR EACH ROW EXECUTE FUNCTION refuse_empty();
