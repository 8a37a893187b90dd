// tests/postgres/schema/sync_test.cpp - plans, their rehearsal and their record on a server.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/postgres/schema/schema_executor.hpp>
#include <hewn/sync/audit.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace audit = hewn::audit;
using hewn::errc;
using support::failure_of;
using support::says;

namespace {

struct shelf {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("shelves"); }
};

struct shelf_with_more {
  std::int64_t id = 0;
  std::string name;
  std::int64_t height = 0;
  std::optional<std::int64_t> above;
  static consteval auto table() {
    return hewn::table("shelves")
        .default_value<&shelf_with_more::height>(2)
        .range<&shelf_with_more::height>(0, 9)
        .references<&shelf_with_more::above, &shelf_with_more::id>()
        .unique_index<&shelf_with_more::name>();
  }
};

struct label {
  std::int64_t id = 0;
  std::string code;
  std::optional<std::string> parent;
  static consteval auto table() {
    return hewn::table("labels")
        .unique_index<&label::code>()
        .references<&label::parent, &label::code>();
  }
};

struct label_use {
  std::int64_t id = 0;
  std::string code;
  static consteval auto table() {
    return hewn::table("label_uses").references<&label_use::code, &label::code>();
  }
};

struct label_without_index {
  std::int64_t id = 0;
  std::string code;
  static consteval auto table() { return hewn::table("labels"); }
};

struct label_use_without_code {
  std::int64_t id = 0;
  static consteval auto table() { return hewn::table("label_uses"); }
};

struct label_use_that_may_lack_it {
  std::int64_t id = 0;
  std::optional<std::string> code;
  static consteval auto table() {
    return hewn::table("label_uses")
        .references<&label_use_that_may_lack_it::code, &label::code>()
        .unique_index<&label_use_that_may_lack_it::code>();
  }
};

struct book {
  std::int64_t id = 0;
  std::int64_t shelf_id = 0;
  static consteval auto table() {
    return hewn::table("books").references<&book::shelf_id, &shelf::id>();
  }
};

struct shelf_called_otherwise {
  std::int64_t id = 0;
  std::string title;
  static consteval auto table() {
    return hewn::table("shelves").renamed_from<&shelf_called_otherwise::title>("name");
  }
};

hewn::postgres::schema_executor executor_of(const support::database& db) {
  return hewn::postgres::schema_executor(db.connection());
}

}  // namespace

TEST_CASE("a plan does not wait for those who write", "[M5]") {
  const support::place where;
  const auto db = where.open();
  hewn::sync<shelf>(db);
  db.insert(shelf{.name = "a"});
  const auto writing = where.open();
  writing.transaction([&](auto& tx) {
    tx.insert(shelf{.name = "b"});  // ALTER TABLE and CREATE INDEX would wait for its end
    const hewn::plan planned = hewn::plan_sync<shelf_with_more, book>(db);
    CAPTURE(hewn::report(planned));
    CHECK_FALSE(planned.empty());
    CHECK_FALSE(planned.blocked());
  });
  CHECK_FALSE(hewn::sync<shelf_with_more, book>(db).empty());
  CHECK(hewn::sync<shelf_with_more, book>(db).empty());
  CHECK(db.get<shelf_with_more>(2).height == 2);
}

TEST_CASE("a change does not make others queue behind it for long", "[M5]") {
  const support::place where;
  const auto db = where.open({.lock_timeout = std::chrono::milliseconds(50)});
  hewn::sync<shelf>(db);
  const auto reading = where.open();
  reading.transaction([&](auto& tx) {
    tx.template count<shelf>();
    const auto added = failure_of([&] { hewn::sync<shelf_with_more>(db); });
    CHECK(added.code() == errc::busy);
    CHECK(added.retryable());
    // As for what is tried on the table itself.
    const auto renamed = failure_of([&] { (void)hewn::plan_sync<shelf_called_otherwise>(db); });
    CHECK(renamed.code() == errc::busy);
    CHECK(renamed.retryable());
  });
  CHECK_FALSE(hewn::sync<shelf_with_more>(db).empty());
}

