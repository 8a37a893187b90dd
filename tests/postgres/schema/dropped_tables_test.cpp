// tests/postgres/schema/dropped_tables_test.cpp - sync on a server loses no row.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/postgres/schema/schema_executor.hpp>
#include <hewn/sync/audit.hpp>

#include <support/failure.hpp>
#include <support/number.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::errc;
using support::failure_of;
using support::says;

namespace {

struct shelf {
  std::int64_t id = 0;
  std::string name;
  static consteval auto table() { return hewn::table("shelves").index<&shelf::name>(); }
};

// Comes before its target by name.
struct book {
  std::int64_t id = 0;
  std::int64_t shelf_id = 0;
  static consteval auto table() {
    return hewn::table("books").references<&book::shelf_id, &shelf::id>();
  }
};

/// A database, and the planning and approving of what it is to lose.
struct library {
  support::place where;
  support::database db = where.open();
  hewn::postgres::schema_executor executor{db.connection()};

  hewn::plan plan_dropping(const std::vector<std::string>& tables,
                           const hewn::sync_policy& policy = hewn::policy::standard()) {
    hewn::wanted_schema wanted;
    for (const std::string& t : tables)
      wanted.intents.push_back({.kind = hewn::intent_kind::drop_table, .table = t});
    return hewn::make_plan(executor, wanted, policy);
  }

  hewn::sync_options consent(const hewn::plan& p,
                             const hewn::sync_policy& policy = hewn::policy::standard()) {
    hewn::sync_options options{.policy = policy};
    options.approvals.push_back(hewn::approve({.plan = p.fingerprint(),
                                               .from = p.from(),
                                               .database = hewn::audit::ensure_identity(executor),
                                               .changes = p.pending(),
                                               .approver = "ada",
                                               .reason = "it is not used"}));
    return options;
  }

  std::string text(const std::string& sql) { return db.one<std::string>(hewn::dynamic_sql(sql)); }
  std::int64_t number(const std::string& sql) { return support::number(db, sql); }
  std::vector<std::string> kept_schemas() {
    return db.all<std::string>(
        hewn::sql<"SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'hewn\\_dropped%' "
                  "ORDER BY oid">);
  }
  void fill() {
    hewn::sync<shelf, book>(db);
    db.insert(shelf{.name = "a"});
    db.insert(book{.shelf_id = 1});
    db.insert(book{.shelf_id = 1});
  }

  library() { db.script("SET client_min_messages = error"); }
  ~library() {
    for (const std::string& s : kept_schemas()) db.script("DROP SCHEMA " + s + " CASCADE");
  }
};

}  // namespace

TEST_CASE("a table that is dropped with approval is kept with its rows", "[M2][s14]") {
  library l;
  l.fill();
  l.db.script("COMMENT ON TABLE books IS 'what stands where'");
  const auto planned = l.plan_dropping({"books"});
  CHECK(failure_of([&] { hewn::apply(l.executor, planned); }).code() == errc::approval_required);
  CHECK(l.db.count<book>() == 2);

  const auto done = hewn::apply(l.executor, planned, l.consent(planned));
  REQUIRE(l.kept_schemas().size() == 1);
  const std::string kept = l.kept_schemas()[0];
  CHECK(done.backup == "schema " + kept);
  CHECK(hewn::audit::entries(l.executor).back().backup == done.backup);
  CHECK(l.number("SELECT COUNT(*) FROM " + kept + ".books") == 2);
  const std::string comment =
      l.text("SELECT obj_description('" + kept + ".books'::regclass, 'pg_class')");
  CHECK(comment.starts_with("what stands where\ndropped by hewn from schema t"));
  CHECK(comment.find("FOREIGN KEY (shelf_id) REFERENCES shelves(id)") != comment.npos);

  // What is kept is in nobody's way.
  l.db.remove<shelf>(1);
  CHECK_FALSE(hewn::sync<shelf, book>(l.db).empty());
  CHECK(hewn::sync<shelf, book>(l.db).empty());
  CHECK(l.db.count<book>() == 0);

  // The way back.
  l.db.script("DROP TABLE books; ALTER TABLE " + kept + ".books SET SCHEMA " +
              l.text("SELECT current_schema()::text"));
  CHECK(l.db.count<book>() == 2);
  CHECK(l.db.insert(book{.shelf_id = l.db.insert(shelf{.name = "b"}).id}).id == 3);
}

