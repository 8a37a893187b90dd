// tests/postgres/schema/restore_dropped_test.cpp - tables and values that sync dropped on a server
// come back as they were.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/kept.hpp>

#include <support/failure.hpp>
#include <support/plan_words.hpp>
#include <support/postgres_lab.hpp>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace schema = hewn::schema;
using hewn::errc;
using support::converted;
using support::dropped_column;
using support::dropped_table;
using support::failure_of;
using support::says;

namespace {

schema::column column(std::string name, std::string type, bool not_null = false,
                      std::string value = {}) {
  return support::postgres_column(std::move(name), std::move(type), not_null, std::move(value));
}

struct lab : support::postgres_lab {
  std::string home = text("SELECT current_schema()::text");

  hewn::error refused(std::int64_t id, const std::string& words) {
    hewn::error failure = failure_of([&] { (void)hewn::restore_dropped(db, id); });
    CAPTURE(failure.what());
    CHECK(failure.code() == errc::usage);
    CHECK(says(failure, words));
    return failure;
  }

  /// Drops notes.text and adds it again, without values.
  hewn::plan drop_values(const std::string& type = "text", std::string value = {}) {
    schema::table t = notes;
    t.columns.pop_back();
    hewn::plan p = approve({t}, {dropped_column("notes", "text")});
    db.script("ALTER TABLE notes ADD COLUMN text " + type +
              (value.empty() ? "" : " DEFAULT " + value));
    return p;
  }
  std::string rows() {
    return text(
        "SELECT string_agg(concat_ws(' ', id, coalesce(text::text, '-')), ',' ORDER BY id) "
        "FROM notes");
  }
};

/// Two tables that refer to each other and to a third one, with everything that hangs on tables.
struct library : lab {
  library() {
    db.script(
        "CREATE TABLE shelves (id bigint PRIMARY KEY, first bigint); INSERT INTO shelves VALUES "
        "(1, 2); CREATE TABLE books (id bigserial PRIMARY KEY, shelf bigint NOT NULL CONSTRAINT "
        "books_on_shelf REFERENCES shelves ON DELETE CASCADE DEFERRABLE, note bigint REFERENCES "
        "notes, before bigint REFERENCES books, title text UNIQUE CHECK (title <> '')); INSERT "
        "INTO "
        "books (shelf, note, before, title) VALUES (1, 1, NULL, 'a'), (1, 2, 1, 'b'); ALTER TABLE "
        "shelves ADD CONSTRAINT first_book FOREIGN KEY (first) REFERENCES books; CREATE INDEX "
        "by_shelf ON books (shelf) WHERE shelf > 0; GRANT SELECT ON books TO PUBLIC; GRANT INSERT "
        "(title) ON books TO PUBLIC; COMMENT ON TABLE books IS 'what stands where'; COMMENT ON "
        "COLUMN books.title IS 'as printed'");
  }

  /// Everything that the catalog says of both tables.
  std::string everything() {
    return text(
        "SELECT concat_ws(E'\\n', (SELECT string_agg(conrelid::regclass || ' ' || conname || ' ' "
        "|| "
        "pg_get_constraintdef(oid), E'\\n' ORDER BY conrelid::regclass::text, conname) FROM "
        "pg_constraint WHERE conrelid IN ('books'::regclass, 'shelves'::regclass)), (SELECT "
        "string_agg(pg_get_indexdef(indexrelid), E'\\n' ORDER BY 1) FROM (SELECT indexrelid FROM "
        "pg_index WHERE indrelid IN ('books'::regclass, 'shelves'::regclass) ORDER BY "
        "indexrelid::regclass::text) i), pg_get_serial_sequence('books', 'id'), (SELECT "
        "string_agg(relname || relacl::text, ',' ORDER BY relname) FROM pg_class WHERE oid IN "
        "('books'::regclass, 'shelves'::regclass)), (SELECT attacl::text FROM pg_attribute WHERE "
        "attrelid = 'books'::regclass AND attname = 'title'), (SELECT pg_get_expr(adbin, adrelid) "
        "FROM pg_attrdef WHERE adrelid = 'books'::regclass), obj_description('books'::regclass, "
        "'pg_class'), obj_description('shelves'::regclass, 'pg_class'), "
        "col_description('books'::regclass, 5))");
  }
};

}  // namespace