TEST_CASE("who sets no limit for locks has one while tables change", "[M5]") {
  const auto db = support::open_new();
  auto executor = executor_of(db);
  const auto limit = [&] {
    return executor.query("SELECT current_setting('lock_timeout')").at(0).at(0).value();
  };
  hewn::sync_options options;
  options.progress = [&](const hewn::sync_progress&) { CHECK(limit() == "5s"); };
  auto tx = db.begin();
  CHECK_FALSE(hewn::sync<shelf>(db, options).empty());
  CHECK(limit() == "0");
  tx.commit();
  CHECK(limit() == "0");
}

TEST_CASE("indexes of other hands are in nobody's way", "[M3]") {
  const auto db = support::open_new();
  hewn::sync<shelf>(db);
  // Where the server copies a table it calls the copy of this one shelves_name_idx.
  db.script(
      "CREATE INDEX own ON shelves (name); CREATE INDEX point ON shelves USING gin "
      "(to_tsvector('simple', name))");
  CHECK_FALSE(hewn::sync<shelf_with_more>(db).empty());
  CHECK(hewn::sync<shelf_with_more>(db).empty());
}

TEST_CASE("a reference waits for the unique index that it needs", "[p:A10]") {
  const auto db = support::open_new();
  CHECK(hewn::sync<label_use, label>(db).changes().size() == 3);
  CHECK(hewn::plan_sync<label_use, label>(db).empty());
  CHECK(failure_of([&] { db.insert(label_use{.code = "none"}); }).code() == errc::foreign_key);
  CHECK(failure_of([&] { db.insert(label{.code = "a", .parent = "b"}); }).code() ==
        errc::foreign_key);
}

TEST_CASE("a column that refers waits for the unique index of its plan", "[p:A10]") {
  const auto db = support::open_new();
  hewn::sync<label_without_index, label_use_without_code>(db);
  CHECK(hewn::sync<label, label_use_that_may_lack_it>(db).changes().size() == 4);
  CHECK(hewn::plan_sync<label, label_use_that_may_lack_it>(db).empty());
  CHECK(failure_of([&] { db.insert(label_use_that_may_lack_it{.code = "none"}); }).code() ==
        errc::foreign_key);
}

TEST_CASE("a new table refers to the unique index that an old one gets", "[p:A10]") {
  const auto db = support::open_new();
  hewn::sync<label_without_index>(db);
  db.insert(label_without_index{.code = "a"});
  hewn::sync<label, label_use>(db);
  db.insert(label_use{.code = "a"});
  CHECK(failure_of([&] { db.insert(label_use{.code = "none"}); }).code() == errc::foreign_key);
}

TEST_CASE("an index gets the name that is declared for it, and is not made again", "[p:A10]") {
  struct named_shelf {
    std::int64_t id = 0;
    std::string name;
    static consteval auto table() {
      return hewn::table("shelves").index<&named_shelf::name>(hewn::name("by Name"));
    }
  };
  const auto db = support::open_new();
  hewn::sync<shelf>(db);
  db.script("CREATE INDEX own ON shelves (name)");
  const auto file = [&](const char* name) {
    return executor_of(db).query("SELECT pg_relation_filepath('" + std::string(name) + "')").at(0);
  };
  const auto before = file("own");
  const hewn::plan renamed = hewn::sync<named_shelf>(db);
  REQUIRE(renamed.steps().size() == 1);
  CHECK(renamed.steps()[0].sql == "ALTER INDEX \"own\" RENAME TO \"by Name\"");
  CHECK(renamed.changes()[0].kind == hewn::change_kind::rename_index);
  CHECK(file("\"by Name\"") == before);
  CHECK(hewn::sync<named_shelf>(db).empty());
  // As long as it is nobody's choice, it stays.
  CHECK(hewn::sync<shelf>(db).empty());
}

TEST_CASE("rows that are in the way are counted before anything is tried", "[M2]") {
  const auto db = support::open_new();
  hewn::sync<shelf>(db);
  db.insert(shelf{.name = "a"});
  db.insert(shelf{.name = "a"});
  const auto failure = failure_of([&] { hewn::sync<shelf_with_more>(db); });
  CHECK(failure.code() == errc::approval_required);
  CHECK(says(failure, "id='1' and id='2'"));
  CHECK(hewn::plan_sync<shelf>(db).empty());
}

