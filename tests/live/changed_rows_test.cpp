// tests/live/changed_rows_test.cpp - updates that write only what has changed of a row.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/json.hpp>
#include <hewn/vector.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::col;
using hewn::errc;
using hewn::from;
using support::failure_of;

namespace {

/// Texts that are alike in C++ where they differ in case alone.
struct loose_name {
  std::string text;
  bool operator==(const loose_name& other) const {
    return std::equal(text.begin(), text.end(), other.text.begin(), other.text.end(),
                      [](char a, char b) { return (a | 0x20) == (b | 0x20); });
  }
};

}  // namespace

template <>
struct hewn::codec<loose_name> {
  static std::string_view encode(const loose_name& name) { return name.text; }
  static loose_name decode(std::string_view text) { return {std::string(text)}; }
};

namespace {

struct named {
  std::int64_t id = 0;
  loose_name name;
  std::optional<loose_name> nick;
  std::vector<loose_name> others;
};

/// Cannot be compared in C++.
struct settings {
  std::int64_t volume = 0;
  std::vector<std::string> tags;
};

struct agent {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::int64_t> rank;
  double score = 0;
  hewn::json<settings> more;
  std::int8_t small = 0;
  hewn::timestamp made;
  hewn::timestamp changed;
  std::string label;
  static consteval auto table() {
    return hewn::table("agents")
        .created<&agent::made>()
        .updated<&agent::changed>()
        .length<&agent::name>(0, 9)
        .generated<&agent::label>("upper(name)");
  }
};

struct cell {
  std::int64_t x = 0;
  std::int64_t y = 0;
  std::string text;
  std::string note;
  static consteval auto table() { return hewn::table("cells").primary_key<&cell::x, &cell::y>(); }
};

/// The statements of the database from here on.
template <class Database>
class recorder {
 public:
  explicit recorder(Database& db) : db_(db) {
    db_.observe([this](const hewn::statement_event& e) { sql.emplace_back(e.sql); });
  }
  recorder(const recorder&) = delete;
  recorder& operator=(const recorder&) = delete;
  ~recorder() { db_.stop_observing(); }

  std::vector<std::string> sql;

 private:
  Database& db_;
};

}  // namespace

TEST_CASE("only the columns that differ are written, and times of change with them") {
  auto db = support::open_new();
  hewn::sync<cell, agent>(db);
  const cell before = db.insert(cell{1, 2, "text", "note"});
  // Somebody else has written another column meanwhile.
  db.update<cell>(hewn::key_of<cell>{1, 2}, col<& cell::text> = "theirs");
  cell after = before;
  after.note = "ours";
  {
    recorder seen(db);
    CHECK(db.update(before, after));
    REQUIRE(seen.sql.size() == 1);
    CHECK(seen.sql[0] ==
          support::numbered(R"(UPDATE "cells" SET "note" = ? WHERE "x" = ? AND "y" = ?)"));
  }
  CHECK(db.get<cell>({1, 2}).text == "theirs");
  CHECK(db.get<cell>({1, 2}).note == "ours");

  const agent first = db.insert(agent{.name = "ann", .rank = 3});
  agent second = first;
  second.name = "bob";
  second.rank.reset();
  CHECK(db.update(first, second));
  CHECK(second.label == "BOB");
  CHECK(second.changed >= first.changed);
  const agent stored = db.get<agent>(first.id);
  CHECK(stored.name == "bob");
  CHECK(!stored.rank);
  CHECK(stored.changed == second.changed);
  CHECK(stored.made == first.made);
  const agent third = [&] {
    agent copy = second;
    copy.score = 0.5;
    return copy;
  }();
  CHECK(db.update(second, third));
  CHECK(db.get<agent>(first.id).score == 0.5);
}

TEST_CASE("rows that do not differ cause no statement") {
  auto db = support::open_new();
  hewn::sync<agent>(db);
  agent row{.name = "ann", .more = {settings{1, {"a"}}}};
  db.insert(row);
  agent same = row;
  // What an update does not write is not compared.
  same.changed = hewn::timestamp(std::chrono::seconds(1));
  same.made = same.changed;
  same.label = "other";
  {
    recorder seen(db);
    CHECK(!db.update(row, same));
    CHECK(seen.sql.empty());
  }
  CHECK(same.label == "other");
  CHECK(db.get<agent>(row.id).changed == row.changed);
}

TEST_CASE("values are compared as they are stored") {
  auto db = support::open_new();
  hewn::sync<agent>(db);
  const agent row = db.insert(agent{.name = "ann", .score = 0.0, .more = {settings{1, {"a"}}}});
  agent changed = row;
  changed.more = {settings{1, {"b"}}};
  changed.score = -0.0;
  CHECK(db.update(row, changed));
  const agent stored = db.get<agent>(row.id);
  CHECK(stored.more.value.tags == std::vector<std::string>{"b"});
  // SQLite stores a real number without a fraction as an integer, which has one zero.
  CHECK(std::signbit(stored.score) == support::on_postgres);
  agent optional = stored;
  optional.rank = 0;
  CHECK(db.update(stored, optional));
  CHECK(db.get<agent>(row.id).rank == 0);
}

TEST_CASE("two keys are no change, and a row that is not there is not found") {
  auto db = support::open_new();
  hewn::sync<agent, cell>(db);
  const cell one = db.insert(cell{1, 2, "text", "note"});
  cell other{1, 3, "text", "other"};
  const auto failure = failure_of([&] { db.update(one, other); });
  CHECK(failure.code() == errc::usage);
  CHECK(std::string(failure.what()) ==
        "hewn: update(before, after) of cells is for one row, and the two have other keys; give "
        "the row as it was and as it is to be");
  cell again = one;
  again.text = "new";
  db.remove(one);
  CHECK(failure_of([&] { db.update(one, again); }).code() == errc::not_found);
  CHECK(db.try_update(one, one).value() == false);
}

TEST_CASE("values that the columns do not take are refused") {
  auto db = support::open_new();
  hewn::sync<agent>(db);
  const agent row = db.insert(agent{.name = "ann"});
  agent longer = row;
  longer.name = "a long name of an agent";
  CHECK(failure_of([&] { db.update(row, longer); }).code() == errc::check);
  agent bad = row;
  bad.name = std::string("a\0b", 3);
  if (support::on_postgres) {
    const auto failure = failure_of([&] { db.update(row, bad); });
    CHECK(failure.code() == errc::invalid_data);
    CHECK(failure.column() == "name");
  }
  CHECK(db.get<agent>(row.id).name == "ann");
}

TEST_CASE("what differs is what is stored, whatever == of a type says") {
  auto db = support::open_new();
  hewn::sync<named>(db);
  const named before =
      db.insert(named{.name = {"ann"}, .nick = loose_name{"a"}, .others = {{"x"}}});
  named after = before;
  CHECK(!db.update(before, after));
  after.name.text = "Ann";
  after.nick->text = "A";
  after.others[0].text = "X";
  CHECK(db.update(before, after));
  const named stored = db.get<named>(before.id);
  CHECK(stored.name.text == "Ann");
  CHECK(stored.nick->text == "A");
  CHECK(stored.others.at(0).text == "X");
}
