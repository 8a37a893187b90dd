// tests/live/call_sites_test.cpp - every error says where the program called, whatever was called.
// SPDX-License-Identifier: BSL-1.0
#include <support/pool_place.hpp>

#include <support/failure.hpp>
#include <support/statement_log.hpp>

#include <hewn/pages.hpp>
#include <hewn/sync/audit.hpp>
#include <hewn/verify.hpp>

#ifdef HEWN_TEST_POSTGRES
#  include <hewn/postgres/in_doubt.hpp>
#else
#  include <hewn/migrate.hpp>
#  include <hewn/sqlite/restore.hpp>
#  include <hewn/sqlite/schema_source.hpp>
#endif

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

using hewn::col;
using hewn::errc;
using support::failure_of;

namespace {

struct parcel {
  std::int64_t id = 0;
  std::string label;
  std::int64_t weight = 0;
};

/// A struct whose CHECK no database can read.
struct unreadable {
  std::int64_t id = 0;
  static consteval auto table() {
    return hewn::table("unreadables").check("unreadable", hewn::raw("no_such_column > 0"));
  }
};

struct owned {
  std::int64_t id = 0;
  std::int64_t owner = 0;
  std::string label;
  static consteval auto table() { return hewn::table("owned").tenant<&owned::owner>(); }
};

/// Fails unless the error of `action` names the lines at which this is called. `action` and the
/// call are at most a few lines apart.
template <class Action>
void names_line(Action&& action, hewn::call_site here = hewn::call_site::current()) {
  const hewn::error failure = failure_of(std::forward<Action>(action));
  CAPTURE(failure.what(), here.line, failure.site().file, failure.site().line);
  CHECK(std::string(failure.site().file) == here.file);
  CHECK(failure.site().line + 3 >= here.line);
  CHECK(failure.site().line <= here.line + 3);
}

/// A connection on which nothing works any more.
support::pooled given_back(const support::pool& p) {
  auto db = p.acquire();
  db.give_back();
  return db;
}

template <class Result>
void value_of(Result&& failed) {
  failed.value();
}

}  // namespace

TEST_CASE("verbs name the line that called them", "[S9]") {
  const support::pool_place place;
  const support::pool p = place.open();
  const auto db = given_back(p);
  parcel one;
  std::vector<parcel> many(2);
  names_line([&] { db.get<parcel>(1); });
  names_line([&] { db.find<parcel>(1); });
  names_line([&] { db.get_many<parcel>(std::vector<std::int64_t>{1, 2}); });
  names_line([&] { db.all<parcel>(); });
  names_line([&] { db.all(hewn::from<parcel>); });
  names_line([&] { db.all<parcel>(hewn::sql<"SELECT * FROM parcel">); });
  names_line([&] { db.all(hewn::from<parcel>.limit(-1)); });
  names_line([&] { db.each<parcel>(); });
  names_line([&] { db.each(hewn::from<parcel>); });
  names_line([&] { db.first(hewn::from<parcel>); });
  names_line([&] { db.one(hewn::from<parcel>); });
  names_line([&] { db.one<std::int64_t>(hewn::dynamic_sql("SELECT 1")); });
  names_line([&] { db.count<parcel>(); });
  names_line([&] { db.exists(hewn::from<parcel>); });
  names_line([&] { db.insert(one); });
  names_line([&] { db.insert(parcel{}); });
  names_line([&] { db.insert_many(many); });
  names_line([&] { db.update(one); });
  names_line([&] { db.update<parcel>(1, col<& parcel::weight> = 2); });
  names_line([&] {
    db.update(hewn::from<parcel>.where(col<&parcel::id> == 1), col<& parcel::weight> = 2);
  });
  names_line([&] { db.upsert(one); });
  names_line([&] { db.remove(one); });
  names_line([&] { db.remove<parcel>(1); });
  names_line([&] { db.remove(hewn::from<parcel>.where(col<&parcel::id> == 1)); });
  names_line([&] { db.remove_all<parcel>(); });
  names_line([&] { db.execute(hewn::sql<"DELETE FROM parcel">); });
  names_line([&] { db.script("DELETE FROM parcel"); });
  names_line([&] { db.batch([&](auto& b) { b.insert(one); }); });
  names_line([&] { value_of(db.try_get<parcel>(1)); });
  names_line([&] { value_of(db.try_insert(one)); });
}

