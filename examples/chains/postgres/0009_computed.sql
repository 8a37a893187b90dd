CREATE TABLE documents (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  body jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(body) = 'object'),
  title text GENERATED ALWAYS AS (body ->> 'title') STORED,
  words text[] NOT NULL DEFAULT '{}'
);
CREATE INDEX documents_words ON documents USING gin (words);
CREATE INDEX documents_title ON documents (lower(title) COLLATE "C");
