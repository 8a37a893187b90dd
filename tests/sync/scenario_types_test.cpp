// tests/sync/scenario_types_test.cpp - columns that get another type while rows are there.
// SPDX-License-Identifier: BSL-1.0
#include <support/sync_scenario.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>
#include <utility>
#include <vector>

using hewn::change_kind;
using hewn::errc;
using hewn::fact_kind;
using hewn::verdict;
using namespace support;

TEST_CASE("texts that are to be numbers are counted by what becomes of them", "[s51]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
      "INSERT INTO t VALUES (1, '12'), (2, '0012'), (3, 'abc'), (4, '1e3'), (5, NULL)");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)");
  const hewn::change c = the_change(p, change_kind::change_type);
  CHECK(facts_of(c) ==
        list{"1 value does not fit the new type: id=3", "2 values would change: id=2; id=4"});
  CHECK(c.verdict == verdict::blocked);
  CHECK(c.reason == "1 value does not fit the new type: id=3");
  CHECK(c.repair == "declare convert with an expression, or mend the values");
  CHECK(p.steps().empty());

  // Nobody can approve what the column cannot hold.
  CHECK(refusal_of(lab, p).code() == errc::approval_required);
  const hewn::error failure = support::failure_of([&] { lab.approve(p); });
  CHECK(failure.code() == errc::usage);
  CHECK(says(failure, "change type t.v cannot be approved, because it is blocked"));
}

TEST_CASE("without the text that is no number, the others may be approved", "[s51]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
      "INSERT INTO t VALUES (1, '12'), (2, '0012'), (4, '1e3'), (5, NULL)");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)");
  const hewn::change c = the_change(p, change_kind::change_type);
  CHECK(c.verdict == verdict::needs_approval);
  CHECK(c.reason == "2 values would change: id=2; id=4");
  CHECK(refusal_of(lab, p).code() == errc::approval_required);

  lab.apply_approved(p);
  CHECK(lab.rows("SELECT id, quote(v) FROM t") == list{"1|12", "2|12", "4|1000", "5|NULL"});
}

TEST_CASE("texts that are all numbers become them without a question", "[s51]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
      "INSERT INTO t VALUES (1, '12'), (2, '-7'), (3, NULL)");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)");
  const hewn::change c = the_change(p, change_kind::change_type);
  CHECK(c.verdict == verdict::applies);
  CHECK(facts_of(c).empty());
  CHECK(hewn::risk_classes(c) ==
        std::vector{hewn::risk_class::blocking, hewn::risk_class::breaking});
  lab.apply(p);
  CHECK(lab.rows("SELECT id, quote(v) FROM t") == list{"1|12", "2|-7", "3|NULL"});
}

TEST_CASE("a number that a double does not hold is counted as changed", "[s52]") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER);"
      "INSERT INTO t VALUES (1, 9007199254740992), (2, 9007199254740993), (3, -5)");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v REAL)");
  const hewn::change c = the_change(p, change_kind::change_type);
  CHECK(facts_of(c) == list{"1 value would change: id=2"});
  CHECK(c.verdict == verdict::needs_approval);
  const hewn::error failure = refusal_of(lab, p);
  CHECK(failure.code() == errc::approval_required);
  CHECK(failure.table() == "t");
  CHECK(says(failure, "? change type v from INTEGER to REAL"));
  CHECK(says(failure, "waits: 1 value would change: id=2"));

  lab.apply_approved(p);
  CHECK(lab.rows("SELECT id, CAST(v AS INTEGER), typeof(v) FROM t") ==
        list{"1|9007199254740992|real", "2|9007199254740992|real", "3|-5|real"});
}

TEST_CASE("a type that stores alike is no change of a declared table", "[s53]") {
  sync_lab lab("CREATE TABLE t (id INTEGER PRIMARY KEY, v int); INSERT INTO t VALUES (1, 2)");
  CHECK(lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v bigint)").empty());
}

TEST_CASE("a type that stores alike is no change of a whole schema either", "[s53][p:B2]") {
  const std::string before =
      "CREATE TABLE t (id INTEGER PRIMARY KEY, i INT, v VARCHAR(9), d TIMESTAMP, n, r DOUBLE)";
  const std::string after =
      "CREATE TABLE t (id INTEGER PRIMARY KEY, i BIGINT, v TEXT, d DATETIME, n BLOB, r REAL";
  sync_lab lab(before + "; INSERT INTO t VALUES (1, 2, '3', '2024-01-01', '04', 5)");
  CHECK(lab.plan(whole(after + ")")).empty());
  CHECK(lab.plan(whole(before)).empty());
  // A rebuild for another reason takes them over.
  lab.apply(lab.plan(whole(after + ", x NOT NULL DEFAULT (1 + 1))")));
  CHECK(lab.rows("SELECT *, typeof(n) FROM t") == list{"1|2|3|2024-01-01|04|5.0|2|text"});
  CHECK(lab.rows("SELECT group_concat(type) FROM pragma_table_info('t')") ==
        list{"INTEGER,BIGINT,TEXT,DATETIME,BLOB,REAL,"});
}

