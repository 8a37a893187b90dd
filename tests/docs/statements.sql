-- tests/docs/statements.sql - the SQL of the documentation, compared with what its snippets run.

-- [plain]
CREATE TABLE "note" (
  "id" INTEGER PRIMARY KEY,
  "text" TEXT NOT NULL,
  "link" TEXT
);
-- [/plain]

-- [primary_key]
CREATE TABLE "memberships" (
  "team" INTEGER NOT NULL,
  "user" INTEGER NOT NULL,
  "role" TEXT NOT NULL,
  PRIMARY KEY ("team", "user")
);
-- [/primary_key]

-- [uuid_key]
CREATE TABLE "upload" (
  "id" TEXT NOT NULL PRIMARY KEY,
  "path" TEXT NOT NULL
);
-- [/uuid_key]

-- [autoincrement]
CREATE TABLE "invoices" (
  "id" INTEGER PRIMARY KEY AUTOINCREMENT,
  "customer" TEXT NOT NULL
);
-- [/autoincrement]

-- [unique]
CREATE TABLE "accounts" (
  "id" INTEGER PRIMARY KEY,
  "provider" TEXT NOT NULL,
  "login" TEXT NOT NULL,
  "email" TEXT NOT NULL,
  CONSTRAINT "accounts_provider_login_key" UNIQUE ("provider", "login"),
  CONSTRAINT "one_account_per_address" UNIQUE ("email")
);
-- [/unique]

-- [index]
CREATE TABLE "events" (
  "id" INTEGER PRIMARY KEY,
  "kind" TEXT NOT NULL,
  "actor" TEXT NOT NULL,
  "at" TEXT NOT NULL,
  "handled_at" TEXT
);
CREATE INDEX "events_kind_at_idx" ON "events" ("kind", "at" DESC);
CREATE INDEX "events_waiting" ON "events" ("at") WHERE "handled_at" IS NULL;
CREATE UNIQUE INDEX "events_actor_at_idx" ON "events" ("actor", "at");
CREATE INDEX "events_actor_lower" ON "events" ((lower(actor)));
-- [/index]

-- [references]
CREATE TABLE "author" (
  "id" INTEGER PRIMARY KEY,
  "name" TEXT NOT NULL
);
CREATE TABLE "books" (
  "id" INTEGER PRIMARY KEY,
  "author_id" INTEGER NOT NULL,
  "sequel_of" INTEGER,
  CONSTRAINT "books_author_id_fkey" FOREIGN KEY ("author_id") REFERENCES "author" ("id") ON DELETE CASCADE,
  CONSTRAINT "books_sequel_of_fkey" FOREIGN KEY ("sequel_of") REFERENCES "books" ("id") ON DELETE SET NULL ON UPDATE CASCADE
);
-- [/references]

-- [references_composite]
CREATE TABLE "memberships" (
  "team" INTEGER NOT NULL,
  "user" INTEGER NOT NULL,
  "role" TEXT NOT NULL,
  PRIMARY KEY ("team", "user")
);
CREATE TABLE "votes" (
  "id" INTEGER PRIMARY KEY,
  "team" INTEGER NOT NULL,
  "user" INTEGER NOT NULL,
  CONSTRAINT "votes_team_user_fkey" FOREIGN KEY ("team", "user") REFERENCES "memberships" ("team", "user")
);
-- [/references_composite]

-- [check]
CREATE TABLE "bookings" (
  "id" INTEGER PRIMARY KEY,
  "first_night" INTEGER NOT NULL,
  "last_night" INTEGER NOT NULL,
  "code" TEXT NOT NULL,
  CONSTRAINT "booking_has_nights" CHECK ("first_night" <= "last_night"),
  CONSTRAINT "booking_code_is_upper" CHECK (code = upper(code))
);
-- [/check]

-- [limits]
CREATE TABLE "profiles" (
  "id" INTEGER PRIMARY KEY,
  "name" TEXT NOT NULL,
  "motto" TEXT NOT NULL,
  "age" INTEGER NOT NULL,
  CONSTRAINT "profiles_name_length" CHECK (length("name") BETWEEN 1 AND 60),
  CONSTRAINT "profiles_motto_length" CHECK (length("motto") BETWEEN 0 AND 140),
  CONSTRAINT "profiles_age_range" CHECK ("age" BETWEEN 0 AND 150)
);
-- [/limits]

-- [default_value]
CREATE TABLE "customers" (
  "id" INTEGER PRIMARY KEY,
  "plan" TEXT NOT NULL DEFAULT 'free',
  "seats" INTEGER NOT NULL DEFAULT 1,
  "region" TEXT NOT NULL DEFAULT 'eu',
  "seen_at" TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT "customers_plan_check" CHECK ("plan" IN ('free', 'paid'))
);
-- [/default_value]

-- [generated]
CREATE TABLE "line_items" (
  "id" INTEGER PRIMARY KEY,
  "cents" INTEGER NOT NULL,
  "pieces" INTEGER NOT NULL,
  "total" INTEGER NOT NULL GENERATED ALWAYS AS (("cents" * "pieces")) STORED,
  "label" TEXT NOT NULL GENERATED ALWAYS AS (pieces || ' pieces') VIRTUAL
);
-- [/generated]

