// tests/postgres/schema/retyped_online_test.cpp - columns that get another type while others use
// them.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/online.hpp>
#include <hewn/sync/sync_structs.hpp>

#include <support/failure.hpp>
#include <support/online_lab.hpp>
#include <support/place.hpp>
#include <support/plan_words.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace schema = hewn::schema;
using hewn::errc;
using hewn::online_options;
using support::converted;
using support::failure_of;
using support::postgres_column;
using support::says;
using list = std::vector<std::string>;

namespace {

/// `notes` has numbers with everything that can hang on a column.
struct lab : support::online_lab {
  schema::table places{.name = "places",
                       .columns = {support::postgres_key(), postgres_column("code", "bigint")},
                       .unique_keys = {{.name = "places_code", .columns = {"code"}}}};

  lab() {
    notes.columns.push_back(postgres_column("n", "integer", true, "7"));
    notes.columns.push_back(postgres_column("m", "integer"));
    notes.indexes = {
        {.name = "by n", .parts = {{.text = "n", .descending = true}, {.text = "text"}}},
        {.name = "half", .parts = {{.text = "n % 2", .expression = true}}, .where = "n > 1"},
        {.name = "one_m", .unique = true, .parts = {{.text = "m"}}}};
    notes.checks = {{.name = "positive", .text = "n > 0"}, {.name = "other", .text = "n <> m"}};
    notes.unique_keys = {
        {.name = "pair", .columns = {"n", "text"}, .terms = "DEFERRABLE INITIALLY DEFERRED"}};
    notes.foreign_keys = {{.name = "to_place",
                           .columns = {"n"},
                           .target_table = "places",
                           .target_columns = {"code"},
                           .on_delete = schema::action::cascade}};
    db.script("DELETE FROM notes");
    apply({notes, places});
    db.script(
        "INSERT INTO places (code) SELECT n FROM generate_series(1, 500) AS g(n); "
        "INSERT INTO notes (text, n, m) SELECT 'n' || n, n, -n FROM generate_series(1, 400) AS "
        "g(n); COMMENT ON COLUMN notes.n IS 'how many'; COMMENT ON INDEX \"by n\" IS 'fast'; "
        "COMMENT ON CONSTRAINT positive ON notes IS 'always'; "
        "ALTER TABLE notes ALTER COLUMN n SET STATISTICS 50");
    tables = {notes, places};
  }

  schema::column& column(std::size_t i) { return tables[0].columns[i]; }
  std::string type_of(const std::string& name) {
    return text(
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = "
        "'notes'::regclass AND attname = '" +
        name + "'");
  }
};

/// Has a program of the previous release write at each step.
online_options beside(lab& l, const std::function<void(const hewn::online_progress&)>& write) {
  static_cast<void>(l);
  online_options out;
  out.progress = write;
  return out;
}

}  // namespace

TEST_CASE("a column gets a wider type with all that hangs on it") {
  lab l;
  const std::int64_t file = l.number("SELECT pg_relation_filenode('notes')::bigint");
  l.column(2).type = "bigint";
  l.column(2).default_text = "9";
  l.column(3).type = "bigint";
  const auto other = l.where.open();
  int written = 0;
  const online_options options = beside(l, [&](const hewn::online_progress& p) {
    if (p.phase.breaking) return;
    const std::string n = std::to_string(++written);
    other.script("INSERT INTO notes (text, n, m) VALUES ('new" + n + "', 401, " + n +
                 " + 1000); UPDATE notes SET n = 402 WHERE id = " + n + " + 100");
  });
  CHECK(l.change(options).finished);
  l.check_done();
  CHECK(written > 6);
  CHECK(l.type_of("n") == "bigint");
  CHECK(l.number("SELECT count(*) FROM notes") == 400 + written);
  CHECK(l.number("SELECT count(*) FROM notes WHERE n = 401") == written);
  CHECK(l.number("SELECT count(*) FROM notes WHERE n = 402") == written);
  CHECK(l.number("SELECT sum(n) FROM notes WHERE n < 401") ==
        400 * 401 / 2 - l.number("SELECT sum(id - 2) FROM notes WHERE n = 402"));
  CHECK(l.number("SELECT pg_relation_filenode('notes')::bigint") == file);  // no rewriting
  CHECK(l.text("SELECT col_description('notes'::regclass, attnum) || attstattarget FROM "
               "pg_attribute WHERE attrelid = 'notes'::regclass AND attname = 'n'") ==
        "how many50");
  CHECK(l.text("SELECT obj_description('\"by n\"'::regclass)") == "fast");
  CHECK(l.text("SELECT obj_description(oid) FROM pg_constraint WHERE conname = 'positive'") ==
        "always");
  CHECK(l.kept_schemas().empty());
  // All of it holds.
  CHECK(failure_of([&] { l.db.script("INSERT INTO notes (text, n) VALUES ('x', -1)"); }).code() ==
        errc::check);
  CHECK(failure_of([&] { l.db.script("INSERT INTO notes (text, n) VALUES ('x', NULL)"); }).code() ==
        errc::not_null);
  CHECK(failure_of([&] { l.db.script("INSERT INTO notes (text, n) VALUES ('x', 600)"); }).code() ==
        errc::foreign_key);
  CHECK(failure_of([&] { l.db.script("INSERT INTO notes (text, n) VALUES ('n7', 7)"); }).code() ==
        errc::conflict);
  l.db.script("INSERT INTO notes (text) VALUES ('as declared')");
  CHECK(l.number("SELECT n FROM notes WHERE text = 'as declared'") == 9);
}