TEST_CASE("a type that stores alike is a change where values are to be converted", "[p:B2]") {
  sync_lab lab("CREATE TABLE t (id INTEGER PRIMARY KEY, d TIMESTAMP); INSERT INTO t VALUES (1, 0)");
  const hewn::wanted_schema wanted = whole("CREATE TABLE t (id INTEGER PRIMARY KEY, d DATETIME)",
                                           {converted("t", "d", "datetime(d, 'unixepoch')")});
  const hewn::plan p = lab.plan(wanted);
  CHECK(change_in(p, change_kind::change_type).counted(fact_kind::values_changed) == 1);
  lab.apply_approved(p);
  CHECK(lab.rows("SELECT d FROM t") == list{"1970-01-01 00:00:00"});
}

TEST_CASE("types that do not store alike are told apart in a whole schema", "[p:B2]") {
  for (const auto& [one, other] : {std::pair{"a INTEGER", "a NUMERIC"},
                                   {"a TEXT", "a STRING"},
                                   {"a REAL", "a DECIMAL(9,2)"},
                                   {"a", "a NUMERIC"},
                                   {"a BLOB", "a TEXT"},
                                   {"id INT PRIMARY KEY", "id INTEGER PRIMARY KEY"}}) {
    CAPTURE(one, other);
    sync_lab lab("CREATE TABLE t (" + std::string(one) + ")");
    change_in(lab.plan(whole("CREATE TABLE t (" + std::string(other) + ")")),
              change_kind::change_type);
  }
  sync_lab strict("CREATE TABLE t (a BLOB, b INT) STRICT");
  CHECK(changes_of(strict.plan(whole("CREATE TABLE t (a ANY, b INTEGER) STRICT"))) ==
        list{"change type a"});
}

TEST_CASE("dates are held by a column of dates, in whichever way they are stored", "[p:B3]") {
  const std::string rows =
      "; INSERT INTO t VALUES (1, '2024-02-29 12:00:00'), (2, 1709208000), (3, NULL), (4, 'soon')";
  for (const std::string from : {"TIMESTAMP", "TEXT", "", "STRING", "NUMERIC"})
    for (const std::string to :
         {"DATETIME", "DATE", "TIMESTAMP WITH TIME ZONE", "JSON", "INTERVAL"}) {
      CAPTURE(from, to);
      sync_lab lab("CREATE TABLE t (id INTEGER PRIMARY KEY, d " + from + ")" + rows);
      const list before = lab.rows("SELECT id, d FROM t");
      lab.sync("CREATE TABLE t (id INTEGER PRIMARY KEY, d " + to + ")");
      lab.apply(lab.plan(whole("CREATE TABLE t (id INTEGER PRIMARY KEY, d " + to + ")")));
      CHECK(lab.rows("SELECT id, d FROM t") == before);
    }
  SECTION("by a conversion") {
    sync_lab lab("CREATE TABLE t (id INTEGER PRIMARY KEY, d INTEGER); INSERT INTO t VALUES (1, 0)");
    const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, d DATETIME)",
                                  {converted("t", "d", "datetime(d, 'unixepoch')")});
    CHECK(p.empty());  // INTEGER holds what DATETIME does, so nothing is to be converted
    sync_lab real("CREATE TABLE t (id INTEGER PRIMARY KEY, d REAL); INSERT INTO t VALUES (1, 0)");
    real.apply_approved(real.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, d DATETIME)",
                                  {converted("t", "d", "datetime(d, 'unixepoch')")}));
    CHECK(real.rows("SELECT d FROM t") == list{"1970-01-01 00:00:00"});
  }
  SECTION("in a column that is new") {
    const std::string wanted =
        "CREATE TABLE t (id INTEGER PRIMARY KEY, d DATETIME NOT NULL CHECK (d > '2023-12-31')";
    sync_lab lab("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2)");
    lab.sync(wanted + ")", {backfilled("t", "d", "'2024-01-0' || id")});
    CHECK(lab.rows("SELECT d FROM t") == list{"2024-01-01", "2024-01-02"});
    sync_lab other("CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1)");
    other.sync(wanted + " DEFAULT '2024-01-01')");
    CHECK(other.rows("SELECT d FROM t") == list{"2024-01-01"});
  }
  SECTION("but not by one of numbers") {
    for (const std::string to : {"DECIMAL(10, 2)", "BOOLEAN", "REAL", "INTEGER", "MONEY"}) {
      CAPTURE(to);
      sync_lab lab("CREATE TABLE t (id INTEGER PRIMARY KEY, d TEXT)" + rows);
      const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, d " + to + ")");
      CHECK(change_in(p, change_kind::change_type).counted(fact_kind::unconvertible) == 2);
    }
  }
}

