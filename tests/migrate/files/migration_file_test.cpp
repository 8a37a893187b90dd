// tests/migrate/files/migration_file_test.cpp - what is read out of migration files, and refused.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/migrate/files/migration_file.hpp>

#include <support/failure.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

using hewn::errc;
using hewn::migration_file;
using hewn::read_migrations;
using hewn::sql_statement;
using support::failure_of;
using support::says;

namespace {

migration_file read(std::string_view text, std::string_view name = "0001_a.sql") {
  return read_migrations({{name, text}}).front();
}

std::vector<std::string> texts(const std::vector<sql_statement>& statements) {
  std::vector<std::string> out;
  for (const sql_statement& s : statements) out.push_back(s.text);
  return out;
}

using list = std::vector<std::string>;

struct mistake {
  std::string_view text;
  std::string_view where;
  std::string_view problem;
};

}  // namespace

TEST_CASE("sections, statements and their lines") {
  const migration_file m = read(
      "-- what it is for\n"
      "-- up\n"
      "CREATE TABLE a (x);  -- a table\n"
      "\n"
      "INSERT INTO a VALUES ('; -- up'), (\";\"), /* ; */ ([;]);\n"
      "-- down\n"
      "DROP TABLE a\n");
  CHECK(m.info.version == 1);
  CHECK(m.info.name == "a");
  CHECK(m.info.origin == "0001_a.sql");
  CHECK(m.info.has_down);
  CHECK(m.info.in_transaction);
  CHECK(m.up == std::vector<sql_statement>{
                    {"CREATE TABLE a (x)", 3},
                    {"INSERT INTO a VALUES ('; -- up'), (\";\"), /* ; */ ([;])", 5}});
  CHECK(m.down == std::vector<sql_statement>{{"DROP TABLE a", 7}});
}

TEST_CASE("a trigger is one statement") {
  const std::string trigger =
      "CREATE TEMP TRIGGER t AFTER INSERT ON a WHEN CASE WHEN new.x THEN 1 END BEGIN\n"
      "  SELECT CASE WHEN 1 THEN 2 END;\n"
      "  DELETE FROM \"end\";\n"
      "END";
  CHECK(texts(read("-- up\n" + trigger + ";\nSELECT 1;\n").up) == list{trigger, "SELECT 1"});
  // A trigger that calls a function has no body, and the word may be a column elsewhere.
  CHECK(texts(read("-- up\nCREATE TRIGGER t AFTER INSERT ON a EXECUTE FUNCTION f(); SELECT 1;").up)
            .size() == 2);
  CHECK(texts(read("-- up\nSELECT \"begin\" FROM t; SELECT 2;").up).size() == 2);
}

TEST_CASE("BEGIN, END and TRIGGER are names where a name stands", "[p:B6]") {
  for (const std::string& first :
       {std::string("CREATE TABLE t (trigger TEXT, begin TEXT, end TEXT)"),
        std::string("CREATE TABLE trigger (begin TEXT)"),
        std::string("CREATE TABLE t (begin atomic)"),
        std::string("CREATE INDEX trigger ON t (begin)"),
        std::string("CREATE VIEW trigger AS SELECT begin, \"trigger\", [end] FROM begin"),
        std::string("CREATE TRIGGER begin AFTER INSERT ON a EXECUTE FUNCTION begin()"),
        std::string("CREATE OR REPLACE TRIGGER t AFTER UPDATE OF begin ON begin REFERENCING NEW "
                    "TABLE AS begin FOR EACH STATEMENT EXECUTE PROCEDURE f()"),
        std::string("CREATE EVENT TRIGGER begin ON sql_drop EXECUTE FUNCTION f()"),
        std::string(
            "CREATE TRIGGER begin AFTER UPDATE OF begin, end ON main.begin WHEN new.begin > "
            "(SELECT begin FROM t) BEGIN UPDATE t SET begin = CASE WHEN 1 THEN 2 END; "
            "DELETE FROM begin; END"),
        std::string("CREATE TEMPORARY TRIGGER IF NOT EXISTS trigger BEFORE DELETE ON trigger BEGIN "
                    "SELECT end FROM t; SELECT 1; END"),
        std::string("CREATE PROCEDURE begin(begin int) BEGIN ATOMIC SELECT 1; SELECT 2; END")}) {
    CHECK(texts(read("-- up\n" + first + ";\nSELECT 1;\n").up) == list{first, "SELECT 1"});
    // As one of goose's statements it is looked into as well.
    CHECK(texts(read("-- +goose Up\n-- +goose StatementBegin\n" + first +
                     ";\n-- +goose StatementEnd\nSELECT 1;\n")
                    .up)
              .size() == 2);
  }
}