TEST_CASE("values that a conversion changes are kept, and no more of them come") {
  lab l;
  l.tables[0].columns[1].type = "bigint";
  l.db.script("UPDATE notes SET text = id::text; UPDATE notes SET text = '0' || id WHERE id < 13");
  l.intents = {converted("notes", "text", "text::bigint")};
  // Other parts of the table name the text.
  const hewn::plan p = l.planned();
  CAPTURE(hewn::report(p));
  CHECK(failure_of([&] { hewn::change_online(l.executor, p, p, {}); }).code() ==
        errc::approval_required);
  online_options options;
  options.approvals = l.consent(p).approvals;
  const auto other = l.where.open();
  std::string refused;
  options.progress = [&](const hewn::online_progress& now) {
    if (now.phase.kind == hewn::phase_kind::batches && now.state == "waiting")
      other.script("INSERT INTO notes (text, n) VALUES ('0500', 5)");  // lost as well, and kept
    if (now.phase.kind == hewn::phase_kind::keep && now.state == "waiting") {
      refused = failure_of([&] {
                  other.script("INSERT INTO notes (text, n) VALUES ('0501', 5)");
                }).what();
      other.script("UPDATE notes SET m = NULL WHERE text = '0500'");  // others are as before
    }
  };
  CHECK(hewn::change_online(l.executor, p, p, options).finished);
  l.check_done();
  CHECK(refused.find("text gets another type") != refused.npos);
  CHECK(l.type_of("text") == "bigint");
  CHECK(l.number("SELECT count(*) FROM notes WHERE text = 500") == 1);
  REQUIRE(l.kept_schemas().size() == 1);
  CHECK(l.number("SELECT count(*) FROM " + l.kept_schemas()[0] + ".notes_text") == 11);
  CHECK(l.number("SELECT count(*) FROM hewn_kept WHERE column_name = 'text' AND rows = 11") == 1);
}

TEST_CASE("what cannot be converted stops the change until it is mended") {
  lab l;
  l.tables[0].columns[1].type = "bigint";
  l.db.script("UPDATE notes SET text = id::text");
  l.intents = {converted("notes", "text", "text::bigint")};
  const hewn::plan p = l.planned();
  CAPTURE(hewn::report(p));
  online_options options;
  const auto other = l.where.open();
  options.progress = [&](const hewn::online_progress& now) {
    if (now.phase.kind == hewn::phase_kind::alone && now.state == "waiting")
      other.script("INSERT INTO notes (text, n) VALUES ('many', 5)");
  };
  const auto failure = failure_of([&] { hewn::change_online(l.executor, p, p, options); });
  CHECK(says(failure, "continue_online()"));
  other.script("UPDATE notes SET text = '1' WHERE text = 'many'");
  CHECK(hewn::continue_online(l.executor).finished);
  l.check_done();
  CHECK(l.number("SELECT count(*) FROM notes WHERE text = 1") == 1);
}