TEST_CASE("INT PRIMARY KEY is another column than INTEGER PRIMARY KEY", "[s53]") {
  sync_lab lab("CREATE TABLE t (id INT PRIMARY KEY, v); INSERT INTO t VALUES (3, 'c'), (1, 'a')");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
  const hewn::change c = the_change(p, change_kind::change_type);
  CHECK(c.before == "INT PRIMARY KEY");
  CHECK(c.after == "INTEGER PRIMARY KEY");
  // Nothing changes but the rowids 1 and 2, by which something else may know them.
  CHECK(c.verdict == verdict::needs_approval);
  CHECK(c.reason == "2 rows would get another rowid, by which others may find them: id=1; id=3");
  lab.apply_approved(p);
  lab.db.run("INSERT INTO t (v) VALUES ('d')");
  CHECK(lab.rows("SELECT id, v FROM t ORDER BY id") == list{"1|a", "3|c", "4|d"});
}

TEST_CASE("a key that INTEGER PRIMARY KEY cannot hold blocks", "[s53]") {
  // Outside INTEGER PRIMARY KEY, SQLite takes NULL and texts for a key.
  sync_lab lab("CREATE TABLE t (id INT PRIMARY KEY, v); INSERT INTO t VALUES (1, 'a'), ('x', 'b')");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
  const hewn::change c = the_change(p, change_kind::change_type);
  CHECK(c.verdict == verdict::blocked);
  CHECK(facts_of(c) ==
        list{"1 value does not fit the new type: id='x'", "1 value would be lost: id='x'"});
  CHECK(refusal_of(lab, p).code() == errc::approval_required);
}

TEST_CASE("a NULL in a key would be given a number, which blocks", "[s53]") {
  sync_lab lab(
      "CREATE TABLE t (id INT PRIMARY KEY, v); INSERT INTO t VALUES (1, 'a'), (NULL, 'b')");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v)");
  const hewn::change c = the_change(p, change_kind::change_type);
  CHECK(c.verdict == verdict::blocked);
  CHECK(facts_of(c) ==
        list{"1 row has no value for it: id=NULL", "1 value would be lost: id=NULL"});
  CHECK(refusal_of(lab, p).code() == errc::approval_required);
}

TEST_CASE("what a conversion leaves alone stays as it is in a STRICT column of any type") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT) STRICT; INSERT INTO t VALUES (1, '012')");
  const hewn::plan p =
      lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v ANY) STRICT", {converted("t", "v", "v")});
  CHECK(the_change(p, change_kind::change_type).verdict == verdict::applies);
  lab.apply(p);
  CHECK(lab.rows("SELECT quote(v) FROM t") == list{"'012'"});
}

TEST_CASE("a declared conversion is what is counted and carried out") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, price TEXT);"
      "INSERT INTO t VALUES (1, '12 EUR'), (2, '7 EUR'), (3, NULL)");
  const std::string wanted = "CREATE TABLE t (id INTEGER PRIMARY KEY, price INTEGER)";
  CHECK(the_change(lab.plan(wanted), change_kind::change_type).verdict == verdict::blocked);

  const hewn::plan p =
      lab.plan(wanted, {converted("t", "price", "CAST(replace(price, ' EUR', '') AS INTEGER)")});
  const hewn::change c = the_change(p, change_kind::change_type);
  CHECK(c.verdict == verdict::needs_approval);
  CHECK(facts_of(c) == list{"2 values would change: id=1; id=2"});
  CHECK(refusal_of(lab, p).code() == errc::approval_required);
  lab.apply_approved(p);
  CHECK(lab.rows("SELECT id, quote(price) FROM t") == list{"1|12", "2|7", "3|NULL"});
}