TEST_CASE("rows without a key are named by their place", "[M2]") {
  const auto db = support::open_new();
  db.script("CREATE TABLE shelves (name text NOT NULL); INSERT INTO shelves VALUES ('a'), ('a')");
  struct keyless {
    std::string name;
    std::optional<std::int64_t> height;
    static consteval auto table() { return hewn::table("shelves").unique_index<&keyless::name>(); }
  };
  const auto failure = failure_of([&] { hewn::sync<keyless>(db); });
  CHECK(failure.code() == errc::approval_required);
  CHECK(says(failure, "ctid='(0,1)' and ctid='(0,2)'"));
}

namespace {

struct order {
  std::int64_t id = 0;
  std::string Note;
  static consteval auto table() { return hewn::table("Order"); }
};

struct order_with_total {
  std::int64_t id = 0;
  std::string Note;
  std::int64_t Total = 0;
  static consteval auto table() {
    return hewn::table("Order")
        .default_value<&order_with_total::Total>(0)
        .index<&order_with_total::Note>();
  }
};

struct order_item {
  std::int64_t id = 0;
  std::int64_t order_id = 0;
  static consteval auto table() {
    return hewn::table("Order items").references<&order_item::order_id, &order_with_total::id>();
  }
};

}  // namespace

TEST_CASE("names that only quotes can write are tried like others", "[M3]") {
  const auto db = support::open_new();
  hewn::sync<order>(db);
  db.insert(order{.Note = "a"});
  CHECK_FALSE(hewn::sync<order_with_total, order_item>(db).empty());
  CHECK(hewn::sync<order_with_total, order_item>(db).empty());
}

namespace {

struct lower_case {
  std::int64_t id = 0;
  std::string name;
  std::string Name;
  std::int64_t count = 0;
  static consteval auto table() {
    return hewn::table("cases")
        .unique<&lower_case::name>(hewn::name("cases_key"))
        .unique<&lower_case::Name>(hewn::name("Cases_key"))
        .check("positive", hewn::col<&lower_case::count> >= 0)
        .check("Positive", hewn::col<&lower_case::count> >= -1)
        .index<&lower_case::name>(hewn::name("cases_idx"))
        .index<&lower_case::Name>(hewn::name("Cases_idx"));
  }
};

struct upper_case {
  std::int64_t id = 0;
  std::int64_t case_id = 0;
  std::int64_t Case_id = 0;
  static consteval auto table() {
    return hewn::table("Cases")
        .references<&upper_case::case_id, &lower_case::id>()
        .references<&upper_case::Case_id, &upper_case::id>();
  }
};

// With one column less and one more.
struct other_cases {
  std::int64_t id = 0;
  std::string name;
  std::int64_t count = 0;
  std::int64_t Count = 0;
  static consteval auto table() {
    return hewn::table("cases")
        .dropped("Name")
        .default_value<&other_cases::Count>(7)
        .unique<&other_cases::name>(hewn::name("cases_key"))
        .check("positive", hewn::col<&other_cases::count> >= 0)
        .index<&other_cases::name>(hewn::name("cases_idx"));
  }
};

}  // namespace

TEST_CASE("names that differ in letter case only are two names", "[M3][p:A8]") {
  const auto db = support::open_new();
  CHECK_FALSE(hewn::sync<lower_case, upper_case>(db).empty());
  CHECK(hewn::sync<lower_case, upper_case>(db).empty());
  const auto row = db.insert(lower_case{.name = "a", .Name = "b", .count = 1});
  db.insert(upper_case{.case_id = row.id, .Case_id = 1});
  CHECK(db.get<lower_case>(row.id).name == "a");
  CHECK(db.get<lower_case>(row.id).Name == "b");
  CHECK(
      failure_of([&] { db.insert(lower_case{.name = "c", .Name = "b"}); }).is<&lower_case::Name>());
  const auto plan = hewn::plan_sync<other_cases, upper_case>(db);
  std::vector<std::string> objects;
  for (const auto& change : plan.changes()) {
    CHECK(change.table == "cases");
    objects.push_back(change.object);
  }
  for (const char* other : {"Name", "Cases_key", "Positive", "Cases_idx", "Count"}) {
    CAPTURE(other);
    CHECK(std::count(objects.begin(), objects.end(), other) == 1);
  }
  for (const char* same : {"name", "cases_key", "positive", "cases_idx", "count"}) {
    CAPTURE(same);
    CHECK(std::count(objects.begin(), objects.end(), same) == 0);
  }
}