TEST_CASE("a dropped table comes back with everything that it had", "[M2]") {
  library l;
  const std::string before = l.everything();
  const auto p = l.approve({}, {dropped_table("books"), dropped_table("shelves")});
  REQUIRE(hewn::kept(l.db).size() == 2);

  const auto back = hewn::restore_dropped(l.db, p.fingerprint().substr(0, 16), {.actor = "bob"});
  REQUIRE(back.size() == 2);
  CHECK(back[0].rows + back[1].rows == 3);
  CHECK(l.everything() == before);
  CHECK(l.number("SELECT COUNT(*) FROM books") == 2);
  CHECK(l.number("INSERT INTO books (shelf, title) VALUES (1, 'c') RETURNING id") == 3);
  CHECK(hewn::kept(l.db).empty());
  CHECK(l.kept_schemas().empty());
  const auto entry = hewn::audit::entries(l.db).back();
  CHECK(entry.event == "restore");
  CHECK(entry.actor == "bob");
  CHECK(entry.plan == p.fingerprint());
  CHECK(entry.detail.find("table books: 2 restored") != std::string::npos);
  CHECK(hewn::audit::verify(l.db).empty());

  const auto again = failure_of([&] { (void)hewn::restore_dropped(l.db, p.fingerprint()); });
  CHECK(again.code() == errc::usage);
  CHECK(says(again, "cannot be restored, because it was restored at 20"));
}

TEST_CASE("references to a table of another schema come back to that one", "[M2]") {
  lab l;
  const std::string other = l.home + "_other";
  l.db.script("CREATE SCHEMA " + other + "; CREATE TABLE " + other +
              ".notes (id bigint PRIMARY KEY); CREATE TABLE uses (id bigint PRIMARY KEY, note "
              "bigint REFERENCES " +
              other + ".notes); INSERT INTO uses VALUES (1, NULL)");
  l.approve({}, {dropped_table("uses")});
  CHECK(hewn::restore_dropped(l.db, 1).rows == 1);
  CHECK(l.text("SELECT confrelid::regclass::text FROM pg_constraint WHERE conrelid = "
               "'uses'::regclass AND contype = 'f'") == other + ".notes");
  l.db.script("DROP SCHEMA " + other + " CASCADE");
}

TEST_CASE("a table does not take a name that something else has", "[M2]") {
  lab l;
  l.db.script("CREATE INDEX by_text ON notes (text)");
  l.approve({}, {dropped_table("notes")});
  SECTION("its own") {
    l.db.script("CREATE VIEW notes AS SELECT 1 AS one");
    CHECK(hewn::kept(l.db).at(0).obstacle == "the name notes is taken; rename or drop what has it");
    CHECK(l.refused(1, "table notes cannot be restored, because the name notes is taken").table() ==
          "notes");
    l.db.script("DROP VIEW notes");
  }
  SECTION("one of an index") {
    l.db.script("CREATE TABLE by_text (id int)");
    l.refused(1, "because the name by_text is taken; rename or drop what has it");
    l.db.script("DROP TABLE by_text");
  }
  SECTION("one of a sequence") {
    l.db.script("CREATE SEQUENCE notes_id_seq");
    l.refused(1, "because the name notes_id_seq is taken");
    l.db.script("DROP SEQUENCE notes_id_seq");
  }
  CHECK(hewn::restore_dropped(l.db, 1).rows == 2);
}

TEST_CASE("a reference whose target is gone holds a table up, unless it is given up", "[M2]") {
  library l;
  l.db.script("ALTER TABLE shelves DROP CONSTRAINT first_book");
  l.approve({}, {dropped_table("books")});
  std::string words;
  SECTION("a row") { l.db.script("DELETE FROM notes WHERE id = 2"); }
  SECTION("the table") { l.db.script("DROP TABLE notes"); }
  const auto failure = failure_of([&] { (void)hewn::restore_dropped(l.db, 1); });
  CHECK(says(failure, "table books cannot be restored with its references ("));
  CHECK(says(failure, "restore it without_foreign_keys"));
  CHECK(hewn::kept(l.db).at(0).restorable());
  CHECK(hewn::restore_dropped(l.db, 1, {.without_foreign_keys = true}).rows == 2);
  CHECK(l.number("SELECT COUNT(*) FROM pg_constraint WHERE conrelid = 'books'::regclass AND "
                 "contype = 'f'") == 1);
}

