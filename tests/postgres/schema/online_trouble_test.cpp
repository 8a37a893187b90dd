// tests/postgres/schema/online_trouble_test.cpp - what may get in the way of an online change.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/online.hpp>

#include <support/failure.hpp>
#include <support/online_lab.hpp>
#include <support/plan_words.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace schema = hewn::schema;
using hewn::errc;
using hewn::online_options;
using hewn::online_progress;
using hewn::phase_kind;
using support::backfilled;
using support::failure_of;
using support::postgres_column;
using support::says;

namespace {

struct lab : support::online_lab {
  void add_rows(int count) {
    db.script("INSERT INTO notes (text) SELECT 'n' || n FROM generate_series(1, " +
              std::to_string(count) + ") AS g(n)");
  }
  void want(std::vector<schema::column> columns, std::vector<hewn::intent> values) {
    for (schema::column& c : columns) notes.columns.push_back(std::move(c));
    tables = {notes};
    intents = std::move(values);
  }
};

/// Small batches, and `body` once, behind the first batch.
online_options behind_first_batch(const std::function<void()>& body) {
  online_options out;
  out.batch = std::chrono::milliseconds(0);
  out.progress = [body, done = false](const online_progress& p) mutable {
    if (done || p.phase.kind != phase_kind::batches || p.share == 0) return;
    done = true;
    body();
  };
  return out;
}

/// Ends the call before phase `number`.
struct ended {};
online_options until(std::size_t number) {
  online_options out;
  out.progress = [number](const online_progress& p) {
    if (p.number == number && p.share == 0) throw ended();
  };
  return out;
}

}  // namespace

TEST_CASE("rows that move to another file between batches get their values") {
  for (const char* const sql : {"VACUUM FULL notes", "CLUSTER notes USING pk_notes",
                                "TRUNCATE notes; INSERT INTO notes (text) VALUES ('a')"}) {
    INFO(sql);
    lab l;
    l.db.script("ALTER INDEX notes_pkey RENAME TO pk_notes");
    l.notes.primary_key_name = "pk_notes";
    l.add_rows(30000);
    l.db.script("DELETE FROM notes WHERE id <= 15000");
    l.want({postgres_column("size", "bigint")}, {backfilled("notes", "size", "length(text)")});
    bool moved = false;
    l.change(behind_first_batch([&] {
      moved = true;
      l.where.open().script(sql);
    }));
    CHECK(moved);
    CHECK(l.number("SELECT count(*) FROM notes WHERE size IS NULL") == 0);
    l.check_done();
  }
}

TEST_CASE(
    "an index of another schema on the path is neither taken for the wanted one nor dropped") {
  lab l;
  l.db.script(
      "CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.notes (text text, UNIQUE (text)); ALTER "
      "TABLE elsewhere.notes RENAME CONSTRAINT notes_text_key TO one_text; CREATE INDEX by_text "
      "ON elsewhere.notes (text); SELECT set_config('search_path', current_schema() || "
      "', elsewhere', false)");
  l.notes.indexes = {{.name = "by_text", .parts = {{.text = "text"}}}};
  l.notes.unique_keys = {{.name = "one_text", .columns = {"text"}}};
  l.want({}, {});
  const std::size_t phases = hewn::phases_of(l.planned()).phases.size();
  for (std::size_t number = 1; number <= phases; ++number) {
    INFO("back before phase " << number);
    try {
      l.change(until(number));
      FAIL_CHECK("was not ended");
    } catch (const ended&) {
    }
    hewn::abandon_online(l.executor);
    CHECK(l.number("SELECT count(*) FROM pg_indexes WHERE schemaname = 'elsewhere'") == 2);
  }
  l.change();
  CHECK(l.number("SELECT count(*) FROM pg_indexes WHERE schemaname = current_schema() AND "
                 "indexname IN ('by_text', 'one_text')") == 2);
  l.check_done();
  l.db.script("DROP SCHEMA elsewhere CASCADE");
}