TEST_CASE("what PostgreSQL alone quotes is not cut") {
  const list found = texts(read("-- up\n"
                                "CREATE FUNCTION f() RETURNS int AS $$ BEGIN; END; $$ LANGUAGE x;\n"
                                "DO $body$ ; $x$ ; $body$;\n"
                                "SELECT E'it\\'s; ' || 'a';\n"
                                "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; END;\n")
                               .up);
  REQUIRE(found.size() == 4);
  CHECK(found[1] == "DO $body$ ; $x$ ; $body$");
  CHECK(found[3] == "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC SELECT 1; END");
}

TEST_CASE("annotations of goose") {
  const migration_file m = read(
      "-- +goose NO TRANSACTION\n"
      "-- +goose Up\n"
      "-- +goose StatementBegin\n"
      "CREATE FUNCTION f; -- down\n"
      "  more;\n"
      "-- +goose StatementEnd\n"
      "SELECT 1;\n"
      "-- +goose Down\n"
      "SELECT 2;\n",
      "20260102030405_by_goose.sql");
  CHECK(m.info.version == 20260102030405);
  CHECK_FALSE(m.info.in_transaction);
  CHECK(m.up ==
        std::vector<sql_statement>{{"CREATE FUNCTION f; -- down\n  more;", 4}, {"SELECT 1", 7}});
  CHECK(texts(m.down) == list{"SELECT 2"});
}

TEST_CASE("declarations") {
  const std::vector<migration_file> all = read_migrations(
      {{"0001_a.sql", "-- up\nSELECT 1;"},
       {"0002_b.sql", "-- up\nSELECT 1;"},
       {"0003_c.sql",
        "-- requires: 1, 2\n-- foreign keys off\n-- destructive: users are gone: all of them\n"
        "-- up\nSELECT 1;\n-- down\n-- destructive: names too\nSELECT 2;"},
       {"0004_d.sql", "-- Irreversible: nobody knows\n-- no transaction\n-- up\nVACUUM;"}});
  CHECK(all[2].info.needs == std::vector<hewn::migration_key>{1, 2});
  CHECK(all[2].info.foreign_keys_off);
  CHECK(all[2].info.destructive_up == "users are gone: all of them");
  CHECK(all[2].info.destructive_down == "names too");
  CHECK(all[3].info.irreversible == "nobody knows");
  CHECK_FALSE(all[3].info.in_transaction);
  CHECK_FALSE(all[3].info.has_down);
}

TEST_CASE("migrations are named by version, by name or by both") {
  using keys = std::vector<hewn::migration_key>;
  const std::vector<migration_file> all = read_migrations(
      {{"0005_a.sql", "-- requires: 3, Add_Users , 0004_teams\n-- after: teams\n-- up\nSELECT 1;"},
       {"0006_b.sql", "-- replaces: 3, 0004_teams\n-- up\nSELECT 1;"},
       {"0007_c.sql", "-- After: a, b\n-- up\n-- down\n"}});
  CHECK(all[0].info.needs == keys{3, "Add_Users", "0004_teams"});
  CHECK(all[0].info.parents == keys{"teams"});
  CHECK(all[1].info.replaces == std::vector<std::int64_t>{3, 4});
  CHECK(all[1].info.replaced == keys{3, "4_teams"});
  CHECK(all[2].up.empty());
  CHECK(says(failure_of([] {
               read_migrations({{"0001_a.up.sql", "SELECT 1;"},
                                {"0002_b.up.sql", "SELECT 1;"},
                                {"0002_b.down.sql", "-- requires: a\nSELECT 1;"}});
             }),
             "0002_b.down.sql names other migrations"));
}