TEST_CASE("dropped values return to their rows", "[M2]") {
  lab l;
  l.db.script("INSERT INTO notes (text) VALUES ('c'), (NULL), ('e')");
  const auto p = l.drop_values();
  l.db.script("DELETE FROM notes WHERE id = 1; UPDATE notes SET text = 'new' WHERE id = 2");
  hewn::restored_item back = hewn::restore_dropped(l.db, p.fingerprint()).at(0);
  CHECK(back ==
        hewn::restored_item{
            .id = 1, .table = "notes", .column = "text", .rows = 2, .gone = 1, .occupied = 1});
  CHECK(l.rows() == "2 new,3 c,4 -,5 e");
  // What was left out can be asked for.
  CHECK(hewn::kept(l.db).at(0).restorable());
  back = hewn::restore_dropped(l.db, 1, {.overwrite = true});
  CHECK(back.rows == 3);
  CHECK(back.occupied == 0);
  CHECK(l.rows() == "2 b,3 c,4 -,5 e");
  // A row that comes back gets its value another time.
  CHECK(hewn::audit::entries(l.db).back().detail ==
        "values of column notes.text: 3 restored, 1 without their rows, 0 left because of other "
        "values, 0 that the type does not hold");
  l.db.script("INSERT INTO notes (id) VALUES (1)");
  CHECK(hewn::restore_dropped(l.db, 1).rows == 4);
  CHECK(l.rows() == "1 a,2 b,3 c,4 -,5 e");
  // They stay kept, and there is nothing more to restore.
  REQUIRE(hewn::kept(l.db).size() == 1);
  CHECK_FALSE(hewn::kept(l.db)[0].restorable());
  l.refused(1,
            "the values of column notes.text cannot be restored, because all of them were "
            "restored at 20");
  CHECK(l.number("SELECT COUNT(*) FROM " + hewn::kept(l.db)[0].place) == 4);
}

TEST_CASE("a constant default is no value that somebody gave", "[M2]") {
  lab l;
  l.drop_values("text", "'none'");
  l.db.script("UPDATE notes SET text = 'given' WHERE id = 1");
  const auto back = hewn::restore_dropped(l.db, 1);
  CHECK(back.rows == 1);
  CHECK(back.occupied == 1);
  CHECK(l.rows() == "1 given,2 b");
}

TEST_CASE("values that the type of today does not hold are named with their keys", "[M2]") {
  lab l;
  SECTION("because they are none of it") {
    l.db.script("UPDATE notes SET text = '17' WHERE id = 1");
    l.drop_values("integer");
    const auto back = hewn::restore_dropped(l.db, 1);
    CHECK(back.rows == 1);
    CHECK(back.unfit == 1);
    CHECK(back.unfit_keys == std::vector<std::string>{"id=2"});
    CHECK(l.rows() == "1 17,2 -");
    CHECK(hewn::kept(l.db).at(0).restorable());
  }
  SECTION("because they would be others") {
    l.db.script("UPDATE notes SET text = 'too long' WHERE id = 1");
    l.drop_values("varchar(3)");
    const auto back = hewn::restore_dropped(l.db, 1, {.overwrite = true});
    CHECK(back.unfit_keys == std::vector<std::string>{"id=1"});
    CHECK(l.rows() == "1 -,2 b");
  }
  SECTION("because no value could be") {
    l.db.script("ALTER TABLE notes ALTER COLUMN text TYPE point USING '(1,2)'");
    l.notes.columns[1].type = "point";
    l.drop_values("integer");
    l.refused(1, "because the column is of type integer now, which takes none of type point");
  }
  SECTION("because it has no equality") {
    l.db.script("ALTER TABLE notes ALTER COLUMN text TYPE json USING '{\"a\": 1}'");
    l.notes.columns[1].type = "json";
    l.drop_values("json");
    CHECK(hewn::restore_dropped(l.db, 1).rows == 2);
    CHECK(l.rows() == "1 {\"a\": 1},2 {\"a\": 1}");
  }
}

TEST_CASE("values that a type changed return where they are asked for", "[M2]") {
  lab l;
  schema::table t = l.notes;
  t.columns[1] = column("text", "character varying(9)");
  l.approve({t}, {converted("notes", "text", "upper(text)")});
  CHECK(l.rows() == "1 A,2 B");
  CHECK(hewn::restore_dropped(l.db, 1).occupied == 2);
  CHECK(l.rows() == "1 A,2 B");
  CHECK(hewn::restore_dropped(l.db, 1, {.overwrite = true}).rows == 2);
  CHECK(l.rows() == "1 a,2 b");
}