TEST_CASE("columns whose names read alike together are filled each by its own trigger") {
  lab l;
  schema::table a{.name = "a_b",
                  .columns = {support::postgres_key(), postgres_column("x", "text")}};
  schema::table b = a;
  b.name = "a";
  l.apply({l.notes, a, b});
  a.columns.push_back(postgres_column("c", "text"));
  b.columns.push_back(postgres_column("b_c", "text"));
  l.tables = {l.notes, a, b};
  l.intents = {backfilled("a_b", "c", "'one'"), backfilled("a", "b_c", "'two'")};
  online_options options;
  options.until_breaking = true;
  l.change(options);
  l.db.script("INSERT INTO a_b (x) VALUES ('x'); INSERT INTO a (x) VALUES ('x')");
  CHECK(l.text("SELECT c FROM a_b") == "one");
  CHECK(l.text("SELECT b_c FROM a") == "two");
  hewn::continue_online(l.executor);
  l.check_done();
}

TEST_CASE("values that break a reference or a unique key are not filled in past its check") {
  for (const bool unique : {false, true}) {
    INFO((unique ? "unique" : "reference"));
    lab l;
    schema::table teams{.name = "teams",
                        .columns = {support::postgres_key(), postgres_column("name", "text")}};
    l.notes.columns.push_back(postgres_column("team", "bigint"));
    if (unique)
      l.notes.unique_keys = {{.name = "one_team", .columns = {"team"}, .terms = "DEFERRABLE"}};
    else
      l.notes.foreign_keys = {{.name = "notes_team",
                               .columns = {"team"},
                               .target_table = "teams",
                               .target_columns = {"id"}}};
    l.apply({l.notes, teams});
    l.db.script(
        "INSERT INTO teams (name) VALUES ('t'), ('u'); CREATE FUNCTION shout() RETURNS trigger "
        "LANGUAGE plpgsql AS 'BEGIN NEW.text = upper("
        "NEW.text); RETURN NEW; END'; CREATE TRIGGER shout BEFORE UPDATE ON notes FOR EACH ROW "
        "EXECUTE FUNCTION shout()");
    l.notes.columns.back().not_null = true;
    l.tables = {l.notes, teams};
    l.intents = {backfilled("notes", "team", "id")};
    const hewn::error refused = failure_of([&] { l.change(); });
    CHECK(refused.code() == errc::usage);
    CHECK(says(refused, "which cannot sleep without the check of "));
    CHECK(hewn::online_status(l.executor).empty());
    CHECK(l.number("SELECT count(*) FROM notes WHERE team IS NOT NULL") == 0);
  }
}

TEST_CASE("sync_online goes on with a change of which nothing but its end is left") {
  lab l;
  l.want({postgres_column("size", "bigint")}, {backfilled("notes", "size", "length(text)")});
  const std::size_t last = hewn::phases_of(l.planned()).phases.size();
  CHECK_THROWS_AS(l.change(until(last)), ended);
  CHECK(l.planned().empty());
  l.change();
  l.check_done();
}

TEST_CASE("a value may be made of a column that is computed") {
  lab l;
  l.db.script("DROP TABLE notes");
  l.notes.columns.push_back({.name = "upper",
                             .type = "text",
                             .generated = schema::generated::stored,
                             .generated_text = "upper(text)"});
  l.apply({l.notes});
  l.db.script("INSERT INTO notes (text) VALUES ('a')");
  l.want({postgres_column("more", "text", true)}, {backfilled("notes", "more", "upper || '!'")});
  online_options options;
  options.until_breaking = true;
  l.change(options);
  l.db.script("INSERT INTO notes (text) VALUES ('b')");
  CHECK(l.text("SELECT string_agg(more, ' ' ORDER BY id) FROM notes") == "A! B!");
  hewn::continue_online(l.executor);
  l.check_done();
}

