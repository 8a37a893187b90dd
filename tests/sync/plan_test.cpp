// tests/sync/plan_test.cpp - the plan as a value.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/sync/plan.hpp>

#include <support/plan_of.hpp>
#include <support/random_schema.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <random>
#include <string>
#include <vector>

using hewn::dialect;
using hewn::plan;
using hewn::schema::database;
using support::plan_of;

namespace {

using list = std::vector<std::string>;

hewn::schema::table table_with_reference(const char* name, const char* target) {
  hewn::schema::table t{.name = name, .columns = {{.name = "id", .key_position = 1}}};
  if (target) t.foreign_keys.push_back({.columns = {"id"}, .target_table = target});
  return t;
}

list first_words(const plan& p) {
  list out;
  for (const std::string& step : p.steps()) out.push_back(step.substr(0, step.find(" (")));
  return out;
}

}  // namespace

TEST_CASE("nothing to do is an empty plan") {
  const plan p = plan_of("CREATE TABLE t (a)", "CREATE TABLE t (a)");
  CHECK(p.empty());
  CHECK(p.steps().empty());
  CHECK(p.pending().empty());
  CHECK(p.from() == p.to());
}

TEST_CASE("tables come first, referenced ones before others, then columns, then indexes") {
  const plan p = plan_of(
      "CREATE TABLE m (x)",
      "CREATE TABLE a (b_id REFERENCES b); CREATE TABLE b (c_id REFERENCES c, self REFERENCES b);"
      "CREATE TABLE c (id INTEGER PRIMARY KEY); CREATE TABLE m (x, a_id REFERENCES a);"
      "CREATE INDEX c_id ON c (id); CREATE INDEX m_x ON m (x, a_id)");
  CHECK(first_words(p) == list{"CREATE TABLE \"c\"", "CREATE TABLE \"b\"", "CREATE TABLE \"a\"",
                               "ALTER TABLE \"m\" ADD COLUMN \"a_id\" REFERENCES \"a\"",
                               "CREATE INDEX \"c_id\" ON \"c\"", "CREATE INDEX \"m_x\" ON \"m\""});
}

TEST_CASE("a cycle of references is created all the same") {
  const database wanted{{table_with_reference("a", "b"), table_with_reference("b", "c"),
                         table_with_reference("c", "a")}};
  CHECK(first_words(plan({}, wanted, dialect::sqlite)) ==
        list{"CREATE TABLE \"a\"", "CREATE TABLE \"c\"", "CREATE TABLE \"b\""});

  const plan postgres({}, wanted, dialect::postgres);
  CHECK(first_words(postgres) == list{"CREATE TABLE \"a\"", "CREATE TABLE \"c\"",
                                      "CREATE TABLE \"b\"", "ALTER TABLE \"a\" ADD FOREIGN KEY"});
  CHECK(postgres.steps()[0].find("REFERENCES") == std::string::npos);
  CHECK(postgres.steps()[3] == "ALTER TABLE \"a\" ADD FOREIGN KEY (\"id\") REFERENCES \"b\"");
}

TEST_CASE("a change that waits is in pending and has no step") {
  const plan p = plan_of("CREATE TABLE t (a INT, b)", "CREATE TABLE t (a INT); CREATE TABLE u (x)");
  REQUIRE(p.pending().size() == 1);
  CHECK(p.pending()[0].object == "b");
  CHECK(p.changes().size() == 2);
  CHECK(first_words(p) == list{"CREATE TABLE \"u\""});
  CHECK_FALSE(p.empty());
}

TEST_CASE("the order in which tables are declared does not reach the plan") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  support::random_schema random(seed);
  std::mt19937 engine(seed);
  for (int round = 0; round != 50; ++round) {
    const database live = hewn::sqlite::normalise(random.database());
    database wanted = hewn::sqlite::normalise(random.database());
    for (const hewn::schema::table& t : live.tables)
      if (engine() % 2 == 0) wanted.tables.push_back(t);
    const plan one(live, wanted, dialect::sqlite);
    std::shuffle(wanted.tables.begin(), wanted.tables.end(), engine);
    const plan other(live, wanted, dialect::sqlite);
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
        plan_of(wanted, live), plan({}, support::schema_of(wanted), dialect::postgres),
        // No step at all: only where they lead tells these two apart.
        plan_of(live, "CREATE TABLE t (a TEXT)"), plan_of(live, "CREATE TABLE t (a BLOB)")})
    all.push_back(other.fingerprint());
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
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
