CREATE VIEW open_accounts AS SELECT handle, email FROM accounts WHERE state = 'open';
CREATE TRIGGER open_accounts_added INSTEAD OF INSERT ON open_accounts BEGIN
  INSERT INTO accounts (handle, email, state) VALUES (new.handle, new.email, 'open');
END;
