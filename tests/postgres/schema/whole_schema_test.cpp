// tests/postgres/schema/whole_schema_test.cpp - what is compared where a whole schema is wanted.
// SPDX-License-Identifier: BSL-1.0
#include <support/postgres_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

namespace schema = hewn::schema;

namespace {

struct lab : support::postgres_plans {
  lab() {
    db.script(
        "CREATE TABLE t (a integer PRIMARY KEY, b integer, c text, CONSTRAINT u UNIQUE (b), "
        "CONSTRAINT f FOREIGN KEY (b) REFERENCES t (a)); CREATE INDEX plain ON t (b); CREATE "
        "UNIQUE "
        "INDEX one ON t (c, b); CREATE INDEX low ON t (lower(c)) WHERE b > 0; INSERT INTO t VALUES "
        "(1, 1, 'x'), (2, 2, 'y'), (3, NULL, 'z')");
  }

  /// `change` of what is there is seen, done and then no difference; and so is the way back.
  template <class Change>
  void becomes(const std::string& words, const Change& change) {
    INFO(words);
    const schema::database before = executor.introspect();
    hewn::wanted_schema all{.schema = before, .complete = true};
    REQUIRE(hewn::make_plan(executor, all).empty());
    for (schema::table& t : all.schema.tables)
      if (t.name == "t") change(t);
    const hewn::plan p = apply(all);
    CHECK(hewn::report(p).find(words) != std::string::npos);
    apply({.schema = before, .complete = true});
    CHECK(executor.introspect().find_table("t")->indexes == before.find_table("t")->indexes);
  }

  hewn::plan apply(const hewn::wanted_schema& all) {
    const hewn::plan p = hewn::make_plan(executor, all);
    CAPTURE(hewn::report(p));
    CHECK_FALSE(p.empty());
    REQUIRE_FALSE(p.blocked());
    hewn::apply(executor, p, p.pending().empty() ? hewn::sync_options{} : consent(p));
    CHECK(hewn::report(hewn::make_plan(executor, all))
              .ends_with("no changes: the schema is as declared\n"));
    return p;
  }
};

schema::index& index(schema::table& t, const std::string& name) {
  for (schema::index& i : t.indexes)
    if (i.name == name) return i;
  FAIL("no index " << name);
  return t.indexes.front();
}

}  // namespace

TEST_CASE("in a whole schema everything that the model has of keys and indexes is compared") {
  lab l;
  using table = schema::table;
  l.becomes("DEFERRABLE INITIALLY DEFERRED",
            [](table& t) { t.foreign_keys.at(0).deferred = true; });
  l.becomes("to FOREIGN KEY (\"b\") REFERENCES \"t\" (\"a\") DEFERRABLE",
            [](table& t) { t.foreign_keys.at(0).extras = "DEFERRABLE"; });
  l.becomes("UNIQUE (\"b\") DEFERRABLE",
            [](table& t) { t.unique_keys.at(0).terms = "DEFERRABLE"; });
  l.becomes("UNIQUE (\"b\") NULLS NOT DISTINCT",
            [](table& t) { t.unique_keys.at(0).terms = "NULLS NOT DISTINCT"; });
  l.becomes("UNIQUE (\"b\") INCLUDE (\"c\")",
            [](table& t) { t.unique_keys.at(0).storage.included = {"c"}; });
  l.becomes("INCLUDE (\"c\")", [](table& t) { index(t, "plain").storage.included = {"c"}; });
  l.becomes("USING hash", [](table& t) { index(t, "plain").storage.method = "hash"; });
  l.becomes("DESC", [](table& t) { index(t, "plain").parts[0].descending = true; });
  l.becomes("NULLS FIRST", [](table& t) { index(t, "plain").parts[0].nulls = "NULLS FIRST"; });
  l.becomes("text_pattern_ops",
            [](table& t) { index(t, "one").parts[0].operator_class = "text_pattern_ops"; });
  l.becomes("NULLS NOT DISTINCT", [](table& t) { index(t, "one").terms = "NULLS NOT DISTINCT"; });
  l.becomes("upper(c)", [](table& t) { index(t, "low").parts[0].text = "upper(c)"; });
  l.becomes("b > 1", [](table& t) { index(t, "low").where = "b > 1"; });
  CHECK(l.number("SELECT count(*) FROM t") == 3);
}