-- [columns]
CREATE TABLE "devices" (
  "id" INTEGER PRIMARY KEY,
  "serial_number" VARCHAR(40) NOT NULL,
  "mail" TEXT NOT NULL COLLATE NOCASE
);
-- [/columns]

-- [options]
CREATE TABLE "settings" (
  "key" TEXT NOT NULL PRIMARY KEY,
  "value" TEXT NOT NULL
) STRICT, WITHOUT ROWID;
-- [/options]

-- [adl]
CREATE TABLE "points" (
  "id" INTEGER PRIMARY KEY,
  "x" REAL NOT NULL,
  "y" REAL NOT NULL
);
-- [/adl]

-- [task]
CREATE TABLE "task" (
  "id" INTEGER PRIMARY KEY,
  "title" TEXT NOT NULL,
  "state" TEXT NOT NULL,
  "priority" INTEGER NOT NULL,
  "output" TEXT,
  CONSTRAINT "task_state_check" CHECK ("state" IN ('open', 'running', 'done'))
);
-- [/task]

-- [user]
CREATE TABLE "users" (
  "id" INTEGER PRIMARY KEY,
  "email" TEXT NOT NULL,
  "name" TEXT NOT NULL,
  "created_at" TEXT NOT NULL,
  "updated_at" TEXT NOT NULL,
  CONSTRAINT "users_email_key" UNIQUE ("email"),
  CONSTRAINT "users_email_length" CHECK (length("email") BETWEEN 3 AND 254)
);
-- [/user]

-- [team_member]
CREATE TABLE "team_members" (
  "team" INTEGER NOT NULL,
  "user" INTEGER NOT NULL,
  "role" TEXT NOT NULL,
  PRIMARY KEY ("team", "user")
);
-- [/team_member]

-- [where_and]
SELECT "id", "title", "state", "priority", "output" FROM "task" WHERE ("priority" > ? AND ("state" = ? OR NOT ("title" LIKE ?)));
-- [/where_and]

-- [where_null]
SELECT "id", "title", "state", "priority", "output" FROM "task" WHERE "output" IS NULL;
-- [/where_null]

-- [where_optional]
SELECT "id", "title", "state", "priority", "output" FROM "task" WHERE "output" IS ?;
-- [/where_optional]

-- [where_in]
SELECT "id", "title", "state", "priority", "output" FROM "task" WHERE "id" IN (SELECT value FROM json_each(?));
-- [/where_in]

-- [where_in_list]
SELECT "id", "title", "state", "priority", "output" FROM "task" WHERE NOT ("state" IN (SELECT value FROM json_each(?)));
-- [/where_in_list]

-- [where_between]
SELECT "id", "title", "state", "priority", "output" FROM "task" WHERE ("priority" >= ? AND "priority" <= ?);
-- [/where_between]

-- [where_columns]
SELECT "id", "title", "state", "priority", "output" FROM "task" WHERE "id" < ("priority" * ?);
-- [/where_columns]

-- [page]
SELECT "id", "title", "state", "priority", "output" FROM "task" ORDER BY "priority" DESC, "id" LIMIT ? OFFSET ?;
-- [/page]

-- [extend]
SELECT "id", "title", "state", "priority", "output" FROM "task" WHERE ("state" = ? AND "priority" > ?) LIMIT ?;
-- [/extend]

-- [dynamic]
SELECT "id", "title", "state", "priority", "output" FROM "task" WHERE "title" = ? ORDER BY "id";
-- [/dynamic]

-- [transaction]
BEGIN IMMEDIATE;
INSERT INTO "task" ("id", "title", "state", "priority", "output") VALUES (?, ?, ?, ?, ?);
INSERT INTO "team_members" ("team", "user", "role") VALUES (?, ?, ?);
COMMIT;
-- [/transaction]

-- [savepoint]
BEGIN IMMEDIATE;
INSERT INTO "task" ("id", "title", "state", "priority", "output") VALUES (?, ?, ?, ?, ?);
SAVEPOINT hewn_1;
INSERT INTO "task" ("id", "title", "state", "priority", "output") VALUES (?, ?, ?, ?, ?);
INSERT INTO "team_members" ("team", "user", "role") VALUES (?, ?, ?);
ROLLBACK TO hewn_1;
RELEASE hewn_1;
COMMIT;
-- [/savepoint]

-- [read]
BEGIN;
SELECT COUNT(*) FROM "task";
SELECT COUNT(*) FROM "users";
COMMIT;
-- [/read]

-- [sync_steps]
ALTER TABLE "person" ADD COLUMN "mail" TEXT;
ALTER TABLE "person" ADD COLUMN "logins" INTEGER NOT NULL DEFAULT 0;
CREATE INDEX "person_mail_idx" ON "person" ("mail");
-- [/sync_steps]

-- [insert]
INSERT INTO "task" ("id", "title", "state", "priority", "output") VALUES (?, ?, ?, ?, ?);
-- [/insert]

-- [insert_created]
INSERT INTO "users" ("id", "email", "name", "created_at", "updated_at") VALUES (?, ?, ?, ?, ?);
-- [/insert_created]