TEST_CASE("another type comes from every place, and goes back from every place") {
  lab l;
  l.column(2).type = "bigint";
  for (std::size_t calls = 1;; ++calls) {
    INFO("after " << calls << " calls");
    std::size_t left = calls;
    bool thrown = false;
    online_options options;
    options.progress = [&](const hewn::online_progress&) {
      if (--left == 0) {
        thrown = true;
        throw std::string("enough");
      }
    };
    const hewn::plan p = l.planned();
    try {
      hewn::change_online(l.executor, p, p, options);
    } catch (const std::string&) {
    }
    if (!thrown) {
      CHECK(calls > 12);
      break;
    }
    const bool over = hewn::online_status(l.executor).back().state == "done";
    if (calls % 2 == 0 && !over) {
      hewn::abandon_online(l.executor);
      l.check_nothing_left();
      CHECK(l.planned().from() == p.from());
    } else {
      if (over)
        CHECK(says(failure_of([&] { hewn::abandon_online(l.executor); }), "continue_online()"));
      CHECK(hewn::continue_online(l.executor).finished);
      l.check_done();
      CHECK(l.type_of("n") == "bigint");
      l.db.script("ALTER TABLE notes ALTER COLUMN n TYPE integer");
    }
    CHECK(l.number("SELECT sum(n) FROM notes") == 400 * 401 / 2);
    CHECK(l.kept_schemas().empty());
  }
  l.check_done();
}

namespace {

namespace before {
struct meter {
  std::int64_t id = 0;
  std::int32_t reading = 0;
  std::optional<std::int32_t> limit;
  std::string place;
  static consteval auto table() { return hewn::table("meters").index<&meter::reading>(); }
};
struct visit {
  std::int64_t id = 0;
  std::int32_t code = 0;
  static consteval auto table() { return hewn::table("visits").unique<&visit::code>(); }
};
}  // namespace before

struct meter {
  std::int64_t id = 0;
  std::int64_t reading = 0;
  std::optional<std::int64_t> limit;
  std::string place;
  static consteval auto table() {
    return hewn::table("meters").index<&meter::reading>().index<&meter::place>();
  }
};
struct visit {
  std::int64_t id = 0;
  std::int64_t code = 0;
  static consteval auto table() { return hewn::table("visits").unique<&visit::code>(); }
};

}  // namespace

TEST_CASE("a type on which others depend is left to sync") {
  lab l;
  l.tables[0].columns[2].type = "bigint";
  const auto is_left = [&] { return hewn::detail::find_retyped(l.executor, l.planned()).empty(); };
  CHECK_FALSE(is_left());
  for (const auto& [make, away] : std::vector<std::pair<std::string, std::string>>{
           {"CREATE VIEW v AS SELECT n FROM notes", "DROP VIEW v"},
           {"CREATE TABLE heir () INHERITS (notes)", "DROP TABLE heir"},
           {"CREATE STATISTICS s ON n, m FROM notes", "DROP STATISTICS s"},
           {"ALTER TABLE notes ADD COLUMN twice integer GENERATED ALWAYS AS (n * 2) STORED",
            "ALTER TABLE notes DROP COLUMN twice"},
           {"CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; "
            "CREATE TRIGGER \"~~z\" BEFORE UPDATE ON notes FOR EACH ROW EXECUTE FUNCTION late()",
            "DROP TRIGGER \"~~z\" ON notes"},
           {"CREATE PUBLICATION hewn_test_types FOR TABLE notes",
            "DROP PUBLICATION hewn_test_types"},
           {"ALTER TABLE notes CLUSTER ON \"by n\"", "ALTER TABLE notes SET WITHOUT CLUSTER"},
           {"ALTER TABLE notes ADD CONSTRAINT late CHECK (n < 900) NOT VALID",
            "ALTER TABLE notes DROP CONSTRAINT late"}}) {
    INFO(make);
    l.db.script(make);
    CHECK(is_left());
    l.db.script(away);
    CHECK_FALSE(is_left());
  }
  l.intents = {converted("notes", "n", "n + extract(year FROM now())::integer")};
  CHECK(is_left());
  l.intents = {converted("notes", "n", "n + (random() * 9)::integer")};
  CHECK(is_left());
  l.intents = {converted("notes", "n", "abs(n)")};
  CHECK_FALSE(is_left());
}