TEST_CASE("a renamed column keeps its values", "[M2]") {
  const auto db = support::open_new();
  hewn::sync<shelf>(db);
  db.insert(shelf{.name = "a"});
  CHECK_FALSE(hewn::sync<shelf_called_otherwise>(db).empty());
  CHECK(hewn::sync<shelf_called_otherwise>(db).empty());
  CHECK(db.get<shelf_called_otherwise>(1).title == "a");
}

TEST_CASE("a schema that is not there is named as the cause", "[M5]") {
  const support::place where;
  auto options = hewn::postgres::options{.search_path = {"no_such_schema"}};
  const auto db = hewn::postgres::open(support::postgres_server::get().url(), options);
  for (int i = 0; i != 2; ++i) {
    const auto failure = failure_of([&] { hewn::sync<shelf>(db); });
    CHECK(failure.code() == errc::schema_mismatch);
    CHECK(says(failure, "no schema of the search_path"));
  }
  db.script("CREATE SCHEMA no_such_schema");
  CHECK_FALSE(hewn::sync<shelf>(db).empty());
  CHECK(hewn::sync<shelf>(db).empty());
}

TEST_CASE("a sync inside a transaction ends with it", "[M5]") {
  const auto db = support::open_new();
  {
    auto tx = db.begin();
    CHECK_FALSE(hewn::sync<shelf, book>(db).empty());
    CHECK(hewn::sync<shelf, book>(db).empty());
  }
  CHECK_FALSE(hewn::plan_sync<shelf, book>(db).empty());
}

TEST_CASE("the record is kept on a server as well", "[s80]") {
  const support::place where;
  const auto db = where.open();
  auto executor = executor_of(db);
  CHECK(executor.version() >= 150000);
  CHECK(audit::entries(executor).empty());
  CHECK(audit::verify(executor).empty());
  CHECK_FALSE(audit::find_identity(executor));

  const audit::entry first =
      audit::append(executor, {.actor = "ada \"x\" 'y'", .event = "apply", .outcome = "applied"});
  CHECK(first.seq == 1);
  CHECK(audit::entries(executor) == std::vector{first});
  hewn::approval a{.plan = "p", .from = "f", .approver = "ada"};
  a.nonce = "once";
  audit::append(executor, audit::use_of(a));
  CHECK(audit::used(executor, "once"));
  CHECK_FALSE(audit::used(executor, "other"));
  CHECK(failure_of([&] { audit::append(executor, audit::use_of(a)); }).code() == errc::conflict);
  CHECK(failure_of([&] {
          executor.transaction({}, [&] {
            audit::append(executor, {.event = "apply"});
            throw hewn::error(errc::check, "hewn: the apply failed; try again");
          });
        }).code() == errc::check);
  CHECK(audit::head(executor).seq == 2);
  CHECK(audit::verify(executor).empty());
  // They are no part of anybody's schema.
  CHECK_FALSE(hewn::sync<shelf>(db).empty());
  CHECK(hewn::sync<shelf>(db).empty());

  const std::string id = audit::ensure_identity(executor);
  CHECK(audit::renew_identity(executor) != id);
  executor.execute("UPDATE hewn_audit SET actor = 'eve' WHERE seq = 1");
  CHECK_FALSE(audit::verify(executor).empty());
}

TEST_CASE("plans, refusals and identity are recorded on a server as well", "[s80]") {
  const auto db = support::open_new();
  const std::string id = hewn::identity(db);
  CHECK(hewn::identity(db) == id);
  hewn::sync<shelf>(db);
  db.script("ALTER TABLE shelves ADD COLUMN old text");
  const hewn::sync_options strict{.policy = hewn::policy::production(), .actor = "deploy"};
  const hewn::plan p = hewn::plan_sync<shelf>(db, strict);
  REQUIRE_FALSE(p.pending().empty());
  CHECK(failure_of([&] { hewn::apply_plan(db, p, strict); }).code() == errc::approval_required);
  const auto all = audit::entries(db);
  REQUIRE(all.size() == 2);
  CHECK(all[0].event == "plan");
  CHECK(all[1].outcome == "refused");
  CHECK(all[1].actor == "deploy");
  CHECK(audit::verify(db).empty());
}