TEST_CASE("pairs of files are one migration") {
  const std::vector<migration_file> all =
      read_migrations({{"0002_b.down.sql", "DROP TABLE b;"},
                       {"0002_b.up.sql", "-- no transaction\nVACUUM;"},
                       {"0001_a.up.sql", "CREATE TABLE a (x);"}});
  REQUIRE(all.size() == 2);
  CHECK(all[0].info.version == 1);
  CHECK_FALSE(all[0].info.has_down);
  CHECK(all[1].info.name == "b");
  CHECK(texts(all[1].down) == list{"DROP TABLE b"});
  CHECK_FALSE(all[1].info.in_transaction);
}

TEST_CASE("files that cannot be read say where and what to do") {
  const mistake mistakes[] = {
      {"SELECT 1;", "0001_a.sql:1", "has a statement before its up section"},
      {"", "0001_a.sql ", "has no up section"},
      {"-- down\nSELECT 1;", "0001_a.sql:1", "has no up section before this line"},
      {"-- up\n", "0001_a.sql ", "has no statement"},
      {"-- up\nSELECT 1;\n-- up\n", "0001_a.sql:3", "has a second up section"},
      {"-- up\nSELECT 1;\n-- down\n\n-- down\n", "0001_a.sql:5", "has a second down section"},
      {"-- up\nSELECT 1;\n-- down\n-- up\n", "0001_a.sql:4", "has a second up section"},
      {"-- up:\nSELECT 1;\n", "0001_a.sql:1", "has a colon after up, which takes none"},
      {"-- up\nSELECT 1;\n-- down:\nSELECT 2;\n", "0001_a.sql:3", "has a colon after down"},
      {"-- up\nSELECT 1;\n-- Down : undo\nSELECT 2;\n", "0001_a.sql:3",
       "has a colon after down, which takes none; write it alone in its line"},
      {"-- no transaction:\n-- up\nSELECT 1;", "0001_a.sql:1", "has a colon after no transaction"},
      {"-- foreign keys off: rebuild\n-- up\nSELECT 1;", "0001_a.sql:1",
       "has a colon after foreign keys off"},
      {"-- up\nSELECT 'a;\n", "0001_a.sql:2", "begins a quote that is never closed"},
      {"-- up\nSELECT 'a'';\n", "0001_a.sql:2", "begins a quote that is never closed"},
      {"-- up\nSELECT [a;\n", "0001_a.sql:2", "begins a quote that is never closed"},
      {"-- up\nSELECT $$a;\n", "0001_a.sql:2", "begins a quote that is never closed"},
      {"-- up\n\n/* SELECT\n", "0001_a.sql:3", "begins a comment that is never closed"},
      {"-- up\nCREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 1;\n", "0001_a.sql:2",
       "begins a statement whose body is never closed"},
      {"-- up\n-- +goose StatementBegin\nSELECT 1;\n", "0001_a.sql:2",
       "begins a statement that is never ended"},
      {"-- up\nSELECT 1;\n-- +goose StatementEnd\n", "0001_a.sql:3",
       "ends a statement that was not begun"},
      {"-- up\n-- +goose StatementBegin\n-- +goose Down\n", "0001_a.sql:3",
       "has an annotation inside a statement block"},
      {"-- up\nSELECT 1\n-- +goose StatementBegin\n", "0001_a.sql:2",
       "has a statement without a semicolon before a block"},
      {"-- +goose StatementBegin\n", "0001_a.sql:1", "has a statement before its up section"},
      {"-- +goose ENVSUB ON\n", "0001_a.sql:1", "has an annotation of goose that is not supported"},
      {"-- requires:\n", "0001_a.sql:1", "declares requires without saying what"},
      {"-- requires: 3, , x\n", "0001_a.sql:1", "names an empty migration"},
      {"-- replaces: users\n", "0001_a.sql:1", "replaces a migration without its version"},
      {"-- after: a\n-- up\n", "0001_a.sql ", "has no statement"},
      {"-- replaces: 1\n-- up\nSELECT 1;", "0001_a.sql ", "names version 1, which does not"},
      {"-- up\nSELECT 1;\n-- irreversible: late\n", "0001_a.sql:3",
       "has a declaration for the whole file after a statement"},
      {"-- irreversible: x\n-- up\nSELECT 1;\n-- down\nSELECT 2;", "0001_a.sql ",
       "is declared irreversible and has a down section"},
      {"-- no transaction\n-- foreign keys off\n-- up\nSELECT 1;", "0001_a.sql ",
       "is declared both no transaction and foreign keys off"},
  };
  for (const mistake& m : mistakes) {
    const hewn::error failure = failure_of([&] { read(m.text); });
    INFO(failure.what());
    CHECK(says(failure, "hewn: " + std::string(m.where)));
    CHECK(says(failure, std::string(m.problem)));
  }
}

