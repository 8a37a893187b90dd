// tests/sync/plan/plan_test.cpp - the plan as a value.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/apply/apply.hpp>
#include <hewn/sync/diff/fingerprint.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <support/plan_of.hpp>
#include <support/random_schema.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using hewn::dialect;
using hewn::plan;
using hewn::schema::database;
using support::plan_of;
using support::raw_sqlite;
using support::steps_of;

namespace {

using list = std::vector<std::string>;

hewn::schema::table table_with_reference(const char* name, const char* target) {
  hewn::schema::table t{.name = name, .columns = {{.name = "id", .key_position = 1}}};
  if (target) t.foreign_keys.push_back({.columns = {"id"}, .target_table = target});
  return t;
}

list first_words(const plan& p) {
  list out;
  for (const std::string& step : steps_of(p)) out.push_back(step.substr(0, step.find(" (")));
  return out;
}

// A PostgreSQL of paper: it has no rows, and every plan leads it to where the plan says.
class paper_postgres : public hewn::schema_executor {
 public:
  explicit paper_postgres(database wanted) : wanted_(std::move(wanted)) {}

  hewn::plan plan() { return hewn::make_plan(*this, {.schema = wanted_}); }

  hewn::dialect dialect() const override { return hewn::dialect::postgres; }
  int version() const override { return 150000; }
  database introspect() override { return {}; }
  database normalise(const database& wanted) override { return wanted; }
  hewn::rehearsal rehearse(const database&, const std::vector<hewn::step>&) override {
    return {.after = wanted_};
  }
  void execute(std::string_view) override {}
  std::vector<hewn::text_row> query(std::string_view, const hewn::text_row&) override {
    return {{"0"}};
  }
  conversion count_conversion(std::string_view, std::string_view, std::string_view,
                              std::string_view) override {
    return {};
  }
  list broken_references() override { return {}; }
  list broken_objects() override { return {}; }
  list temporary_objects(std::string_view) override { return {}; }
  void transaction(const hewn::apply_scope&, const std::function<void()>& body) override { body(); }
  std::string backup(std::string_view, std::string_view) override { return {}; }

 private:
  database wanted_;
};

}  // namespace

TEST_CASE("nothing to do is an empty plan") {
  const plan p = plan_of("CREATE TABLE t (a)", "CREATE TABLE t (a)");
  CHECK(p.empty());
  CHECK(p.steps().empty());
  CHECK(p.pending().empty());
  CHECK(p.from() == p.to());
}

TEST_CASE("tables come first, referenced ones before others, then columns, then indexes") {
  const plan p =
      plan_of("CREATE TABLE m (x)",
              "CREATE TABLE a (id INTEGER PRIMARY KEY, b_id REFERENCES b);"
              "CREATE TABLE b (id INTEGER PRIMARY KEY, c_id REFERENCES c, self REFERENCES b);"
              "CREATE TABLE c (id INTEGER PRIMARY KEY); CREATE TABLE m (x, a_id REFERENCES a);"
              "CREATE INDEX c_id ON c (id); CREATE INDEX m_x ON m (x, a_id)");
  CHECK(first_words(p) == list{"CREATE TABLE \"c\"", "CREATE TABLE \"b\"", "CREATE TABLE \"a\"",
                               "ALTER TABLE \"m\" ADD COLUMN \"a_id\" REFERENCES \"a\"",
                               "CREATE INDEX \"c_id\" ON \"c\"", "CREATE INDEX \"m_x\" ON \"m\""});
}

TEST_CASE("a cycle of references is created all the same") {
  const database wanted{{table_with_reference("a", "b"), table_with_reference("b", "c"),
                         table_with_reference("c", "a")}};
  raw_sqlite db;
  CHECK(first_words(hewn::make_plan(db, {.schema = wanted})) ==
        list{"CREATE TABLE \"a\"", "CREATE TABLE \"c\"", "CREATE TABLE \"b\""});

  const plan postgres = paper_postgres(wanted).plan();
  CHECK(first_words(postgres) == list{"CREATE TABLE \"a\"", "CREATE TABLE \"c\"",
                                      "CREATE TABLE \"b\"", "ALTER TABLE \"a\" ADD FOREIGN KEY"});
  CHECK(postgres.steps()[0].sql.find("REFERENCES") == std::string::npos);
  CHECK(postgres.steps()[3].sql == "ALTER TABLE \"a\" ADD FOREIGN KEY (\"id\") REFERENCES \"b\"");
}

TEST_CASE("a change that waits for an approval is in pending, and its steps in the plan") {
  const plan p = plan_of("CREATE TABLE t (a INT, b); INSERT INTO t VALUES (1, 2)",
                         "CREATE TABLE t (a INT); CREATE TABLE u (x)");
  REQUIRE(p.pending().size() == 1);
  CHECK(p.pending()[0].object == "b");
  CHECK(p.pending()[0].verdict == hewn::verdict::needs_approval);
  CHECK_FALSE(p.blocked());
  CHECK(p.changes().size() == 2);
  CHECK(first_words(p) == list{"CREATE TABLE \"u\"", "ALTER TABLE \"t\" DROP COLUMN \"b\""});
  CHECK_FALSE(p.empty());
}