TEST_CASE("those who record at the same time wait for each other", "[s80]") {
  const support::place where;
  std::vector<std::thread> threads;
  std::atomic<int> failed = 0;
  for (int i = 0; i != 4; ++i)
    threads.emplace_back([&] {
      try {
        const auto db = where.open();
        auto executor = executor_of(db);
        for (int k = 0; k != 5; ++k) audit::append(executor, {.event = "plan"});
      } catch (const hewn::error&) {
        ++failed;
      }
    });
  for (std::thread& t : threads) t.join();
  CHECK(failed == 0);
  const auto db = where.open();
  auto executor = executor_of(db);
  CHECK(audit::head(executor).seq == 20);
  CHECK(audit::verify(executor).empty());
}

TEST_CASE("callbacks of an apply do not write on its connection", "[p:A11]") {
  const auto db = support::open_new();
  hewn::sync<shelf>(db);
  hewn::sync_options options;
  int called = 0;
  SECTION("progress") {
    options.progress = [&](const hewn::sync_progress&) {
      ++called;
      db.insert(shelf{.name = "late"});
    };
  }
  SECTION("the policy") {
    options.policy = options.policy.tightened([&](const hewn::change&) {
      ++called;
      db.insert(shelf{.name = "late"});
      return hewn::decision::allow;
    });
  }
  CHECK(failure_of([&] { hewn::sync<shelf_with_more>(db, options); }).code() == errc::usage);
  CHECK(called == 1);
  CHECK(db.count<shelf>() == 0);
  CHECK_FALSE(hewn::sync<shelf_with_more>(db).empty());
}

namespace {

struct part {
  std::int64_t region = 0, number = 0;
  std::string name;
  static consteval auto table() {
    return hewn::table("parts").primary_key<&part::region, &part::number>();
  }
};

struct part_use {
  std::int64_t id = 0;
  std::int64_t region = 0, number = 0;
  static consteval auto table() {
    return hewn::table("part_uses")
        .references<&part_use::region, &part_use::number, &part::region, &part::number>();
  }
};

void make_parts(const support::database& db) {
  db.script(
      "CREATE TABLE parts (region bigint, number bigint, name text NOT NULL, PRIMARY KEY (region, "
      "number)) PARTITION BY LIST (region); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN "
      "(1); CREATE TABLE parts_rest PARTITION OF parts DEFAULT");
}

}  // namespace

TEST_CASE("a reference to a partitioned table is one reference", "[p:B7]") {
  const auto db = support::open_new();
  make_parts(db);
  db.insert(part{1, 7, "a"});
  CHECK_FALSE(hewn::sync<part_use>(db).empty());
  db.insert(part_use{.region = 1, .number = 7});
  CHECK(hewn::sync<part_use>(db).empty());
  CHECK(failure_of([&] { db.insert(part_use{.region = 2, .number = 7}); }).code() ==
        errc::foreign_key);
  // Where it is missing, no row is said to refer in vain.
  db.script("ALTER TABLE part_uses DROP CONSTRAINT part_uses_region_number_fkey");
  CHECK(hewn::sync<part_use>(db).changes().at(0).facts.empty());
  CHECK(hewn::sync<part_use>(db).empty());
  CHECK(failure_of([&] { db.insert(part_use{.region = 2, .number = 7}); }).code() ==
        errc::foreign_key);
}

TEST_CASE("a partitioned table is left alone, and nothing else waits for it", "[p:B7]") {
  const auto db = support::open_new();
  make_parts(db);
  const auto applied = hewn::sync<part, part_use, shelf>(db);
  CHECK(applied.changes().size() == 2);
  CHECK(hewn::report(applied).find("left alone: uncompared partitioned table parts") !=
        std::string::npos);
  const auto again = hewn::sync<part, part_use, shelf>(db);
  CHECK(again.empty());
  CHECK(hewn::report(again).find("as far as it is compared") != std::string::npos);
  CHECK_FALSE(hewn::sync<part, shelf_with_more>(db).empty());
  db.insert(part{1, 7, "a"});
  CHECK(db.get<part>({1, 7}).name == "a");
}