TEST_CASE("a row of another tenant is refused at the line that gave it", "[S9]") {
  const auto db = support::open_new();
  hewn::sync<owned>(db);
  const auto acting = hewn::act_for(db, 7);
  const owned before{.id = 1, .owner = 7, .label = "old"};
  const owned constant{.id = 1, .owner = 8, .label = "new"};
  owned other = constant;
  std::vector<owned> many(2, constant);
  names_line([&] { db.insert(other); });
  names_line([&] { db.insert(constant); });
  names_line([&] { db.insert(other, hewn::returning(col<&owned::id>)); });
  names_line([&] { db.insert_many(many); });
  names_line([&] { db.insert_many(std::as_const(many)); });
  names_line([&] { db.insert_many(many, hewn::returning(col<&owned::id>)); });
  names_line([&] { db.insert_or_ignore(other); });
  names_line([&] { db.update(other); });
  names_line([&] { db.update(constant); });
  names_line([&] { db.update(before, other); });
  names_line([&] { db.update_many(many); });
  names_line([&] { db.update_many(many, hewn::returning(col<&owned::id>)); });
  names_line([&] { db.upsert(other); });
  names_line([&] { db.upsert_many(many); });
  names_line([&] { db.upsert(other, hewn::set(col<& owned::label> = "x")); });
  names_line([&] { db.batch([&](auto& b) { b.insert(other); }); });
  names_line([&] { db.batch([&](auto& b) { b.update(other); }); });
}

TEST_CASE("verbs of queries name the line that called them", "[S9]") {
  const support::pool_place place;
  const support::pool p = place.open();
  const auto db = given_back(p);
  const parcel before{.id = 1};
  parcel after{.id = 1, .label = "new"};
  constexpr auto labels = hewn::from<parcel>.select<std::string>(col<&parcel::label>);
  constexpr auto pairs = hewn::from<parcel>.cross_join<hewn::alias<parcel, "other">>();
  constexpr auto both = hewn::from<parcel>.select<std::tuple<std::string, std::int64_t>>(
      col<&parcel::label>, col<&parcel::weight>);
  names_line([&] { db.all(labels); });
  names_line([&] { db.all(pairs); });
  names_line([&] { db.each(labels); });
  names_line([&] { db.first(labels); });
  names_line([&] { db.one(pairs); });
  names_line([&] { db.count(labels); });
  names_line([&] { db.count(pairs); });
  names_line([&] { db.exists(pairs); });
  names_line([&] { db.update(before, after); });
  names_line([&] { db.update(before, parcel{.id = 2}); });
  names_line([&] { db.insert_or_ignore(after); });
  names_line([&] { db.upsert(after, hewn::set(col<& parcel::weight> = 3)); });
  names_line([&] { db.insert_from<&parcel::label, &parcel::weight>(both); });
  names_line([&] { db.insert_from_returning<&parcel::label, &parcel::weight>(both); });
  names_line([&] {
    db.claim(hewn::from<parcel>.where(col<&parcel::id> == 1).limit(1), col<& parcel::weight> = 2);
  });
  names_line([&] {
    db.update_returning(hewn::from<parcel>.where(col<&parcel::id> == 1), col<& parcel::weight> = 2);
  });
  names_line([&] { db.remove_returning(hewn::from<parcel>.where(col<&parcel::id> == 1)); });
  names_line([&] { value_of(db.try_all(labels)); });
  names_line([&] { value_of(db.try_count(pairs)); });
  names_line([&] { value_of(db.try_insert_from<&parcel::label, &parcel::weight>(both)); });
  names_line([&] { value_of(db.try_insert_or_ignore(after)); });
}

TEST_CASE("a count that a query cannot have is an error of the verb's line", "[S9]") {
  const auto db = support::open_new();
  hewn::sync<parcel>(db);
  const auto query = hewn::from<parcel>.limit(-1);
  const auto labels = query.select<std::string>(col<&parcel::label>);
  const auto both = query.select<std::tuple<std::string, std::int64_t>>(col<&parcel::label>,
                                                                        col<&parcel::weight>);
  const auto some = hewn::from<parcel>.where(col<&parcel::id> == 1).limit(-1);
  const unsigned claimed = hewn::call_site::current().line - 1;
  names_line([&] { db.all(labels); });
  names_line([&] { db.count(labels); });
  names_line([&] { db.exists(query); });
  names_line([&] { db.insert_from<&parcel::label, &parcel::weight>(both); });
  names_line([&] { hewn::explain(db, query); });
  names_line([&] { hewn::find_and_count(db, query); });
  // The verb ends in a pack of assignments, so the line is the query's.
  CHECK(failure_of([&] { db.claim(some, col<& parcel::weight> = 1); }).site().line == claimed);
}

