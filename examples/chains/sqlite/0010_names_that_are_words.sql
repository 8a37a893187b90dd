CREATE TABLE "order" (
  id INTEGER PRIMARY KEY,
  "trigger" TEXT,
  "begin" TEXT NOT NULL DEFAULT 'a;b',
  "end" TEXT,
  "group" INTEGER REFERENCES "order" (id)
);
CREATE TRIGGER order_times AFTER UPDATE OF "begin" ON "order" BEGIN
  UPDATE "order" SET "end" = CASE WHEN new."begin" = '' THEN NULL ELSE new."begin" END WHERE id = new.id;
END;