TEST_CASE("a change that is blocked leaves a plan without steps") {
  const plan p = plan_of("CREATE TABLE t (a); INSERT INTO t VALUES (NULL)",
                         "CREATE TABLE t (a NOT NULL); CREATE TABLE u (x)");
  REQUIRE(p.pending().size() == 1);
  CHECK(p.pending()[0].verdict == hewn::verdict::blocked);
  CHECK(p.blocked());
  CHECK(p.changes().size() == 2);
  CHECK(p.steps().empty());
}

TEST_CASE("what counts the rows of a table is a step of the plan that rebuilds it") {
  const plan p = plan_of("CREATE TABLE t (a)", "CREATE TABLE t (a NOT NULL)");
  CHECK(p.moves_rows());
  std::vector<hewn::step_kind> kinds;
  for (const hewn::step& s : p.steps()) kinds.push_back(s.kind);
  using enum hewn::step_kind;
  CHECK(kinds == std::vector{statement, copy, expect, statement, statement});
}

TEST_CASE("the order in which tables are declared does not reach the plan") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  support::random_schema random(seed);
  std::mt19937 engine(seed);
  for (int round = 0; round != 50; ++round) {
    const database live = random.database();
    database wanted = random.database();
    raw_sqlite db;
    hewn::apply(db, hewn::make_plan(db, {.schema = live}));
    for (const hewn::schema::table& t : live.tables)
      if (engine() % 2 == 0) wanted.tables.push_back(t);
    const plan one = hewn::make_plan(db, {.schema = wanted});
    std::shuffle(wanted.tables.begin(), wanted.tables.end(), engine);
    const plan other = hewn::make_plan(db, {.schema = wanted});
    CHECK(one.changes() == other.changes());
    CHECK(one.steps() == other.steps());
    CHECK(one.fingerprint() == other.fingerprint());
  }
}

TEST_CASE("the fingerprint names this plan and no other") {
  const std::string live = "CREATE TABLE t (a INT)";
  const std::string wanted = "CREATE TABLE t (a INT, b TEXT)";
  const plan p = plan_of(live, wanted);
  CHECK(p.fingerprint().size() == 64);
  CHECK(p.fingerprint() == plan_of(live, wanted).fingerprint());
  list all{p.fingerprint()};
  for (const plan& other :
       {plan_of(live, "CREATE TABLE t (a INT, b INT)"),
        plan_of(live, "CREATE TABLE t (a INT, c TEXT)"),
        plan_of("CREATE TABLE t (a INT DEFAULT 1)", wanted), plan_of("", wanted),
        plan_of(wanted, live), paper_postgres(support::schema_of(wanted)).plan(),
        plan_of(live, "CREATE TABLE t (a TEXT)"), plan_of(live, "CREATE TABLE t (a BLOB)"),
        // No step at all: only where they were to lead tells these two apart.
        plan_of("CREATE TABLE t (a); INSERT INTO t VALUES (NULL)", "CREATE TABLE t (a NOT NULL)"),
        plan_of("CREATE TABLE t (a); INSERT INTO t VALUES (NULL)",
                "CREATE TABLE t (a CHECK (a IS NOT NULL))")})
    all.push_back(other.fingerprint());
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
}

TEST_CASE("how many rows there are has no part in the fingerprint, what they decide has") {
  const std::string live = "CREATE TABLE t (a, b);";
  const std::string wanted = "CREATE TABLE t (a)";
  const plan one = plan_of(live + "INSERT INTO t VALUES (1, 1)", wanted);
  const plan two = plan_of(live + "INSERT INTO t VALUES (1, 1), (2, 2)", wanted);
  CHECK(one.fingerprint() == two.fingerprint());
  CHECK(one.changes() != two.changes());
}

TEST_CASE("a schema's digest sees content, not spelling") {
  const auto digest = [](const std::string& sql) {
    return hewn::fingerprint(support::schema_of(sql), dialect::sqlite);
  };
  const std::string d = digest("CREATE TABLE t (a INT CHECK (a > 0), b TEXT, UNIQUE (a, b))");
  CHECK(d == digest("create table [T] (B text, A int check((A>0)) -- x\n, unique (b, a))"));
  for (const char* other :
       {"CREATE TABLE t (a INT CHECK (a > 1), b TEXT, UNIQUE (a, b))",
        "CREATE TABLE t (a INT CHECK (a > 0), b TEXT NOT NULL, UNIQUE (a, b))",
        "CREATE TABLE t (a INT CHECK (a > 0), b TEXT COLLATE NOCASE, UNIQUE (a, b))",
        "CREATE TABLE t (a INT CHECK (a > 0), b TEXT DEFAULT '', UNIQUE (a, b))",
        "CREATE TABLE t (a INT CHECK (a > 0), b CLOB, UNIQUE (a, b))",
        "CREATE TABLE t (a INT CHECK (a > 0), b TEXT, UNIQUE (a))",
        "CREATE TABLE t (a INT CHECK (a > 0), b TEXT, UNIQUE (a, b)); CREATE INDEX i ON t (a)",
        "CREATE TABLE t (a INT CHECK (a > 0) REFERENCES p, b TEXT, UNIQUE (a, b))",
        "CREATE TABLE t (a INT CHECK (a > 0), b TEXT, UNIQUE (a, b)) STRICT",
        "CREATE TABLE t (a INT CHECK (a > 0), b TEXT, PRIMARY KEY (a, b), UNIQUE (a, b))",
        "CREATE TABLE u (a INT CHECK (a > 0), b TEXT, UNIQUE (a, b))"}) {
    CAPTURE(other);
    CHECK(d != digest(other));
  }
}