TEST_CASE("a migration that ends its own transaction is refused") {
  for (const std::string statement :
       {"COMMIT", "begin immediate", "ROLLBACK", "END", "SAVEPOINT a", "/* x */ commit"}) {
    const hewn::error failure = failure_of([&] { read("-- up\nSELECT 1;\n" + statement + ";\n"); });
    CHECK(says(failure, "0001_a.sql:3 begins or ends a transaction"));
  }
  const hewn::error hidden = failure_of([] {
    read("-- up\n-- +goose StatementBegin\nSELECT 1;\nCOMMIT;\n-- +goose StatementEnd\n");
  });
  CHECK(says(hidden, "0001_a.sql:4 begins or ends a transaction"));
}

TEST_CASE("PRAGMA foreign_keys would do nothing, so it is refused") {
  const hewn::error failure = failure_of([] { read("-- up\nPRAGMA foreign_keys = OFF;"); });
  CHECK(says(failure, "0001_a.sql:2 sets PRAGMA foreign_keys"));
  CHECK(says(failure, "-- foreign keys off"));
}

TEST_CASE("settings under which nothing is checked or recorded are refused", "[p:A4]") {
  for (const std::string name : {"foreign_keys", "ignore_check_constraints", "case_sensitive_like",
                                 "writable_schema", "query_only"})
    for (const std::string& statement :
         {"PRAGMA " + name + " = 1;", "pragma main." + name + "(ON);",
          "SELECT 1; PRAGMA \"" + name + "\" /* why */ = yes;"}) {
      INFO(statement);
      const hewn::error failure = failure_of([&] { read("-- up\n" + statement); });
      CHECK(failure.code() == errc::syntax);
      CHECK(says(failure, "0001_a.sql:2 sets PRAGMA " + name + ", "));
      CHECK_THROWS_AS(
          read("-- up\n-- +goose StatementBegin\n" + statement + "\n-- +goose StatementEnd\n"),
          hewn::error);
    }
  CHECK(read("-- up\nPRAGMA query_only; PRAGMA legacy_alter_table = 1; PRAGMA user_version = 3;")
            .up.size() == 3);
}

TEST_CASE("names that are none") {
  for (const std::string_view name :
       {"a.sql", "_a.sql", "0001.sql", "0001_.sql", "x001_a.sql", "0001_a.txt", "0001-a.sql",
        "0000_a.sql", "1234567890123456789_a.sql"}) {
    const hewn::error failure = failure_of([&] { read("-- up\nSELECT 1;", name); });
    INFO(failure.what());
    CHECK(failure.code() == errc::usage);
    CHECK(says(failure, std::string(name)));
  }
}