TEST_CASE("types of structs change between two releases") {
  support::place where;
  const auto db = where.open();
  hewn::sync<before::meter, before::visit>(db);
  db.insert(before::meter{.reading = 5, .limit = 8, .place = "here"});
  db.insert(before::visit{.code = 1});
  db.script("CREATE TABLE outside (code integer REFERENCES visits (code))");
  online_options options;
  options.until_breaking = true;
  auto done = hewn::sync_online<meter, visit>(db, options);
  CHECK_FALSE(done.finished);
  // What another table refers to is left to sync.
  REQUIRE(done.left.size() == 1);
  CHECK(done.left[0].table == "visits");
  // Either release reads and writes what is there between the two.
  db.insert(before::meter{.reading = 6, .place = "there"});
  CHECK(hewn::sync<meter, visit>(db).empty());
  CHECK(db.insert(meter{.reading = 7, .limit = 3}).limit == 3);
  CHECK(db.all<meter>().size() == 3);
  done = hewn::sync_online<meter, visit>(db);
  CHECK(done.finished);
  CHECK(done.left.size() == 1);
  CHECK(hewn::online_status(db).empty());
  CHECK(db.insert(meter{.reading = std::int64_t{1} << 40}).reading == std::int64_t{1} << 40);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT sum(reading) FROM meters WHERE id < 4">) == 18);
  CHECK(hewn::plan_sync<meter>(db).empty());
  db.script("DROP TABLE outside");
  CHECK(hewn::sync_online<meter, visit>(db).left.empty());
  CHECK(hewn::plan_sync<meter, visit>(db).empty());
}

TEST_CASE("names of any kind, and all forms of indexes and constraints, come over") {
  support::online_lab l;
  const std::string table = "Odd \"table\" of 100 % and a name that is as long as names can be";
  REQUIRE(table.size() == 63);
  schema::table odd{
      .name = table,
      .columns = {support::postgres_key(), postgres_column("date", "integer", true),
                  postgres_column("year", "integer"), postgres_column("a.\"B\" %s", "integer"),
                  postgres_column("parent", "bigint")}};
  odd.indexes = {
      {.name = "both",
       .parts = {{.text = "date"}, {.text = "year", .descending = true, .nulls = "NULLS LAST"}}},
      {.name = "included",
       .unique = true,
       .parts = {{.text = "date"}},
       .where = "year > 3",
       .storage = {.included = {"a.\"B\" %s"}}},
      {.name = "by_expression",
       .parts = {{.text = "date + year", .expression = true},
                 {.text = "abs(\"a.\"\"B\"\" %s\")", .expression = true}}}};
  odd.checks = {
      {.name = "in_text", .text = "date::text <> 'date' AND (date + year) <> 5"},
      {.name = "as_time", .text = "EXTRACT(year FROM make_date(2020, 1, 1)) + year > 1900"}};
  odd.unique_keys = {{.name = "all three",
                      .columns = {"year", "date", "a.\"B\" %s"},
                      .terms = "NULLS NOT DISTINCT"}};
  l.apply({l.notes, odd});
  const std::string t = hewn::quote_identifier(table);
  l.db.script(
      "INSERT INTO " + t +
      " (date, year, \"a.\"\"B\"\" %s\") SELECT n, n % 7, -n FROM generate_series(1, 50) AS g(n); "
      "CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.date := "
      "NEW.date + 100; RETURN NEW; END'; CREATE TRIGGER zz BEFORE INSERT ON " +
      t + " FOR EACH ROW EXECUTE FUNCTION more()");
  for (std::size_t i = 1; i != 4; ++i) odd.columns[i].type = "bigint";
  l.tables = {l.notes, odd};
  const hewn::plan p = l.planned();
  INFO(hewn::report(p));
  INFO(hewn::report(l.phases(p)));
  REQUIRE(hewn::detail::find_retyped(l.executor, p).size() == 1);
  CHECK(hewn::detail::find_retyped(l.executor, p)[0].columns.size() == 3);
  const auto other = l.where.open();
  int written = 0;
  online_options options;
  options.progress = [&](const hewn::online_progress& now) {
    // A session has the plan of a trigger's expression for the types that it was first run with.
    if (now.number == now.total && now.state == "done") return;
    const std::string n = std::to_string(++written + 100);
    other.script("INSERT INTO " + t + " (date, year, \"a.\"\"B\"\" %s\") VALUES (" + n +
                 ", NULL, " + n + ")");
  };
  CHECK(hewn::change_online(l.executor, p, p, options).finished);
  l.check_done();
  CHECK(l.number("SELECT count(*) FROM " + t + " WHERE date > 200") == written);
  CHECK(l.number("SELECT sum(date) FROM " + t + " WHERE date <= 100") == 50 * 51 / 2);
}