TEST_CASE("a key that has another type is compared as long as it is the same", "[M2]") {
  lab l;
  l.drop_values();
  SECTION("a wider number") {
    l.db.script(
        "ALTER TABLE notes ALTER COLUMN id DROP IDENTITY; ALTER TABLE notes ALTER COLUMN id TYPE "
        "numeric");
    CHECK(hewn::restore_dropped(l.db, 1).rows == 2);
    CHECK(l.rows() == "1 a,2 b");
  }
  SECTION("a text") {
    l.db.script(
        "ALTER TABLE notes ALTER COLUMN id DROP IDENTITY; ALTER TABLE notes ALTER COLUMN id TYPE "
        "text");
    CHECK(hewn::restore_dropped(l.db, 1).rows == 2);
  }
  SECTION("a type that does not know it") {
    l.db.script(
        "ALTER TABLE notes ALTER COLUMN id DROP IDENTITY; ALTER TABLE notes ALTER COLUMN id TYPE "
        "uuid USING "
        "lpad(id::text, 32, '0')::uuid");
    l.refused(1,
              "because its key id is of type uuid now, in which kept keys of type bigint are "
              "not the same");
    CHECK(l.number("SELECT COUNT(*) FROM notes WHERE text IS NULL") == 2);
  }
}

TEST_CASE("nothing is guessed where rows cannot be told apart", "[M2]") {
  lab l;
  SECTION("a table without a key") {
    l.db.script(
        "ALTER TABLE notes DROP CONSTRAINT notes_pkey, ALTER COLUMN id DROP IDENTITY, ALTER "
        "COLUMN id DROP NOT NULL");
    l.notes.columns[0] = column("id", "bigint");
    l.drop_values();
    l.refused(1, "because nothing tells whose they are");
  }
  SECTION("another key") {
    l.drop_values();
    l.db.script(
        "ALTER TABLE notes DROP CONSTRAINT notes_pkey, ADD COLUMN other bigint DEFAULT 1, ADD "
        "PRIMARY "
        "KEY (id, other)");
    l.refused(1,
              "because no key of its table today was kept with them; copy what is needed from "
              "\"hewn_dropped_");
  }
}

TEST_CASE("values wait for a column that takes them", "[M2]") {
  lab l;
  l.drop_values();
  SECTION("no column") {
    l.db.script("ALTER TABLE notes DROP COLUMN text");
    l.refused(1, "because its table does not have that column");
  }
  SECTION("a computed one") {
    l.db.script(
        "ALTER TABLE notes DROP COLUMN text; ALTER TABLE notes ADD COLUMN text text GENERATED "
        "ALWAYS "
        "AS ('x') STORED");
    l.refused(1, "because the column is computed now");
  }
  SECTION("no table") {
    l.db.script("DROP TABLE notes");
    l.refused(1, "because there is no table notes");
  }
  SECTION("a constraint that they break") {
    l.db.script("ALTER TABLE notes ADD CHECK (text <> 'b')");
    CHECK(failure_of([&] { (void)hewn::restore_dropped(l.db, 1); }).code() == errc::check);
    CHECK(l.rows() == "1 -,2 -");
  }
  SECTION("a copy that somebody took away") {
    l.db.script("DROP TABLE " + hewn::kept(l.db).at(0).place);
    CHECK_FALSE(hewn::kept(l.db).at(0).restorable());
    l.refused(1, ".\"notes_text\" is gone; look for it in another schema");
  }
}

TEST_CASE("triggers sleep while values return, and one that does not is noticed", "[M2]") {
  lab l;
  l.db.script("ALTER TABLE notes ADD COLUMN size integer DEFAULT 1");
  l.notes.columns.insert(l.notes.columns.begin() + 1, column("size", "integer", false, "1"));
  l.drop_values();
  std::string name = "answers";
  const bool sleeps = GENERATE(true, false);
  if (!sleeps) name = "hewn_announce_notes";
  l.db.script(
      "CREATE FUNCTION answer() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.size := 7; RETURN "
      "NEW; "
      "END'; CREATE TRIGGER " +
      name + " BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION answer()");
  if (sleeps) {
    CHECK(hewn::restore_dropped(l.db, 1).rows == 2);
  } else {
    const auto failure = failure_of([&] { (void)hewn::restore_dropped(l.db, 1); });
    CHECK(failure.code() == errc::schema_mismatch);
    CHECK(says(failure, "restoring the values of column notes.text would change other columns"));
    CHECK(l.rows() == "1 -,2 -");
  }
  CHECK(l.number("SELECT sum(size) FROM notes") == 2);
}

