// tests/postgres/schema/identity_test.cpp - columns that come to be numbered, or no longer are.
// SPDX-License-Identifier: BSL-1.0
#include <support/failure.hpp>
#include <support/plan_words.hpp>
#include <support/postgres_lab.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <vector>

namespace schema = hewn::schema;
using hewn::change_kind;
using hewn::errc;
using support::change_in;
using support::failure_of;
using lab = support::postgres_lab;

TEST_CASE("an identity becomes a default, and a default an identity", "[s75]") {
  lab l;
  l.notes.columns[0].autoincrement = false;
  l.notes.columns[0].default_text = "7";
  CHECK(change_in(l.approve({l.notes}), change_kind::change_autoincrement).reason ==
        "2 keys given away so far could be given to other rows, once theirs are deleted");
  l.db.script("INSERT INTO notes DEFAULT VALUES");
  CHECK(l.number("SELECT max(id) FROM notes") == 7);
  l.notes.columns[0].autoincrement = true;
  l.notes.columns[0].default_text.clear();
  l.apply({l.notes});
  l.db.script("INSERT INTO notes DEFAULT VALUES");
  CHECK(l.number("SELECT max(id) FROM notes") == 8);
}

TEST_CASE("a default that computes takes the place of an identity") {
  lab l;
  l.db.script("CREATE SEQUENCE numbers START 40");
  l.notes.columns[0].autoincrement = false;
  l.notes.columns[0].default_text = "nextval('numbers')";
  l.approve({l.notes});
  l.db.script("INSERT INTO notes DEFAULT VALUES");
  CHECK(l.number("SELECT max(id) FROM notes") == 40);
}

TEST_CASE("in a whole schema an identity comes to take no value, and takes one again") {
  lab l;
  l.db.script("SELECT setval('notes_id_seq', 90)");
  const auto become = [&](bool always) {
    const schema::database live = l.executor.introspect();
    schema::table wanted = *live.find_table("notes");
    CHECK(wanted.columns[0].always != always);
    wanted.columns[0].always = always;
    const hewn::wanted_schema all{.schema = {.tables = {wanted}}, .complete = true};
    const hewn::plan p = hewn::make_plan(l.executor, all);
    CAPTURE(hewn::report(p));
    CHECK(change_in(p, change_kind::change_autoincrement).verdict == hewn::verdict::applies);
    hewn::apply(l.executor, p);
    CHECK(hewn::make_plan(l.executor, all).empty());
  };
  become(true);
  CHECK(failure_of([&] { l.db.script("INSERT INTO notes (id) VALUES (5)"); }).code() ==
        errc::schema_mismatch);
  // Where only tables are wanted it is left alone.
  CHECK(l.plan({l.notes}).empty());
  become(false);
  l.db.script("INSERT INTO notes (id) VALUES (5); INSERT INTO notes DEFAULT VALUES");
  CHECK(l.number("SELECT max(id) FROM notes") == 91);
  l.db.script(
      "DROP TABLE notes; CREATE TABLE notes (id bigserial PRIMARY KEY, text text); SELECT "
      "setval('notes_id_seq', 50)");
  become(true);
  l.db.script("INSERT INTO notes DEFAULT VALUES");
  CHECK(l.number("SELECT max(id) FROM notes") == 51);
}