TEST_CASE("names of any kind are quoted") {
  lab l;
  const std::string odd = "a \"b.c[d] DROP COLUMN IF EXISTS \xC3\xA9'$$\\";
  const std::string longest(63, 'x');
  schema::table t{.name = odd,
                  .columns = {support::postgres_key(), postgres_column("new", "text")}};
  l.apply({l.notes, t});
  l.db.script("INSERT INTO " + hewn::quote_identifier(odd) + " (\"new\") VALUES ('v'), ('w')");
  for (const std::string& c : {odd, longest, std::string("found"), std::string("tg_op")})
    t.columns.push_back(postgres_column(c, "text", true));
  t.columns.push_back(postgres_column("Found", "text"));
  t.indexes = {{.name = "i " + odd, .parts = {{.text = odd}}}};
  t.unique_keys = {{.name = "u " + odd, .columns = {odd, "new"}}};
  t.checks = {{.name = "k " + odd, .text = hewn::quote_identifier(odd) + " <> ''"}};
  l.tables = {l.notes, t};
  const std::string table = hewn::quote_identifier(odd);
  l.intents = {backfilled(odd, odd, table + ".\"new\" || '$$\\''%'"),
               backfilled(odd, longest, "\"new\""), backfilled(odd, "found", "\"new\""),
               backfilled(odd, "tg_op", table + ".new || current_setting('search_path')")};
  const std::string before = l.planned().from();
  const std::size_t phases = hewn::phases_of(l.planned()).phases.size();
  for (std::size_t number = 2; number <= phases; number += 3) {
    INFO("back before phase " << number);
    CHECK_THROWS_AS(l.change(until(number)), ended);
    l.db.script("INSERT INTO " + table + " (\"new\") VALUES ('y" + std::to_string(number) + "')");
    hewn::abandon_online(l.executor);
    l.check_nothing_left();
    CHECK(l.planned().from() == before);
  }
  l.change();
  l.check_done();
}

TEST_CASE("NOT NULL of a column that was there is taken back as well") {
  lab l;
  l.notes.columns[1].not_null = true;
  l.tables = {l.notes};
  const std::string before = l.planned().from();
  online_options options;
  options.progress = [](const online_progress& p) {
    if (p.number == p.total && p.share == 1) throw ended();
  };
  CHECK_THROWS_AS(l.change(options), ended);
  hewn::abandon_online(l.executor);
  CHECK(l.planned().from() == before);
  l.check_nothing_left();
}

TEST_CASE("what was removed by hand keeps nobody from abandoning a change") {
  for (const char* const sql : {"ALTER TABLE notes DROP COLUMN size", "DROP TABLE notes",
                                "DROP TRIGGER hewn_online_5_notes_size ON notes; DROP FUNCTION "
                                "hewn_online_5_notes_size()"}) {
    INFO(sql);
    lab l;
    l.want_everything();
    const std::size_t last = hewn::phases_of(l.planned()).phases.size();
    CHECK_THROWS_AS(l.change(until(last)), ended);
    l.db.script(sql);
    hewn::abandon_online(l.executor);
    CHECK(hewn::online_status(l.executor).empty());
    CHECK(l.number("SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'hewn\\_online%'") == 0);
    CHECK(l.number("SELECT count(*) FROM pg_proc WHERE proname LIKE 'hewn\\_online%'") == 0);
  }
}

TEST_CASE("times of any size are taken") {
  for (const bool most : {false, true}) {
    lab l;
    l.want({postgres_column("size", "bigint", true)},
           {backfilled("notes", "size", "length(text)")});
    online_options options;
    using ms = std::chrono::milliseconds;
    options.batch = most ? ms::max() : ms::min();
    options.pause = most ? ms(0) : ms::min();
    options.lock_wait = most ? ms::max() : ms(0);
    options.patience = most ? std::chrono::seconds::max() : std::chrono::seconds::min();
    const auto other = l.where.open();
    if (!most)
      other.transaction([&](auto& tx) {
        tx.execute(hewn::sql<"LOCK TABLE notes IN ACCESS SHARE MODE">);
        CHECK(failure_of([&] { l.change(options); }).code() == errc::busy);
      });
    l.change(options);
    l.check_done();
  }
}