TEST_CASE("versions that are there twice, and halves without the other") {
  const auto both = failure_of([] {
    read_migrations({{"0001_a.sql", "-- up\nSELECT 1;"}, {"1_b.sql", "-- up\nSELECT 1;"}});
  });
  CHECK(says(both, "1_b.sql has the same version as 0001_a.sql"));
  const auto mixed = failure_of([] {
    read_migrations({{"0001_a.sql", "-- up\nSELECT 1;"}, {"0001_a.up.sql", "SELECT 1;"}});
  });
  CHECK(says(mixed, "has the same version"));
  const auto three = failure_of([] {
    read_migrations({{"0001_a.up.sql", "SELECT 1;"},
                     {"0001_a.down.sql", "SELECT 1;"},
                     {"0001_b.down.sql", "SELECT 1;"}});
  });
  CHECK(says(three, "has the same version"));
  const auto alone = failure_of([] { read_migrations({{"0001_a.down.sql", "SELECT 1;"}}); });
  CHECK(says(alone, "0001_a.down.sql undoes a migration that is not there"));
  const auto section = failure_of([] { read_migrations({{"0001_a.up.sql", "-- up\nSELECT 1;"}}); });
  CHECK(says(section, "has a section although its name says which one it is"));
  const auto irreversible = failure_of([] {
    read_migrations(
        {{"0001_a.up.sql", "-- irreversible: x\nSELECT 1;"}, {"0001_a.down.sql", "SELECT 1;"}});
  });
  CHECK(says(irreversible, "undoes a migration that is declared irreversible"));
}

