CREATE TABLE documents (
  id INTEGER PRIMARY KEY,
  body TEXT NOT NULL CHECK (json_valid(body)),
  title TEXT GENERATED ALWAYS AS (json_extract(body, '$.title')) VIRTUAL,
  size INTEGER GENERATED ALWAYS AS (length(body)) STORED
);
CREATE INDEX documents_kind ON documents (body ->> '$.kind');
INSERT INTO documents (body) VALUES ('{"title": "one", "kind": "note"}'), ('{"title": "two"}');