TEST_CASE("a table from which others inherit is not filled in part") {
  lab l;
  l.db.script("CREATE TABLE kid () INHERITS (notes)");
  l.want({postgres_column("size", "bigint")}, {backfilled("notes", "size", "length(text)")});
  CHECK(says(failure_of([&] { l.change(); }),
             "table notes has others that inherit from it, to whose rows batches do not come"));
  l.check_nothing_left();
}

TEST_CASE("an index whose session ends while it is built is built again, or goes", "[s72]") {
  for (const bool back : {false, true}) {
    INFO((back ? "back" : "on"));
    lab l;
    l.want_everything();
    const hewn::plan p = l.planned();
    // The index waits for those who have written when it begins.
    std::thread writer, killer;
    std::string doing;
    online_options options;
    options.progress = [&](const online_progress& q) {
      if (q.phase.kind != phase_kind::alone || q.share != 0 || writer.joinable()) return;
      writer = std::thread([&] {
        l.where.open().script(
            "BEGIN; UPDATE notes SET text = text WHERE id = 1; SELECT pg_sleep(2); COMMIT");
      });
      l.db.script("SELECT pg_sleep(0.5)");
      killer = std::thread([&] {
        const auto db = l.where.open();
        db.script("SELECT pg_sleep(0.5)");
        hewn::postgres::schema_executor watching(db.connection());
        for (const online_progress& each : hewn::online_status(watching)) doing += each.doing;
        db.script(
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = "
            "'advisory'");
      });
    };
    {
      const auto dying = l.where.open();
      hewn::postgres::schema_executor executor(dying.connection());
      CHECK(failure_of([&] { hewn::change_online(executor, p, p, options); }).code() ==
            errc::connection_lost);
    }
    killer.join();
    CHECK(doing == "waiting for writers before build");
    CHECK(l.number("SELECT count(*) FROM pg_index WHERE NOT indisvalid") == 1);
    writer.join();
    if (back) {
      hewn::abandon_online(l.executor);
      CHECK(l.planned().from() == p.from());
      l.check_nothing_left();
    } else {
      CHECK(hewn::continue_online(l.executor).finished);
      l.check_done();
    }
  }
}

TEST_CASE("the vacuum of the server gives way to a change that waits for shorter times") {
  support::postgres_server server({"autovacuum_naptime=1s", "deadlock_timeout=200ms",
                                   "autovacuum_vacuum_cost_delay=100ms",
                                   "autovacuum_vacuum_cost_limit=1"});
  const auto db = hewn::postgres::open(server.url());
  hewn::postgres::schema_executor executor(db.connection());
  schema::table notes{.name = "notes",
                      .columns = {support::postgres_key(), postgres_column("text", "text")}};
  db.script(
      "CREATE TABLE notes (id bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, text text) WITH "
      "(autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0); INSERT INTO notes "
      "(text) SELECT n FROM generate_series(1, 20000) AS g(n); DELETE FROM notes WHERE id % 2 = 0");
  const auto vacuums = [&] {
    return support::number(
        db, "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'autovacuum: %notes'");
  };
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (vacuums() == 0 && std::chrono::steady_clock::now() < end)
    db.script("SELECT pg_sleep(0.1)");
  REQUIRE(vacuums() == 1);
  notes.columns.push_back(postgres_column("more", "text"));
  const hewn::plan p = hewn::make_plan(executor, {.schema = {.tables = {notes}}});
  online_options options;
  options.lock_wait = std::chrono::milliseconds(50);
  options.patience = std::chrono::seconds(20);
  CHECK(hewn::change_online(executor, p, p, options).finished);
  CHECK(hewn::make_plan(executor, {.schema = {.tables = {notes}}}).empty());
}