TEST_CASE("the values of a composite key's column are kept with the rest of it as it was", "[M2]") {
  lab l;
  schema::table t{.name = "pairs",
                  .columns = {column("a", "integer", true), column("b", "integer", true),
                              column("text", "text")}};
  t.columns[0].key_position = 1;
  t.columns[1].key_position = 2;
  l.apply({t});
  l.db.script("INSERT INTO pairs VALUES (1, 10, 'x'), (2, 20, 'y')");
  schema::table after = t;
  after.columns.erase(after.columns.begin() + 1);
  after.columns[0].type = "bigint";
  l.approve({after}, {dropped_column("pairs", "b")});
  const auto item = hewn::kept(l.db).at(0);
  CHECK(l.text("SELECT string_agg(format_type(atttypid, atttypmod), ',' ORDER BY attnum) FROM "
               "pg_attribute WHERE attrelid = '" +
               item.place + "'::regclass AND attnum > 0") == "integer,integer");
  // A column that is there again, beside the key of today.
  l.db.script("ALTER TABLE pairs ADD COLUMN b integer");
  CHECK(hewn::restore_dropped(l.db, item.id).rows == 2);
  CHECK(l.text("SELECT string_agg(concat(a, b), ',' ORDER BY a) FROM pairs") == "110,220");
}

TEST_CASE("values of a table that gets another key are kept with both, as they were", "[M2]") {
  lab l;
  l.db.script(
      "ALTER TABLE notes ADD COLUMN uid text; UPDATE notes SET uid = "
      "'00000000-0000-0000-0000-00000000000' || id; "
      "ALTER "
      "TABLE notes ALTER COLUMN uid SET NOT NULL");
  schema::table t{.name = "notes", .columns = {column("uid", "uuid", true)}};
  t.columns[0].key_position = 1;
  const auto p = l.approve({t}, {dropped_column("notes", "id"), dropped_column("notes", "text")});
  const auto columns = [&](const hewn::kept_item& item) {
    return l.text(
        "SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ',' ORDER BY "
        "attnum) "
        "FROM pg_attribute WHERE attrelid = '" +
        item.place + "'::regclass AND attnum > 0");
  };
  std::int64_t id = 0;
  std::int64_t text = 0;
  for (const auto& item : hewn::kept(l.db)) {
    if (item.column == "id") {
      CHECK(columns(item) == "uid text,id bigint");
      id = item.id;
    } else if (item.column == "text") {
      CHECK(columns(item) == "id bigint,uid text,text text");
      text = item.id;
    }
  }
  l.db.script("ALTER TABLE notes ADD COLUMN id bigint, ADD COLUMN text text");
  SECTION("one by one: of both keys one is not there yet") {
    CHECK(hewn::restore_dropped(l.db, text).gone == 2);
    CHECK(hewn::restore_dropped(l.db, id).rows == 2);
    CHECK(hewn::restore_dropped(l.db, text).rows == 2);
  }
  SECTION("all at once, the keys first") {
    for (const auto& each : hewn::restore_dropped(l.db, p.fingerprint())) CHECK(each.rows == 2);
  }
  CHECK(l.text("SELECT string_agg(concat(id, text), ',' ORDER BY uid) FROM notes") == "1a,2b");
}

TEST_CASE("values of rows that became one are not guessed", "[M2]") {
  lab l;
  schema::table t{.name = "pairs",
                  .columns = {column("a", "integer", true), column("b", "integer", true),
                              column("text", "text")}};
  t.columns[0].key_position = 1;
  t.columns[1].key_position = 2;
  l.apply({t});
  l.db.script("INSERT INTO pairs VALUES (1, 10, 'x'), (1, 20, 'y')");
  schema::table after = t;
  after.columns.pop_back();
  l.approve({after}, {dropped_column("pairs", "text")});
  l.db.script(
      "DELETE FROM pairs WHERE b = 20; ALTER TABLE pairs DROP COLUMN b, ADD PRIMARY KEY (a), ADD "
      "COLUMN text text");
  l.refused(1, "because several of them belong to one row by the key of today");
}