TEST_CASE("the checksum is of what matters", "[s90]") {
  const std::string text = "-- up\nCREATE TABLE a (x);\n\n-- down\nDROP TABLE a;\n";
  const std::string checksum = read(text).info.checksum;
  CHECK(checksum.size() == 64);
  CHECK(read(text).info.algorithm == "sha256-text-1");
  CHECK(read("\xEF\xBB\xBF" + text).info.checksum == checksum);
  CHECK(read(text + "\n\n").info.checksum == checksum);
  CHECK(read(text.substr(0, text.size() - 1)).info.checksum == checksum);
  CHECK(read("-- up  \nCREATE TABLE a (x);\t\n\n-- down\nDROP TABLE a;\n").info.checksum ==
        checksum);
  std::string windows;
  for (const char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  CHECK(read(windows).info.checksum == checksum);
  CHECK(texts(read(windows).up) == texts(read(text).up));
  // The line break between a comment and a statement is what decides whether it runs.
  CHECK(read("-- up\n-- x\nDROP TABLE a;").info.checksum !=
        read("-- up\n-- xDROP TABLE a;\nSELECT 1;").info.checksum);
  CHECK(read("-- up\nCREATE TABLE a (y);\n").info.checksum != checksum);
}

TEST_CASE("line ends are the file's, and no part of its texts", "[s90]") {
  const auto with_ends = [](std::string_view text, const std::string& end) {
    std::string out;
    for (const char c : text) out += c == '\n' ? end : std::string(1, c);
    return out;
  };
  const std::string text =
      "-- up\nINSERT INTO t VALUES ('one\ntwo');\n-- down\n-- +goose StatementBegin\n"
      "DELETE FROM \"a\nb\";\n-- +goose StatementEnd\n";
  for (const std::string end : {"\n", "\r\n", "\r"}) {
    const migration_file m = read(with_ends(text, end));
    CHECK(texts(m.up) == list{"INSERT INTO t VALUES ('one\ntwo')"});
    CHECK(texts(m.down) == list{"DELETE FROM \"a\nb\";"});
    CHECK(m.info.checksum == read(text).info.checksum);
  }
  const auto refused = [](const std::string& mixed, const std::string& where) {
    INFO(mixed);
    const hewn::error failure = failure_of([&] { read(mixed); });
    CHECK(failure.code() == errc::syntax);
    CHECK(says(failure, "0001_a.sql:" + where + " has a carriage return where other lines have "));
  };
  refused("-- up\nSELECT 1;\nINSERT INTO t VALUES ('one\n\r\ntwo');\n", "4");
  refused("-- up\nSELECT 'one\rtwo';\n", "2");
  refused("-- up\r\nSELECT 'one\rtwo';\r\n", "2");
  refused("-- up\nSELECT 1 AS \"a\r\nb\";", "2");
  refused("-- up\nSELECT $$a\r\nb$$;", "2");
  refused("-- up\nSELECT 1;\n-- down\n-- +goose StatementBegin\nSELECT '\r\n';\n", "5");
  refused("-- up\nSELECT 1;\n-- a remark\rDROP TABLE t;\n", "3");
  CHECK(says(failure_of([] {
               read_migrations(
                   {{"0001_a.up.sql", "SELECT 1;\n"}, {"0001_a.down.sql", "SELECT\n'a\r\nb';"}});
             }),
             "0001_a.down.sql:2 has a carriage return"));
  // Editors leave such lines, and they change nothing.
  CHECK(texts(read("-- up\nSELECT 1,\r\n  2;\r\n-- a remark\r\nSELECT 'a\nb';").up) ==
        list{"SELECT 1,\n  2", "SELECT 'a\nb'"});
}

TEST_CASE("of many odd line ends the one in a text is found", "[s90]") {
  std::string text = "-- up\n";
  for (int line = 2; line <= 3000; ++line) text += "SELECT 'a', \"b\", $$c$$;\r\n";
  CHECK(read(text).up.size() == 2999);
  CHECK(says(failure_of([&] { read(text + "SELECT '\r\n';\r\n"); }),
             "0001_a.sql:3001 has a carriage return"));
  text.replace(text.find("'a'"), 3, "'\r\n'");
  CHECK(says(failure_of([&] { read(text); }), "0001_a.sql:2 has a carriage return"));
}

TEST_CASE("any bytes are read or refused") {
  const std::string text =
      "-- up\nCREATE TRIGGER t AFTER INSERT ON a BEGIN SELECT 'a', \"b\", $$c$$; END; /*x*/ "
      "E'\\'';\n";
  for (std::size_t i = 0; i <= text.size(); ++i)
    for (const char c : {'\'', ';', '$', '\0', '\n', '\r', '-'}) {
      std::string bent = text.substr(0, i);
      if (c != '-') bent += c + text.substr(i);
      try {
        read(bent);
      } catch (const hewn::error& failure) {
        support::check_grammar(failure);
      }
    }
}

TEST_CASE("a file may be for one database") {
  using hewn::dialect;
  const auto files = hewn::read_migrations({{"0001_a.sql", "-- up\nSELECT 1;"},
                                            {"0002_b.sqlite.sql", "-- up\nSELECT 2;"},
                                            {"0002_b.postgres.up.sql", "SELECT 3;"},
                                            {"0002_b.postgres.down.sql", "SELECT 4;"},
                                            {"0003_c.up.sql", "SELECT 5;"},
                                            {"0003_c.sqlite.down.sql", "SELECT 6;"},
                                            {"0003_c.postgres.down.sql", "SELECT 7;"},
                                            {"0004_d.postgres.sql", "-- up\nSELECT 8;"}});
  REQUIRE(files.size() == 6);
  const auto look = [&](std::size_t i, std::int64_t version, std::optional<dialect> only,
                        const std::string& up, const std::string& down) {
    CAPTURE(i);
    CHECK(files[i].info.version == version);
    CHECK(files[i].info.only == only);
    CHECK(files[i].up.at(0).text == up);
    CHECK((files[i].down.empty() ? std::string() : files[i].down.at(0).text) == down);
  };
  look(0, 1, std::nullopt, "SELECT 1", "");
  look(1, 2, dialect::sqlite, "SELECT 2", "");
  look(2, 2, dialect::postgres, "SELECT 3", "SELECT 4");
  look(3, 3, dialect::sqlite, "SELECT 5", "SELECT 6");
  look(4, 3, dialect::postgres, "SELECT 5", "SELECT 7");
  look(5, 4, dialect::postgres, "SELECT 8", "");
}

TEST_CASE("files that do not say plainly which database they are for are refused") {
  const auto refused = [](std::vector<hewn::migration_text> files) {
    return failure_of([&] { hewn::read_migrations(files); });
  };
  const std::string up = "-- up\nSELECT 1;";
  CHECK(says(refused({{"0001_a.sql", up}, {"0001_a.postgres.sql", up}}),
             "0001_a.sql is for both databases, and 0001_a.postgres.sql for one of them"));
  CHECK(says(refused({{"0001_a.up.sql", "SELECT 1;"}, {"0001_a.sqlite.sql", up}}),
             "is for both databases"));
  CHECK(says(refused({{"0001_a.sqlite.sql", up}, {"0001_b.postgres.sql", up}}),
             "is called otherwise than"));
  CHECK(says(refused({{"0001_a.sqlite.sql", up}, {"0001_a.sqlite.up.sql", "SELECT 1;"}}),
             "has the same version as"));
  CHECK(says(refused({{"0001_a.postgers.sql", up}}), "has a word between dots that says nothing"));
  CHECK(says(refused({{"0001_a.up.postgres.sql", up}}), "has a word between dots"));
  CHECK(says(refused({{"0001_a.postgres.down.sql", "SELECT 1;"}}),
             "undoes a migration that is not there"));
}

TEST_CASE("what each database reads in its own way is read as it does, or refused") {
  const auto statements = [](const std::string& name, const std::string& text) {
    std::vector<std::string> out;
    const std::string whole = "-- up\n" + text;
    const auto files = hewn::read_migrations({{name, whole}});
    for (const auto& s : files.at(0).up) out.push_back(s.text);
    return out;
  };
  using texts = std::vector<std::string>;
  const std::string nested = "/* a /* b */ SELECT 1; /* c */ */ SELECT 2;";
  CHECK(says(failure_of([&] { statements("0001_a.sql", nested); }),
             "0001_a.sql:2 has a comment within a comment"));
  CHECK(statements("0001_a.postgres.sql", nested) == texts{"SELECT 2"});
  CHECK(statements("0001_a.sqlite.sql", "/* a /* b */ SELECT 1;") == texts{"SELECT 1"});
  const std::string subscript = "SELECT a['x]', 'y;z'], b[1]; SELECT 2";
  CHECK(statements("0001_a.postgres.sql", subscript).size() == 2);
  CHECK(statements("0001_a.sql", subscript).size() == 2);
  CHECK(statements("0001_a.sql", "SELECT [a;'b] FROM t; SELECT 2").size() == 2);
  CHECK(statements("0001_a.sql",
                   "CREATE RULE r AS ON INSERT TO t DO (DELETE FROM a; DELETE FROM "
                   "b); SELECT 2")
            .size() == 2);
  CHECK(statements("0001_a.sql",
                   "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; "
                   "SELECT 2; END; CREATE PROCEDURE p() BEGIN ATOMIC END; SELECT 3")
            .size() == 3);
  CHECK(statements("0001_a.sql", "DO $x$ BEGIN PERFORM 1; END $x$; SELECT E'a\\';b'").size() == 2);
  CHECK(says(failure_of([&] { statements("0001_a.sql", "COPY t (a) FROM STDIN;\n1\t'\n\\.\n"); }),
             "0001_a.sql:2 copies rows from the client"));
  CHECK(says(failure_of([&] { statements("0001_a.postgres.sql", "/* /* */ */ COMMIT;"); }),
             "begins or ends a transaction"));
}
