// tests/dialect/read/statement_locks_test.cpp - what statements lock on PostgreSQL, by their text.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/dialect/read/statement_locks.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string>

namespace {

/// `t ACCESS EXCLUSIVE, u SHARE, reads`: in the order of the statement.
std::string locks(std::string_view sql) {
  std::string out;
  for (const hewn::detail::statement_lock& l : hewn::detail::locks_of(sql)) {
    if (!out.empty()) out += ", ";
    out += l.table + ' ' + std::string(to_string(l.lock));
    if (l.scans) out += " reads";
  }
  return out;
}

}  // namespace

TEST_CASE("a clause of ALTER TABLE decides the lock, the strongest of several") {
  CHECK(locks("ALTER TABLE t ADD COLUMN c int") == "t ACCESS EXCLUSIVE");
  CHECK(locks("ALTER TABLE IF EXISTS ONLY \"a b\".\"t,\" DROP COLUMN c") == "t, ACCESS EXCLUSIVE");
  CHECK(locks("ALTER TABLE t ADD CHECK (a IN (1, 2))") == "t ACCESS EXCLUSIVE reads");
  CHECK(locks("ALTER TABLE t ADD CONSTRAINT k CHECK (a > 0) NOT VALID") == "t ACCESS EXCLUSIVE");
  CHECK(locks("ALTER TABLE t VALIDATE CONSTRAINT k") == "t SHARE UPDATE EXCLUSIVE reads");
  CHECK(locks("ALTER TABLE t ADD UNIQUE (a, b)") == "t ACCESS EXCLUSIVE reads");
  CHECK(locks("ALTER TABLE t ADD CONSTRAINT k PRIMARY KEY USING INDEX i") == "t ACCESS EXCLUSIVE");
  CHECK(locks("ALTER TABLE t ALTER COLUMN c SET STATISTICS 7") == "t SHARE UPDATE EXCLUSIVE");
  CHECK(locks("ALTER TABLE t ALTER c SET (n_distinct = 5)") == "t SHARE UPDATE EXCLUSIVE");
  CHECK(locks("ALTER TABLE t ALTER COLUMN c SET DEFAULT 1") == "t ACCESS EXCLUSIVE");
  CHECK(locks("ALTER TABLE t SET (fillfactor = 70)") == "t SHARE UPDATE EXCLUSIVE");
  CHECK(locks("ALTER TABLE t DISABLE TRIGGER USER") == "t SHARE ROW EXCLUSIVE");
  CHECK(locks("ALTER TABLE t RENAME TO u") == "t ACCESS EXCLUSIVE");
  CHECK(locks("ALTER TABLE t VALIDATE CONSTRAINT k, ALTER c DROP DEFAULT") ==
        "t ACCESS EXCLUSIVE reads");
}

TEST_CASE("a foreign key locks both tables, and an ordinary column only one") {
  CHECK(locks("ALTER TABLE t ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES s.u (id)") ==
        "t SHARE ROW EXCLUSIVE reads, u SHARE ROW EXCLUSIVE reads");
  CHECK(locks("ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u NOT VALID") ==
        "t SHARE ROW EXCLUSIVE, u SHARE ROW EXCLUSIVE");
  CHECK(locks("ALTER TABLE t ADD COLUMN a int REFERENCES u, ADD b int") ==
        "t ACCESS EXCLUSIVE, u SHARE ROW EXCLUSIVE");
  CHECK(locks("CREATE TABLE t (a int REFERENCES u (id), FOREIGN KEY (a) REFERENCES \"v\")") ==
        "u SHARE ROW EXCLUSIVE, v SHARE ROW EXCLUSIVE");
}

TEST_CASE("statements about indexes, triggers, rows and comments lock their tables") {
  CHECK(locks("CREATE INDEX i ON t (a)") == "t SHARE reads");
  CHECK(locks("create unique index concurrently if not exists i on only s.t using hash (a)") ==
        "t SHARE UPDATE EXCLUSIVE reads");
  CHECK(locks("DROP INDEX i") == " ACCESS EXCLUSIVE");
  CHECK(locks("DROP INDEX CONCURRENTLY i") == " SHARE UPDATE EXCLUSIVE");
  CHECK(locks("ALTER INDEX i RENAME TO j").empty());
  CHECK(locks("CREATE TRIGGER g BEFORE UPDATE ON t EXECUTE FUNCTION f()") ==
        "t SHARE ROW EXCLUSIVE");
  CHECK(locks("DROP TRIGGER IF EXISTS g ON t") == "t ACCESS EXCLUSIVE");
  CHECK(locks("DROP TABLE IF EXISTS t, s.u CASCADE") == "t ACCESS EXCLUSIVE, u ACCESS EXCLUSIVE");
  CHECK(locks("TRUNCATE t, u") == "t ACCESS EXCLUSIVE, u ACCESS EXCLUSIVE");
  CHECK(locks("UPDATE ONLY t SET a = 1") == "t ROW EXCLUSIVE reads");
  CHECK(locks("DELETE FROM t WHERE a = 1") == "t ROW EXCLUSIVE reads");
  CHECK(locks("INSERT INTO t VALUES (1)") == "t ROW EXCLUSIVE");
  CHECK(locks("LOCK TABLE t IN SHARE  ROW\nexclusive MODE") == "t SHARE ROW EXCLUSIVE");
  CHECK(locks("LOCK t") == "t ACCESS EXCLUSIVE");
  CHECK(locks("COMMENT ON COLUMN s.t.c IS 'x'") == "t SHARE UPDATE EXCLUSIVE");
  CHECK(locks("COMMENT ON TABLE s.t IS NULL") == "t SHARE UPDATE EXCLUSIVE");
}

TEST_CASE("any text has an end") {
  for (const char* sql :
       {"", "ALTER", "ALTER TABLE", "ALTER TABLE t", "ALTER TABLE t ADD",
        "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES", "CREATE INDEX",
        "CREATE TABLE t (a int REFERENCES", "LOCK t IN", "COMMENT ON COLUMN a.", "DROP INDEX",
        "TRUNCATE t,", "((((", "ALTER TABLE t ADD CHECK (a", "\"", "SELECT 1", "VACUUM t"}) {
    INFO(sql);
    CHECK(locks(sql).size() < 60);
  }
  CHECK(locks("SELECT 1").empty());
}

TEST_CASE("a lock is known by its name and by whom it stops") {
  using hewn::table_lock;
  CHECK(to_string(table_lock::share_update_exclusive) == "SHARE UPDATE EXCLUSIVE");
  CHECK_FALSE(stops_writers(table_lock::share_update_exclusive));
  CHECK(stops_writers(table_lock::share));
  CHECK_FALSE(stops_readers(table_lock::exclusive));
  CHECK(stops_readers(table_lock::access_exclusive));
}
