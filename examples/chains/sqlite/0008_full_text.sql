CREATE VIRTUAL TABLE documents_text USING fts5(body, content = 'documents', content_rowid = 'id');
CREATE TRIGGER documents_added AFTER INSERT ON documents BEGIN
  INSERT INTO documents_text (rowid, body) VALUES (new.id, new.body);
END;
CREATE TRIGGER documents_removed AFTER DELETE ON documents BEGIN
  INSERT INTO documents_text (documents_text, rowid, body) VALUES ('delete', old.id, old.body);
END;