TEST_CASE("a conversion may give NULL, and a row that refers to its own table goes on") {
  support::online_lab l;
  l.notes.columns.push_back(postgres_column("parent", "bigint"));
  l.notes.columns.push_back(postgres_column("size", "text"));
  l.notes.foreign_keys = {{.name = "to_parent",
                           .columns = {"parent"},
                           .target_table = "notes",
                           .target_columns = {"id"},
                           .on_delete = schema::action::set_null}};
  l.apply({l.notes});
  l.db.script("UPDATE notes SET parent = 1, size = CASE id WHEN 1 THEN '' ELSE '12' END");
  l.tables = {l.notes};
  l.tables[0].columns[2].type = "integer";
  l.tables[0].columns[3].type = "integer";
  l.intents = {converted("notes", "size", "nullif(size, '')")};
  const hewn::plan p = l.planned();
  INFO(hewn::report(p));
  REQUIRE(hewn::detail::find_retyped(l.executor, p)[0].columns.size() == 2);
  online_options options;
  if (!p.pending().empty()) options.approvals = l.consent(p).approvals;
  CHECK(hewn::change_online(l.executor, p, p, options).finished);
  l.check_done();
  CHECK(l.number("SELECT count(*) FROM notes WHERE parent = 1") == 2);
  CHECK(l.number("SELECT count(*) FROM notes WHERE size IS NULL") == 1);
  CHECK(l.number("SELECT sum(size) FROM notes") == 12);
  l.db.script("DELETE FROM notes WHERE id = 1");
  CHECK(l.number("SELECT count(*) FROM notes WHERE parent IS NULL") == 1);
}

TEST_CASE("words that are no columns stay, and columns behind types do not") {
  support::online_lab l;
  l.notes.columns.push_back(postgres_column("year", "integer"));
  l.notes.columns.push_back(postgres_column("lower", "integer"));
  l.notes.columns.push_back(postgres_column("n", "numeric(10,2)"));
  l.notes.columns.push_back(postgres_column("made", "timestamp without time zone"));
  l.notes.checks = {
      {.name = "by_year", .text = "EXTRACT(year FROM made) > (2000)::numeric"},
      {.name = "is_lower", .text = "lower(text) = text"},
      {.name = "by_case",
       .text = "CASE WHEN (text <> ''::text) THEN '1'::numeric ELSE n END >= '0'::numeric"},
      {.name = "differs", .text = "'7.5'::numeric IS DISTINCT FROM n AND lower <> 9"}};
  l.notes.indexes = {{.name = "lowered", .parts = {{.text = "lower(text)", .expression = true}}}};
  l.apply({l.notes});
  l.db.script("UPDATE notes SET year = 7, lower = 8, n = 2.25, made = '2020-01-01'");
  l.tables = {l.notes};
  l.tables[0].columns[2].type = "bigint";
  l.tables[0].columns[3].type = "bigint";
  l.tables[0].columns[4].type = "numeric(12,2)";
  const hewn::plan p = l.planned();
  CAPTURE(hewn::report(p));
  CAPTURE(hewn::report(l.phases(p)));
  REQUIRE(hewn::detail::find_retyped(l.executor, p)[0].columns.size() == 3);
  CHECK(hewn::change_online(l.executor, p, p, {}).finished);
  l.check_done();
  CHECK(l.number("SELECT count(*) FROM notes WHERE year = 7 AND lower = 8 AND n = 2.25") == 2);
}

TEST_CASE("what somebody makes on the column meanwhile is not lost unseen") {
  lab l;
  l.column(2).type = "bigint";
  online_options options;
  options.until_breaking = true;
  CHECK_FALSE(l.change(options).finished);
  l.db.script("CREATE INDEX meanwhile ON notes (n)");
  const hewn::error failure = failure_of([&] { hewn::continue_online(l.executor); });
  CHECK(says(failure, "index meanwhile"));
  CHECK(l.type_of("n") == "integer");
  l.db.script("DROP INDEX meanwhile");
  CHECK(hewn::continue_online(l.executor).finished);
  l.check_done();
  CHECK(l.type_of("n") == "bigint");
}