TEST_CASE("a standby tells whether its schema is as declared", "[p:B7]") {
  support::postgres_server primary;
  support::postgres_server standby;
  {
    const auto db = hewn::postgres::open(primary.url());
    hewn::sync<shelf_with_more, book>(db);
    db.insert(shelf_with_more{.name = "a"});
  }
  standby.follow(primary);
  const auto db = hewn::postgres::open(standby.url());
  REQUIRE(db.one<bool>(hewn::sql<"SELECT pg_is_in_recovery()">));
  CHECK(hewn::plan_sync<shelf_with_more, book>(db).empty());
  CHECK(hewn::sync<shelf_with_more, book>(db).empty());
  const hewn::plan other = hewn::plan_sync<shelf_with_more, order>(db);
  CHECK(other.changes().size() == 1);
  CHECK_FALSE(other.blocked());
  CHECK(failure_of([&] { hewn::apply_plan(db, other); }).code() == errc::read_only);
  CHECK(hewn::sync<shelf_with_more, book>(db).empty());
}

TEST_CASE("what only reads tells whether its schema is as declared", "[p:B7]") {
  const auto db = support::open_new();
  hewn::sync<shelf_with_more, book>(db);
  db.read([&](auto&) {
    CHECK(hewn::plan_sync<shelf_with_more, book>(db).empty());
    CHECK(hewn::sync<shelf_with_more, book>(db).empty());
    CHECK(hewn::plan_sync<shelf_with_more, order>(db).changes().size() == 1);
    CHECK(failure_of([&] { hewn::sync<shelf_with_more, order>(db); }).code() == errc::read_only);
  });
  db.script("SET default_transaction_read_only = on");
  CHECK(hewn::sync<shelf_with_more, book>(db).empty());
  CHECK(failure_of([&] { hewn::sync<order>(db); }).code() == errc::read_only);
}

TEST_CASE("nothing is recorded on a server where that would set off what may write", "[p:A4]") {
  const auto db = support::open_new();
  hewn::sync<shelf>(db);
  hewn::identity(db);
  auto executor = executor_of(db);
  audit::append(executor, {.event = "apply"});
  db.script(
      "CREATE TABLE log (line text); INSERT INTO log VALUES ('kept'); CREATE FUNCTION clear() "
      "RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM log; RETURN NULL; END $$");
  const std::string entry = " on the table hewn_audit";
  const std::vector<std::string> traps[] = {
      {"trigger t" + entry, "CREATE TRIGGER t AFTER INSERT ON hewn_audit EXECUTE FUNCTION clear()",
       "DROP TRIGGER t ON hewn_audit"},
      {"trigger t on the table hewn_identity",
       "CREATE TRIGGER t AFTER UPDATE ON hewn_identity FOR EACH ROW EXECUTE FUNCTION clear()",
       "DROP TRIGGER t ON hewn_identity"},
      {"rule r" + entry, "CREATE RULE r AS ON INSERT TO hewn_audit DO ALSO DELETE FROM log",
       "DROP RULE r ON hewn_audit"}};
  hewn::sync_options recording;
  recording.policy.audit = true;
  for (const auto& trap : traps) {
    INFO(trap[1]);
    db.script(trap[1]);
    const auto refused = [&](const auto& action) {
      const hewn::error e = failure_of(action);
      CHECK(e.code() == errc::usage);
      CHECK(says(
          e, "hewn: the " + trap[0] + " may write whenever hewn records something there; drop it"));
    };
    refused([&] { hewn::sync<shelf_with_more>(db, recording); });
    refused([&] { (void)hewn::plan_sync<shelf_with_more>(db, recording); });
    refused([&] { audit::append(executor, {.event = "apply"}); });
    refused([&] { audit::renew_identity(executor); });
    db.script(trap[2]);
  }
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT count(*) FROM log">) == 1);
  CHECK(audit::entries(db).size() == 1);
  // Those that look on, that are switched off, and that do not fire on what is recorded.
  hewn::announce_changes<shelf>(db);
  db.script(
      "CREATE TRIGGER a AFTER INSERT ON hewn_audit REFERENCING NEW TABLE AS hewn_rows FOR EACH "
      "STATEMENT EXECUTE FUNCTION hewn_announce_changes();"
      "CREATE TRIGGER o AFTER INSERT ON hewn_audit EXECUTE FUNCTION clear();"
      "ALTER TABLE hewn_audit DISABLE TRIGGER o;"
      "CREATE TRIGGER d BEFORE DELETE OR UPDATE ON hewn_audit EXECUTE FUNCTION clear()");
  hewn::sync<shelf_with_more>(db, recording);
  CHECK(audit::entries(db).size() > 1);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT count(*) FROM log">) == 1);
}