TEST_CASE("tables go in the order of their references", "[M2]") {
  library l;
  l.fill();
  l.db.script(
      "ALTER TABLE shelves ADD COLUMN first bigint CONSTRAINT first_book REFERENCES books (id);"
      "UPDATE shelves SET first = 2");
  const auto planned = l.plan_dropping({"shelves", "books"});
  const auto done = hewn::apply(l.executor, planned, l.consent(planned));
  const std::string kept = l.kept_schemas().at(0);
  CHECK(done.backup == "schema " + kept);
  CHECK(l.number("SELECT COUNT(*) FROM " + kept + ".books") == 2);
  CHECK(l.number("SELECT first FROM " + kept + ".shelves") == 2);
  CHECK(l.number("SELECT COUNT(*) FROM pg_tables WHERE schemaname = current_schema() AND tablename "
                 "IN ('books', 'shelves')") == 0);
}

TEST_CASE("a table is kept each time that it is dropped", "[M2]") {
  library l;
  for (int i = 0; i != 2; ++i) {
    l.fill();
    const auto planned = l.plan_dropping({"books", "shelves"});
    hewn::apply(l.executor, planned, l.consent(planned));
  }
  REQUIRE(l.kept_schemas().size() == 2);
  for (const std::string& s : l.kept_schemas())
    CHECK(l.number("SELECT COUNT(*) FROM " + s + ".books") == 2);
}

TEST_CASE("a table without rows is dropped", "[M2]") {
  library l;
  hewn::sync<shelf>(l.db);
  const auto planned = l.plan_dropping({"shelves"});
  CHECK(planned.pending().empty());
  CHECK(hewn::apply(l.executor, planned).backup.empty());
  CHECK(l.kept_schemas().empty());
}

TEST_CASE("rows that come after they were counted are kept as well", "[M2][M5]") {
  library l;
  hewn::sync<shelf>(l.db);
  const auto planned = l.plan_dropping({"shelves"});
  const auto other = l.where.open();
  // The last moment before the statement that drops.
  hewn::sync_options options;
  options.progress = [&](const hewn::sync_progress& p) {
    if (p.next.sql.starts_with("DROP TABLE")) other.insert(shelf{.name = "late"});
  };
  hewn::apply(l.executor, planned, options);
  REQUIRE(l.kept_schemas().size() == 1);
  CHECK(l.text("SELECT name FROM " + l.kept_schemas()[0] + ".shelves") == "late");
}

TEST_CASE("a policy without copies does not throw rows away either", "[M2]") {
  library l;
  l.fill();
  const auto planned = l.plan_dropping({"books"}, hewn::policy::dev());
  hewn::apply(l.executor, planned, l.consent(planned, hewn::policy::dev()));
  REQUIRE(l.kept_schemas().size() == 1);
  CHECK(l.number("SELECT COUNT(*) FROM " + l.kept_schemas()[0] + ".books") == 2);
}

TEST_CASE("what others build on a table stays, and so does the table", "[M2]") {
  library l;
  l.fill();
  l.db.script("CREATE VIEW titles AS SELECT id FROM books");
  const auto planned = l.plan_dropping({"books"});
  CHECK(planned.blocked());
  const auto failure = failure_of([&] { hewn::apply(l.executor, planned, l.consent(planned)); });
  CHECK(failure.code() == errc::approval_required);
  CHECK(l.number("SELECT COUNT(*) FROM titles") == 2);
}

TEST_CASE("an apply that fails later leaves the table where it was", "[M2]") {
  library l;
  l.fill();
  const auto planned = l.plan_dropping({"books", "shelves"});
  auto options = l.consent(planned);
  options.progress = [](const hewn::sync_progress& p) {
    if (p.done == 1) throw hewn::error(errc::check, "hewn: not now; try later");
  };
  CHECK(failure_of([&] { hewn::apply(l.executor, planned, options); }).code() == errc::check);
  CHECK(l.kept_schemas().empty());
  CHECK(l.db.count<book>() == 2);
  CHECK(hewn::plan_sync<shelf, book>(l.db).empty());
}