-- [insert_generated]
INSERT INTO "articles" ("id", "title", "words") VALUES (?, ?, ?) RETURNING "id", "title", "words", "minutes";
-- [/insert_generated]

-- [insert_many]
BEGIN IMMEDIATE;
INSERT INTO "task" ("id", "title", "state", "priority", "output") VALUES (?, ?, ?, ?, ?);
COMMIT;
-- [/insert_many]

-- [get]
SELECT "id", "title", "state", "priority", "output" FROM "task" WHERE "id" = ?;
-- [/get]

-- [get_composite]
SELECT "team", "user", "role" FROM "team_members" WHERE "team" = ? AND "user" = ?;
-- [/get_composite]

-- [find]
SELECT "id", "title", "state", "priority", "output" FROM "task" WHERE "id" = ?;
-- [/find]

-- [all]
SELECT "id", "title", "state", "priority", "output" FROM "task";
-- [/all]

-- [all_query]
SELECT "id", "title", "state", "priority", "output" FROM "task" WHERE "state" = ? ORDER BY "priority" DESC LIMIT ?;
-- [/all_query]

-- [each]
SELECT "id", "title", "state", "priority", "output" FROM "task" WHERE "priority" > ?;
-- [/each]

-- [first]
SELECT "id", "title", "state", "priority", "output" FROM "task" WHERE "state" = ? ORDER BY "priority";
-- [/first]

-- [one]
SELECT "id", "title", "state", "priority", "output" FROM "task" WHERE "title" = ?;
-- [/one]

-- [one_value]
SELECT MAX(priority) FROM task;
-- [/one_value]

-- [count]
SELECT COUNT(*) FROM "task";
SELECT COUNT(*) FROM "task" WHERE "state" = ?;
-- [/count]

-- [exists]
SELECT EXISTS (SELECT 1 FROM "task" WHERE "state" = ?);
-- [/exists]

-- [update_row]
UPDATE "task" SET "title" = ?, "state" = ?, "priority" = ?, "output" = ? WHERE "id" = ?;
-- [/update_row]

-- [update_key]
UPDATE "task" SET "state" = ?, "output" = ? WHERE "id" = ?;
-- [/update_key]

-- [update_composite]
UPDATE "team_members" SET "role" = ? WHERE "team" = ? AND "user" = ?;
-- [/update_composite]

-- [update_query]
UPDATE "task" SET "priority" = ("priority" + ?), "output" = ? WHERE "state" <> ?;
-- [/update_query]

-- [update_stamp]
UPDATE "users" SET "name" = ?, "updated_at" = ? WHERE "id" = ?;
-- [/update_stamp]

-- [update_returning]
BEGIN IMMEDIATE;
UPDATE "task" SET "state" = ? WHERE "state" = ? RETURNING "id", "title", "state", "priority", "output";
COMMIT;
-- [/update_returning]

-- [update_all]
UPDATE "task" SET "state" = ?;
-- [/update_all]

-- [upsert]
INSERT INTO "team_members" ("team", "user", "role") VALUES (?, ?, ?) ON CONFLICT ("team", "user") DO UPDATE SET "role" = excluded."role" RETURNING "team", "user", "role";
-- [/upsert]

-- [upsert_unique]
INSERT INTO "users" ("id", "email", "name", "created_at", "updated_at") VALUES (?, ?, ?, ?, ?) ON CONFLICT ("email") DO UPDATE SET "name" = excluded."name", "updated_at" = excluded."updated_at" RETURNING "id", "email", "name", "created_at", "updated_at";
-- [/upsert_unique]

-- [remove_row]
DELETE FROM "task" WHERE "id" = ?;
-- [/remove_row]

-- [remove_key]
DELETE FROM "task" WHERE "id" = ?;
DELETE FROM "team_members" WHERE "team" = ? AND "user" = ?;
-- [/remove_key]

-- [remove_query]
DELETE FROM "task" WHERE "priority" < ?;
-- [/remove_query]

-- [remove_returning]
BEGIN IMMEDIATE;
DELETE FROM "task" WHERE "state" = ? RETURNING "id", "title", "state", "priority", "output";
COMMIT;
-- [/remove_returning]

-- [remove_all]
DELETE FROM "task";
-- [/remove_all]

-- [execute]
UPDATE task SET output = upper(title) WHERE priority >= ?;
-- [/execute]

-- [schema_diff_old]
CREATE TABLE users (
  id INTEGER PRIMARY KEY,
  name TEXT,
  mail TEXT NOT NULL,
  fax TEXT
);
CREATE VIEW mails AS SELECT mail FROM users;
-- [/schema_diff_old]

-- [schema_diff_new]
CREATE TABLE people (
  id INTEGER PRIMARY KEY,
  name TEXT,
  email TEXT NOT NULL UNIQUE
);
CREATE VIEW mails AS SELECT email FROM people;
-- [/schema_diff_new]

-- [renamed_steps]
ALTER TABLE "customer" RENAME TO "client";
ALTER TABLE "client" RENAME COLUMN "mail" TO "email";
-- [/renamed_steps]
