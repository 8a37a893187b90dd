ALTER INDEX notes_account_id RENAME TO notes_of_account;