TEST_CASE("pages name the line that asks for them", "[S9]") {
  const support::pool_place place;
  const support::pool p = place.open();
  const auto gone = given_back(p);
  names_line([&] { hewn::find_page(gone, hewn::from<parcel>); });
  names_line([&] { hewn::find_numbered_page(gone, hewn::from<parcel>); });
  names_line([&] { hewn::find_numbered_page(gone, hewn::from<parcel>, {.count = true}); });
  names_line([&] { hewn::find_and_count(gone, hewn::from<parcel>); });
  names_line([&] { hewn::batches(gone, hewn::from<parcel>, 0); });
  names_line([&] {
    for (const auto& rows : hewn::batches(gone, hewn::from<parcel>, 2)) static_cast<void>(rows);
  });

  const auto db = support::open_new();
  hewn::sync<parcel>(db);
  const auto some = hewn::from<parcel>.distinct().limit(2).select<std::string>(col<&parcel::label>);
  const hewn::cursor<parcel> altered("AAAA");
  names_line([&] { hewn::find_page(db, some); });
  names_line([&] { hewn::find_page(db, hewn::from<parcel>, {.after = altered}); });
  names_line([&] { hewn::find_page(db, hewn::from<parcel>, {.size = 0}); });
  names_line([&] { hewn::find_numbered_page(db, some); });
  names_line([&] { hewn::find_numbered_page(db, hewn::from<parcel>, {.number = 0}); });
}

namespace {

constexpr auto weigh = hewn::exec<"weigh">([](std::int64_t id, std::int64_t weight) {
  return hewn::update_of(hewn::from<parcel>.where(col<&parcel::id> == id),
                         col<&parcel::weight> = weight);
});
constexpr auto drop_parcel = hewn::exec<"drop_parcel">([](std::int64_t id) {
  return hewn::remove_of(hewn::from<parcel>.where(col<&parcel::id> == id));
});
constexpr auto all_of = hewn::many<"all_of">(
    [](std::int64_t id) { return hewn::from<parcel>.where(col<&parcel::id> == id); });
constexpr auto raw_drop =
    hewn::exec<"raw_drop", std::int64_t>(hewn::sql<"DELETE FROM parcel WHERE id = ?">);

}  // namespace

TEST_CASE("named queries name the line that calls them", "[S9]") {
  const support::pool_place place;
  const support::pool p = place.open();
  const auto db = given_back(p);
  names_line([&] { weigh(db, 1, 2); });
  names_line([&] { drop_parcel(db, 1); });
  names_line([&] { all_of(db, 1); });
  names_line([&] { raw_drop(db, 1); });
}

TEST_CASE("transactions name the line that begins or commits them", "[S9]") {
  const support::pool_place place;
  support::pool p = place.open();
  const auto gone = given_back(p);
  names_line([&] { const auto tx = gone.begin(); });
  names_line([&] { gone.transaction([](auto&) {}); });
  names_line([&] { gone.read([](auto&) {}); });
  names_line([&] { value_of(gone.try_begin()); });
  names_line([&] { value_of(gone.try_transaction([](auto&) {})); });

  const auto db = p.acquire();
  auto tx = db.begin();
  {
    auto inner = tx.begin();
    names_line([&] { tx.commit(); });
    names_line([&] { tx.count<parcel>(); });
    inner.rollback();
  }
  tx.commit();
  names_line([&] { tx.commit(); });
  names_line([&] { value_of(tx.try_commit()); });
  names_line([&] { tx.count<parcel>(); });
}

TEST_CASE("what COMMIT fails of names the line of commit()", "[S9]") {
  const auto db = support::open_new();
  db.script(
      "CREATE TABLE roots (id INTEGER PRIMARY KEY); CREATE TABLE leaves (id INTEGER PRIMARY KEY, "
      "root_id INTEGER REFERENCES roots DEFERRABLE INITIALLY DEFERRED)");
  auto tx = db.begin();
  tx.execute(hewn::sql<"INSERT INTO leaves VALUES (1, 9)">);

  names_line([&] { tx.commit(); });
  names_line([&] {
    db.transaction([](auto& t) { t.execute(hewn::sql<"INSERT INTO leaves VALUES (1, 9)">); });
  });
}