TEST_CASE("what a conversion makes NULL is counted as lost") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
      "INSERT INTO t VALUES (1, '12'), (2, 'unknown')");
  const hewn::plan p =
      lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)",
               {converted("t", "v", "CASE v WHEN 'unknown' THEN NULL ELSE v END")});
  const hewn::change c = the_change(p, change_kind::change_type);
  CHECK(c.verdict == verdict::needs_approval);
  CHECK(c.counted(hewn::fact_kind::values_lost) == 1);
  // What is lost is lost, and not changed besides.
  CHECK(c.counted(hewn::fact_kind::values_changed) == 0);
  lab.apply_approved(p);
  CHECK(lab.rows("SELECT id, quote(v) FROM t") == list{"1|12", "2|NULL"});
}

TEST_CASE("a conversion to NULL stands in the way of a column that takes none") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT NOT NULL);"
      "INSERT INTO t VALUES (1, '12'), (2, 'unknown')");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER NOT NULL)",
                                {converted("t", "v", "nullif(v, 'unknown')")});
  const hewn::change c = the_change(p, change_kind::change_type);
  CHECK(c.verdict == verdict::blocked);
  CHECK(c.reason == "1 row has no value for it: id=2");
}

TEST_CASE("a value that a conversion leaves alone and the new type changes is counted") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
      "INSERT INTO t VALUES (1, '0012'), (2, '7')");
  const hewn::plan p =
      lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)", {converted("t", "v", "v")});
  CHECK(facts_of(the_change(p, change_kind::change_type)) == list{"1 value would change: id=1"});
  CHECK(refusal_of(lab, p).code() == errc::approval_required);
}

TEST_CASE("a conversion to values that the type cannot hold blocks") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT);"
      "INSERT INTO t VALUES (1, '12'), (2, 'x')");
  const hewn::plan p = lab.plan("CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER)",
                                {converted("t", "v", "v || '!'")});
  CHECK(facts_of(the_change(p, change_kind::change_type))[0] ==
        "2 values do not fit the new type: id=1; id=2");
  CHECK(p.blocked());
  CHECK(refusal_of(lab, p).code() == errc::approval_required);
}

TEST_CASE("a type and a default that only fits the new one change together") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER DEFAULT 5);"
      "INSERT INTO t (id) VALUES (1)");
  lab.sync("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT DEFAULT 'five')");
  lab.db.run("INSERT INTO t (id) VALUES (2)");
  CHECK(lab.rows("SELECT id, quote(v) FROM t") == list{"1|'5'", "2|'five'"});
}

TEST_CASE("a view and a generated column read a column of another type") {
  sync_lab lab(
      "CREATE TABLE t (id INTEGER PRIMARY KEY, v INTEGER, twice AS (v * 2) VIRTUAL);"
      "CREATE VIEW big AS SELECT id FROM t WHERE v > 5;"
      "INSERT INTO t VALUES (1, 3), (2, 9)");
  lab.sync("CREATE TABLE t (id INTEGER PRIMARY KEY, v REAL, twice AS (v * 2) VIRTUAL)");
  CHECK(lab.rows("SELECT id, twice FROM t") == list{"1|6.0", "2|18.0"});
  CHECK(lab.rows("SELECT id FROM big") == list{"2"});
}

TEST_CASE("a text is no blob for the field of a struct", "[s51]") {
  const std::string rows = "); INSERT INTO t VALUES (1, 'a'), (2, NULL), (3, x'61'), (4, 5)";
  for (const std::string from : {"TEXT", "INTEGER", "STRING"}) {
    CAPTURE(from);
    sync_lab lab("CREATE TABLE t (id INTEGER PRIMARY KEY, v " + from + rows);
    const std::string wanted = "CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB)";
    const hewn::plan p = lab.plan(wanted);
    const hewn::change c = the_change(p, change_kind::change_type);
    CHECK(c.verdict == verdict::blocked);
    CHECK(c.reason == "2 values do not fit the new type: id=1; id=4");
    CHECK(refusal_of(lab, p).code() == errc::approval_required);
    lab.apply_approved(lab.plan(wanted, {converted("t", "v", "CAST(v AS BLOB)")}));
    CHECK(lab.rows("SELECT quote(v) FROM t") == list{"X'61'", "NULL", "X'61'", "X'35'"});
  }
  SECTION("in a whole schema, values are kept as they are") {
    sync_lab lab("CREATE TABLE t (id INTEGER PRIMARY KEY, v TEXT" + rows);
    const list before = lab.rows("SELECT id, quote(v) FROM t");
    lab.apply(lab.plan(whole("CREATE TABLE t (id INTEGER PRIMARY KEY, v BLOB)")));
    CHECK(lab.rows("SELECT id, quote(v) FROM t") == before);
  }
}