TEST_CASE("what is not there cannot be restored", "[M2]") {
  lab l;
  const auto check = [&](const auto& action) {
    const auto failure = failure_of(action);
    CHECK(failure.code() == errc::not_found);
    CHECK(says(failure, "nothing was kept under "));
  };
  check([&] { (void)hewn::restore_dropped(l.db, 1); });
  check([&] { (void)hewn::restore_dropped(l.db, "0123456789abcdef"); });
  const auto p = l.approve({}, {dropped_table("notes")});
  check([&] { (void)hewn::restore_dropped(l.db, 2); });
  check([&] { (void)hewn::restore_dropped(l.db, -1); });
  check([&] { (void)hewn::restore_dropped(l.db, ""); });
  check([&] { (void)hewn::restore_dropped(l.db, p.fingerprint().substr(0, 7)); });
  check([&] { (void)hewn::restore_dropped(l.db, p.fingerprint() + "0"); });
  CHECK(hewn::restore_dropped(l.db, p.fingerprint().substr(0, 8)).size() == 1);
}

TEST_CASE("a role that may not touch what is kept does not restore it", "[M2]") {
  lab l;
  l.approve({}, {dropped_table("notes")});
  const std::string role = "role_" + l.home;
  l.db.script("CREATE ROLE " + role + "; GRANT ALL ON SCHEMA " + l.home + " TO " + role);
  l.db.script("SET ROLE " + role);
  CHECK(failure_of([&] { (void)hewn::kept(l.db); }).code() == errc::cannot_open);
  l.db.script("RESET ROLE; GRANT SELECT ON hewn_kept TO " + role + "; SET ROLE " + role);
  CHECK(hewn::kept(l.db).size() == 1);
  CHECK(failure_of([&] { (void)hewn::restore_dropped(l.db, 1); }).code() == errc::cannot_open);
  l.db.script("RESET ROLE; DROP OWNED BY " + role + "; DROP ROLE " + role);
  CHECK(hewn::restore_dropped(l.db, 1).rows == 2);
}

TEST_CASE("rows that a role does not see are not taken for gone", "[M2]") {
  lab l;
  l.drop_values();
  const std::string role = "role_" + l.home;
  l.db.script("CREATE ROLE " + role + "; GRANT ALL ON SCHEMA " + l.home + " TO " + role +
              "; GRANT ALL ON ALL TABLES IN SCHEMA " + l.home + " TO " + role +
              "; GRANT USAGE ON SCHEMA " + l.kept_schemas()[0] + " TO " + role + "; GRANT ALL ON " +
              hewn::kept(l.db).at(0).place + " TO " + role + "; ALTER TABLE notes OWNER TO " +
              role +
              "; ALTER TABLE notes ENABLE ROW LEVEL SECURITY; ALTER TABLE notes FORCE ROW LEVEL "
              "SECURITY; CREATE POLICY first ON notes USING (id = 1); SET ROLE " +
              role);
  CHECK(failure_of([&] { (void)hewn::restore_dropped(l.db, 1); }).code() == errc::cannot_open);
  l.db.script("ALTER TABLE notes NO FORCE ROW LEVEL SECURITY");
  CHECK(hewn::restore_dropped(l.db, 1).rows == 2);
  l.db.script("RESET ROLE; ALTER TABLE notes OWNER TO CURRENT_USER; DROP OWNED BY " + role +
              "; DROP ROLE " + role);
  CHECK(l.rows() == "1 a,2 b");
}

TEST_CASE("of two restores at once one is done and the other says so", "[M2]") {
  lab l;
  l.approve({}, {dropped_table("notes")});
  std::vector<std::string> refusals(2);
  const auto restore = [&](std::size_t i) {
    try {
      (void)hewn::restore_dropped(l.where.open(), 1);
    } catch (const hewn::error& failure) {
      refusals[i] = failure.what();
    }
  };
  std::thread other([&] { restore(1); });
  restore(0);
  other.join();
  CHECK(refusals[0].empty() != refusals[1].empty());
  CHECK((refusals[0] + refusals[1]).find("it was restored at 20") != std::string::npos);
  CHECK(l.rows() == "1 a,2 b");
}

TEST_CASE("a restore in a transaction goes with it", "[M2]") {
  lab l;
  l.approve({}, {dropped_table("notes")});
  {
    auto tx = l.db.begin();
    CHECK(hewn::restore_dropped(l.db, 1).rows == 2);
    CHECK(hewn::kept(l.db).empty());
  }
  CHECK(hewn::kept(l.db).size() == 1);
  CHECK(hewn::restore_dropped(l.db, 1).rows == 2);
}