TEST_CASE("opening names the line that opens", "[S9]") {
#ifdef HEWN_TEST_ANY
  const auto url = support::either("sqlite:/no/such/folder/a.db",
                                   "postgresql://nobody@/none?host=/no/such/folder");
  names_line([&] { hewn::open(url); });
  names_line([&] { hewn::open("ftp://example.org"); });
  names_line([&] { hewn::open_pool(url); });
  names_line([&] { value_of(hewn::try_open(url)); });
  names_line([&] { value_of(hewn::try_open_pool(url)); });
#elif defined(HEWN_TEST_POSTGRES)
  const std::string url = "postgresql://nobody@/none?host=/no/such/folder";
  names_line([&] { hewn::postgres::open(url); });
  names_line([&] { hewn::postgres::open("postgresql://["); });
  names_line([&] { hewn::postgres::open_pool(url); });
  names_line([&] { value_of(hewn::postgres::try_open(url)); });
  names_line([&] { value_of(hewn::postgres::try_open_pool(url)); });
#else
  const std::string path = "/no/such/folder/a.db";
  names_line([&] { hewn::sqlite::open(path); });
  names_line([&] { hewn::sqlite::open_pool(path); });
  names_line([&] { hewn::sqlite::open_pool(":memory:"); });
  names_line([&] { value_of(hewn::sqlite::try_open(path)); });
  names_line([&] { value_of(hewn::sqlite::try_open_pool(path)); });
#endif
}

TEST_CASE("pools name the line that asks them", "[S9]") {
  const support::pool_place place;
  support::pool p =
      place.open({.size = support::one_writer, .timeout = std::chrono::milliseconds(1)});
  {
    auto held = p.acquire();
    names_line([&] { p.acquire(); });
    names_line([&] { p.transaction([](auto&) {}); });
    names_line([&] { p.write([](auto&) {}); });
    names_line([&] { value_of(p.try_acquire()); });
  }
  p.close();
  names_line([&] { p.read([](auto&) {}); });
  names_line([&] { p.acquire_reader(); });
  const support::pool moved = std::move(p);
  names_line([&] { p.acquire(); });
  names_line([&] { p.acquire_reader(); });
  names_line([&] { p.statistics(); });
  names_line([&] { p.reader_statistics(); });
  names_line([&] { p.trim(); });
  names_line([&] { p.close(); });
  names_line([&] { support::pool([]() -> support::database { throw 1; }, {.size = 0}); });

  // Opened by whoever asks for it.
  bool open = true;
  const support::pool_setup refuse = [&](auto& db) {
    if (!open) hewn::sync<unreadable>(db, {}, {});
  };
  const support::pool late = place.open({.size = 2 + support::one_writer}, refuse);
  open = false;
  const auto first = late.acquire();
  names_line([&] { late.read([](auto& tx) { tx.template count<parcel>(); }); });
}

TEST_CASE("sync names the line that calls it", "[S9]") {
  const support::pool_place place;
  const support::pool p = place.open();
  const auto db = p.acquire();
  names_line([&] { hewn::sync<unreadable>(db); });
  const hewn::plan plan = hewn::plan_sync<parcel>(db);
  names_line([&] { static_cast<void>(hewn::plan_without(db, plan, {"none"})); });
  names_line([&] { hewn::approve(db, plan, ""); });
  db.script("CREATE TABLE parcel (id TEXT)");
  names_line([&] { hewn::apply_plan(db, plan); });

  const auto gone = given_back(place.open());
  names_line([&] { hewn::sync<parcel>(gone); });
  names_line([&] { static_cast<void>(hewn::plan_sync<parcel>(gone)); });
  names_line([&] { static_cast<void>(hewn::make_plan(gone, {})); });
  names_line([&] { static_cast<void>(hewn::plan_undo(gone, plan)); });
  names_line([&] { hewn::identity(gone); });
  names_line([&] { hewn::audit::entries(gone); });
  names_line([&] { hewn::audit::head(gone); });
  names_line([&] { hewn::audit::verify(gone); });
  names_line([&] { hewn::audit::renew_identity(gone); });
  names_line([&] { hewn::approve(hewn::approval_request{}); });
  hewn::approval unsigned_one;
  names_line([&] { hewn::sign(unsigned_one, ""); });
}

TEST_CASE("statements that sync runs are those of the line that calls it", "[S9]") {
  auto db = support::open_new();
  const support::statement_log log;
  db.observe(log);
  const unsigned line = hewn::call_site::current().line + 1;
  hewn::sync<parcel>(db);
  for (const auto& e : log.entries()) {
    CHECK(std::string(e.file) == __FILE__);
    CHECK(e.line == line);
  }
}