TEST_CASE("a table that refers to the parts of another one is kept", "[M2]") {
  library l;
  l.db.script(
      "CREATE TABLE parts (region bigint, number bigint, PRIMARY KEY (region, number)) PARTITION "
      "BY "
      "LIST (region); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1); CREATE TABLE "
      "parts_rest PARTITION OF parts DEFAULT; INSERT INTO parts VALUES (1, 7); CREATE TABLE uses "
      "(id "
      "bigint PRIMARY KEY, region bigint, number bigint, FOREIGN KEY (region, number) REFERENCES "
      "parts); INSERT INTO uses VALUES (1, 1, 7)");
  const auto planned = l.plan_dropping({"uses"});
  hewn::apply(l.executor, planned, l.consent(planned));
  REQUIRE(l.kept_schemas().size() == 1);
  CHECK(l.number("SELECT number FROM " + l.kept_schemas()[0] + ".uses") == 7);
}

TEST_CASE("undoing the creation of a table keeps what came into it", "[M2]") {
  library l;
  const auto created = hewn::sync<shelf, book>(l.db);
  l.db.insert(shelf{.name = "a"});
  const auto back = hewn::plan_undo(l.executor, created);
  CAPTURE(hewn::report(back));
  CHECK_FALSE(back.blocked());
  hewn::apply(l.executor, back, l.consent(back));
  REQUIRE(l.kept_schemas().size() == 1);
  CHECK(l.text("SELECT name FROM " + l.kept_schemas()[0] + ".shelves") == "a");
}

namespace {

/// A role that may do what `grants` say in the schema of `l`, and a connection of it.
struct ordinary_role {
  ordinary_role(library& l, const std::string& grants)
      : name("role_" + l.text("SELECT current_schema()::text")), owner(l) {
    l.db.script("CREATE ROLE " + name + " LOGIN; GRANT ALL ON SCHEMA " +
                l.text("SELECT current_schema()::text") + " TO " + name + ";" + grants);
  }
  ~ordinary_role() {
    owner.db.script("GRANT TEMPORARY ON DATABASE postgres TO PUBLIC; DROP OWNED BY " + name +
                    "; DROP ROLE " + name);
  }
  support::database open() const {
    return hewn::postgres::open(
        "host=" + support::postgres_server::get().folder() + " dbname=postgres user=" + name,
        {.search_path = {owner.text("SELECT current_schema()::text")}});
  }
  std::string name;
  library& owner;
};

}  // namespace

TEST_CASE("a role that may not create schemas is told why rows cannot be kept", "[M2]") {
  library l;
  const ordinary_role role(l, "");
  const auto db = role.open();
  hewn::sync<shelf>(db);
  db.insert(shelf{.name = "a"});
  hewn::postgres::schema_executor executor(db.connection());
  const auto planned = hewn::make_plan(
      executor, {.intents = {{.kind = hewn::intent_kind::drop_table, .table = "shelves"}}});
  hewn::sync_options options;
  options.approvals = {hewn::approve({.plan = planned.fingerprint(),
                                      .from = planned.from(),
                                      .database = hewn::audit::ensure_identity(executor),
                                      .changes = planned.pending(),
                                      .approver = "ada",
                                      .reason = "it is not used"})};
  const auto failure = failure_of([&] { hewn::apply(executor, planned, options); });
  CHECK(failure.code() == errc::cannot_open);
  CHECK(says(failure, "may not create the schema hewn_dropped_"));
  CHECK(says(failure, "CREATE on the database"));
  CHECK(db.count<shelf>() == 1);
}

TEST_CASE("planning without the right to temporary tables says so", "[M5]") {
  library l;
  const ordinary_role role(l, "REVOKE TEMPORARY ON DATABASE postgres FROM PUBLIC");
  const auto db = role.open();
  const auto failure = failure_of([&] { (void)hewn::plan_sync<shelf>(db); });
  CHECK(failure.code() == errc::cannot_open);
  CHECK(says(failure, "GRANT TEMPORARY ON DATABASE"));
  CHECK(failure_of([&] { hewn::sync<shelf>(db); }).code() == errc::cannot_open);
  CHECK(db.one<int>(hewn::sql<"SELECT 1">) == 1);
}

TEST_CASE("a server that only reads is not blamed on the declaration", "[M5]") {
  library l;
  l.db.script("SET default_transaction_read_only = on");
  const auto failure = failure_of([&] { hewn::sync<shelf>(l.db); });
  CHECK(failure.code() == errc::read_only);
  CHECK_FALSE(says(failure, "correct its declaration"));
  l.db.script("SET default_transaction_read_only = off");
  CHECK_FALSE(hewn::sync<shelf>(l.db).empty());
}