TEST_CASE("listeners name the line that uses them", "[S9]") {
  const support::pool_place place;
  const support::pool p = place.open();
  const auto gone = given_back(p);
  names_line([&] { hewn::notify(gone, "news", "one"); });
  names_line([&] { hewn::notify(gone, "hewn:news", "one"); });
  names_line([&] { hewn::listen(gone); });
  if (support::on_postgres) names_line([&] { hewn::announce_changes<parcel>(gone); });
  auto inbox = hewn::listen(p);
  names_line([&] { inbox.on("hewn:news", [](const std::string&) {}); });
  inbox.on<std::int64_t>("news", [](std::int64_t) {});
  hewn::notify(p.acquire(), "news", "one");
  names_line([&] { inbox.wait(std::chrono::seconds(30)); });
}

#ifdef HEWN_TEST_POSTGRES
#  ifndef HEWN_TEST_ANY

TEST_CASE("questions about a transaction name the line that asks them", "[S9]") {
  const auto db = support::open_new();
  names_line([&] { hewn::postgres::transaction_id(db); });
  names_line([&] { hewn::postgres::outcome_of(given_back(support::pool_place().open()), 1); });
}

#  endif
#else

TEST_CASE("migrators name the line that calls them", "[S9]") {
  const support::pool_place place;
  const support::pool p = place.open();
  const auto files = hewn::read_migrations(
      {{"0001_broken.sql", "-- up\nSELECT no_such_column;\n-- down\nSELECT no_such_column;"}});
  {
    auto db = p.acquire();
    hewn::migrator m(db, files);
    names_line([&] { m.up(); });
    names_line([&] { m.up_by_one(); });
    names_line([&] { m.up_to(1); });
    names_line([&] { m.up_to(7); });
    names_line([&] { m.down_to(7); });
    names_line([&] { m.reset(); });
    names_line([&] { m.require_current(); });
    names_line([&] { m.baseline(1, ""); });
    names_line([&] { m.adopt("none"); });
    names_line([&] { m.repair(1, "no reason"); });
    names_line([&] { m.approve({}, "no reason"); });
    names_line([&] { m.add({}); });
    const auto tried = m.dry_run();
    REQUIRE(tried.failure);
    CHECK(std::string(tried.failure->site().file) == __FILE__);
    db.give_back();
    names_line([&] { m.down(); });
    names_line([&] { m.redo(); });
    names_line([&] { m.dry_run(); });
    names_line([&] { m.dry_run_down(); });
    names_line([&] { m.status(); });
    names_line([&] { m.validate(); });
    names_line([&] { hewn::migrator(db, files); });
  }
  auto db = place.open_alone();
  hewn::migrator fresh(db, files);
  names_line([&] { hewn::expect_migrations_reach<parcel>(db, fresh); });
  names_line([&] { hewn::migrations_in("/no/such/folder"); });
  names_line([&] { hewn::read_migrations({{"none", ""}}); });
  names_line([&] { hewn::write_migration("/dev/null/folder", {.name = "a", .up = {"SELECT 1"}}); });
  const hewn::plan nothing = hewn::plan_sync<parcel>(db);
  names_line([&] { hewn::write_migration(db, "/dev/null/folder", nothing, "a"); });
  const std::string nowhere = "/dev/null/folder";
  names_line([&] { hewn::write_migration<parcel>(nowhere, {.name = "a"}, db); });
  names_line([&] { hewn::draft_migration<parcel>("/dev/null", {.name = "a"}, db); });
  names_line([&] {
    hewn::write_drafts(nowhere, {.sqlite = hewn::migration_draft{.name = "a", .up = {"SELECT 1"}}});
  });
  // A function says which of its lines it was.
  hewn::migrator written(db);
  unsigned line = 0;
  written.add({.version = 1, .name = "a", .id = "a", .up = [&](const auto& tx) {
                 line = hewn::call_site::current().line + 1;
                 tx.template count<parcel>();
               }});
  const hewn::error failure = failure_of([&] { written.up(); });
  CHECK(failure.site().line == line);
}

TEST_CASE("backups and schema files name the line that reads them", "[S9]") {
  const support::pool_place place;
  const support::pool p = place.open();
  const auto db = p.acquire();
  names_line([&] { hewn::sqlite::restore(db, "/no/such/backup"); });
  names_line([&] { hewn::sqlite::restore(given_back(place.open()), "/no/such/backup"); });
  names_line([&] { hewn::sqlite::restore("/no/such/file", "/no/such/backup"); });
  names_line([&] { hewn::sqlite::schema_from_file("/no/such/file"); });
  names_line([&] { hewn::sqlite::schema_from_sql("no SQL"); });
}

#endif
