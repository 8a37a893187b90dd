// tests/docs/schema_diff_test.cpp - the program examples/schema_diff, as its guide runs it.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"
#include "reports.hpp"
#include "schema_diff_program.hpp"

#include <hewn/sync_json.hpp>

#include <support/raw_sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>

namespace {

using list = std::vector<std::string>;

using docs::outcome;

// The program in a folder with schemas.
class shop : public docs::schema_diff_program {
 public:
  shop() : schema_diff_program("schema_diff_test") {
    write("old.sql", docs::region("tests/docs/statements.sql", "schema_diff_old").value_or(""));
    write("new.sql", docs::region("tests/docs/statements.sql", "schema_diff_new").value_or(""));
    support::raw_sqlite db(path("shop.db"));
    db.run(docs::read_file(path("old.sql")));
    db.run(
        "INSERT INTO users (mail, fax) VALUES ('ada@example.org', '1'), ('bob@example.org', NULL)");
  }

  /// What a person sees whose terminal is the program's output.
  std::string show(const std::string& arguments) const {
    const int person = posix_openpt(O_RDWR | O_NOCTTY);
    REQUIRE(person >= 0);
    REQUIRE(grantpt(person) == 0);
    REQUIRE(unlockpt(person) == 0);
    const std::string terminal = ptsname(person);
    const int kept = open(terminal.c_str(), O_RDWR | O_NOCTTY);
    std::system(command(arguments, terminal).c_str());
    fcntl(person, F_SETFL, O_NONBLOCK);
    std::string out(4096, ' ');
    out.resize(
        static_cast<std::size_t>(std::max<ssize_t>(0, read(person, out.data(), out.size()))));
    close(kept);
    close(person);
    return out;
  }

  list rows(const std::string& sql) const {
    return support::raw_sqlite(path("shop.db")).column(sql);
  }
};

std::string plan_id(const std::string& out) {
  const std::size_t at = out.rfind("\nplan ");
  return at == out.npos ? "no plan" : out.substr(at + 6, 64);
}

const std::string renames = "--rename users=people --rename users.mail=people.email";

}  // namespace

TEST_CASE("two schemas are compared, and the plan is shown") {
  const shop here;
  const outcome first = here.run("shop.db new.sql");
  CHECK(first.code == 4);
  CHECK(first.error ==
        "in the repairs, renamed_from is --rename FORMER=NOW; dropped is --drop NAME\n");
  docs::check_region("schema_diff_blocked", docs::without_plan_ids(first.out), "reports.txt");

  const outcome meant = here.run("shop.db new.sql " + renames);
  CHECK(meant.code == 3);
  docs::check_region("schema_diff_meant", docs::without_plan_ids(meant.out), "reports.txt");

  const outcome none = here.run("old.sql shop.db");
  CHECK(none.code == 0);
  CHECK(none.out == "no changes: the schema is as declared\n");
  CHECK(here.run("old.sql new.sql " + renames).code == 2);
  CHECK(here.rows("SELECT count(*) FROM users") == list{"2"});
}

TEST_CASE("a plan is carried out when it is approved") {
  const shop here;
  const std::string command = "shop.db new.sql " + renames + " --apply shop.db";
  const outcome asked = here.run(command);
  CHECK(asked.code == 3);
  CHECK(here.rows("SELECT count(*) FROM users") == list{"2"});
  const std::string id = plan_id(asked.out);
  REQUIRE(id.size() == 64);

  const outcome anonymous = here.run(command + " --approve " + id);
  CHECK(anonymous.code == 1);
  CHECK(anonymous.error == "schema_diff: --approve needs --by NAME; see --help\n");

  const outcome other = here.run(command + " --by ada --approve 0123456789abcdef");
  CHECK(other.code == 3);
  CHECK(other.error.starts_with("schema_diff: the approval is for plan 0123456789abcdef, and "));
  CHECK(here.run(command + " --by ada --approve " + id.substr(0, 15)).code == 3);
  CHECK(here.rows("SELECT count(*) FROM users") == list{"2"});

  const outcome done =
      here.run(command + " --approve " + id.substr(0, 16) + " --by ada --reason 'nobody faxes'");
  CHECK(done.error.starts_with("the rows as they were are in "));
  CHECK(done.error.ends_with(".backup\napplied to shop.db\n"));
  CHECK(done.code == 0);
  CHECK(here.rows("SELECT email FROM people ORDER BY id") ==
        list{"ada@example.org", "bob@example.org"});
  CHECK(here.rows("SELECT count(*) FROM hewn_audit WHERE actor = 'ada'") != list{"0"});
  CHECK(here.run("shop.db new.sql").code == 0);
}

TEST_CASE("values are said as SQL") {
  const shop here;
  here.write("aged.sql",
             "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, mail TEXT NOT NULL, fax "
             "INTEGER, age INTEGER NOT NULL); CREATE VIEW mails AS SELECT mail FROM users;");
  support::raw_sqlite(here.path("shop.db")).run("UPDATE users SET fax = '1 2' WHERE id = 1");
  const outcome blocked = here.run("shop.db aged.sql");
  CHECK(blocked.code == 4);
  CHECK(blocked.error ==
        "in the repairs, backfill is --backfill TABLE.COLUMN=SQL; convert is --convert "
        "TABLE.COLUMN=SQL\n");
  const std::string command =
      "shop.db aged.sql --backfill 'users.age=length(mail)' "
      "--convert \"users.fax=CAST(replace(fax, ' ', '') AS INTEGER)\" --apply shop.db";
  const outcome asked = here.run(command);
  CHECK(asked.code == 3);
  CHECK(here.run(command + " --by ada --approve " + plan_id(asked.out)).code == 0);
  CHECK(here.rows("SELECT age || '|' || fax FROM users WHERE id = 1") == list{"15|12"});
}

TEST_CASE("a policy decides what needs an approval, and records what came of it") {
  const shop here;
  const std::string meant = "shop.db new.sql " + renames;
  CHECK(here.run(meant + " --policy ci").code == 4);
  here.write("wider.sql",
             docs::read_file(here.path("old.sql")) + "CREATE INDEX mail ON users (mail);");
  CHECK(here.run("shop.db wider.sql --policy dev").code == 2);
  const outcome strict = here.run(meant + " --policy production");
  CHECK(strict.code == 3);
  CHECK(strict.out.find("? rename table") != std::string::npos);
  CHECK(here.rows("SELECT count(*) FROM sqlite_master WHERE name = 'hewn_audit'") == list{"0"});
  const std::string id = plan_id(strict.out);
  const std::string apply = meant + " --policy production --apply shop.db --by ada --approve ";
  CHECK(here.run(apply + id).code == 0);
  CHECK(here.rows("SELECT event || ' ' || outcome FROM hewn_audit ORDER BY seq") ==
        list{"plan waits", "approval used", "apply applied"});
}

TEST_CASE("a plan is written as a migration") {
  const shop here;
  const std::string command =
      "shop.db new.sql " + renames + " --migration migrations --name 'mails and people'";
  const outcome written = here.run(command);
  CHECK(written.code == 0);
  CHECK(written.error == "written to migrations/0001_mails_and_people.sql\n");
  docs::check_region("schema_diff_migration",
                     docs::read_file(here.path("migrations/0001_mails_and_people.sql")));
  CHECK(here.rows("SELECT count(*) FROM users") == list{"2"});
  CHECK(here.run(command).error == "written to migrations/0002_mails_and_people.sql\n");
  const outcome blocked = here.run("shop.db new.sql --migration migrations");
  CHECK(blocked.code == 4);
  CHECK(here.run("shop.db old.sql --migration migrations").code == 0);
  CHECK_FALSE(std::filesystem::exists(here.path("migrations/0003_schema.sql")));
}

TEST_CASE("an approval covers what was shown, not what the database has lost to it since") {
  const shop here;
  std::filesystem::copy_file(here.path("shop.db"), here.path("copy.db"));
  const std::string command = "copy.db new.sql " + renames + " --apply shop.db --by ada --approve ";
  const std::string id = plan_id(here.run(command + "0123456789abcdef").out);
  support::raw_sqlite(here.path("shop.db"))
      .run("INSERT INTO users (mail, fax) VALUES ('eve@example.org', '2')");
  const outcome more = here.run(command + id);
  CHECK(more.code == 3);
  CHECK(more.error.find("2 values would be lost, and the approval allows 1") != std::string::npos);
  CHECK(here.rows("SELECT count(fax) FROM users") == list{"2"});

  // The script has no rows, so nothing would be lost.
  const std::string script = "old.sql new.sql " + renames + " --apply shop.db";
  CHECK(here.run(script).code == 3);
  CHECK(here.run(script + " --by ada --approve " + plan_id(here.run(script).out)).code == 3);
  CHECK(here.rows("SELECT count(fax) FROM users") == list{"2"});
}

TEST_CASE("it is not applied to a database of another schema") {
  const shop here;
  support::raw_sqlite(here.path("shop.db")).run("ALTER TABLE users ADD COLUMN phone TEXT");
  const outcome other = here.run("old.sql new.sql " + renames + " --apply shop.db");
  CHECK(other.code == 1);
  CHECK(other.error ==
        "schema_diff: shop.db does not have the schema of old.sql; name the database itself as "
        "OLD\n");
}

TEST_CASE("an empty file becomes the database that a script describes") {
  const shop here;
  here.write("fresh.db", "");
  CHECK(here.run("fresh.db old.sql --apply fresh.db").code == 0);
  CHECK(here.run("fresh.db shop.db").code == 0);
}

TEST_CASE("the plan as JSON is one that is read back") {
  const shop here;
  const outcome out = here.run("--json shop.db new.sql " + renames);
  CHECK(out.code == 3);
  const hewn::recorded_plan plan = hewn::plan_from_json(out.out);
  CHECK(plan.changes.size() == 4);
  CHECK_FALSE(plan.steps.empty());
  CHECK(out.out.find("\033[") == std::string::npos);
}

TEST_CASE("a terminal gets colours, where nobody has said no") {
  const shop here;
  const std::string seen = here.show("shop.db new.sql " + renames);
  CHECK(seen.find("\033[1mtable people\033[0m") != seen.npos);
  CHECK(seen.find("\033[33m  ? drop column") != seen.npos);
  setenv("NO_COLOR", "1", 1);
  CHECK(here.show("shop.db new.sql " + renames).find('\033') == std::string::npos);
  unsetenv("NO_COLOR");
}

TEST_CASE("what the planner does not see is no silence") {
  const shop here;
  const std::string old_schema = docs::read_file(here.path("old.sql"));
  const std::string search = "CREATE VIRTUAL TABLE search USING fts5(text);\n";
  here.write("search.sql", old_schema + search);
  here.write("other.sql", old_schema + "CREATE VIRTUAL TABLE search USING fts5(text, author);\n");
  const outcome more = here.run("shop.db search.sql");
  CHECK(more.code == 2);
  CHECK(more.out == "no changes: the schema is as declared\n");
  CHECK(more.error == "not planned: virtual table search, as in NEW\n");
  CHECK(here.run("search.sql shop.db").error == "not planned: virtual table search, as in OLD\n");
  CHECK(here.run("search.sql search.sql").code == 0);
  const outcome changed = here.run("search.sql other.sql");
  CHECK(changed.code == 2);
  CHECK(changed.error ==
        "not planned: virtual table search, as in OLD\n"
        "not planned: virtual table search, as in NEW\n");
  here.write("strict.sql", "CREATE TABLE t (a PRIMARY KEY ON CONFLICT REPLACE);");
  here.write("plain.sql", "CREATE TABLE t (a PRIMARY KEY);");
  CHECK(here.run("strict.sql plain.sql").code == 2);
}

TEST_CASE("an SQL file is read to its end, whatever the order of its rows", "[p:A9]") {
  const shop here;
  // A child before its parent's table, a text in double quotes, a mark of the encoding: the
  // connection on which the plan is made must not end at what a first reading takes.
  here.write("full.sql",
             "\xEF\xBB\xBF"
             "CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parent (id));\n"
             "INSERT INTO child VALUES (1, 1);\n"
             "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT);\n"
             "INSERT INTO parent VALUES (1, 'a');\nCREATE TABLE last (id INTEGER PRIMARY KEY);\n"
             "INSERT INTO last VALUES (7);\n");
  support::raw_sqlite full(here.path("full.db"));
  full.run("PRAGMA foreign_keys = OFF");
  full.run(docs::read_file(here.path("full.sql")).substr(3));
  for (const std::string arguments :
       {"full.db full.sql", "full.sql full.db", "full.sql full.sql"}) {
    CAPTURE(arguments);
    const outcome same = here.run(arguments);
    CHECK(same.code == 0);
    CHECK(same.out == "no changes: the schema is as declared\n");
  }
  // The rows of the file are there as well.
  here.write("less.sql", "CREATE TABLE last (id INTEGER PRIMARY KEY);");
  const outcome less = here.run("full.sql less.sql --drop child --drop parent");
  CHECK(less.code == 3);
  CHECK(less.out.find("1 row would be lost") != std::string::npos);
}

TEST_CASE("names cannot steer the terminal") {
  const shop here;
  here.write("odd.sql", "CREATE TABLE \"a\033[2Jb\" (x)");
  const outcome out = here.run("old.sql odd.sql --drop users");
  CHECK(out.out.find("table a?[2Jb\n") != std::string::npos);
  CHECK(out.out.find('\033') == std::string::npos);
}

TEST_CASE("what cannot be understood is said, and nothing happens") {
  const shop here;
  here.write("broken.sql", "CREATE TABLE ok (a);\nCREATE TABEL b (c);\n");
  here.write("greedy.sql", "ATTACH 'stolen.db' AS s;");
  const struct {
    const char* arguments;
    const char* says;
  } mistakes[] = {
      {"", "schema_diff: two schemas are to be named; see --help\n"},
      {"old.sql", "schema_diff: two schemas are to be named; see --help\n"},
      {"old.sql new.sql shop.db", "schema_diff: there is a third schema, shop.db; see --help\n"},
      {"old.sql new.sql --force", "schema_diff: there is no option --force; see --help\n"},
      {"old.sql new.sql --apply", "schema_diff: --apply needs a value; see --help\n"},
      {"old.sql new.sql --apply shop.db --apply x",
       "schema_diff: --apply is there twice; see --help\n"},
      {"old.sql new.sql --approve 0123456789abcdef",
       "schema_diff: --approve goes with --apply; see --help\n"},
      {"old.sql new.sql --by ada",
       "schema_diff: --by and --reason go with --approve; see --help\n"},
      {"old.sql new.sql --rename users",
       "schema_diff: --rename needs a former and a present name, such as old=new; see --help\n"},
      {"old.sql new.sql --rename nobody=people",
       "schema_diff: nobody is neither a table nor a column of old.sql; see --help\n"},
      {"old.sql new.sql --rename users=people.email",
       "schema_diff: users=people.email is a table on one side and a column on the other; see "
       "--help\n"},
      {"old.sql new.sql --rename users.mail=people.email",
       "schema_diff: users.mail cannot move to table people; see --help\n"},
      {"old.sql new.sql --drop users.phone",
       "schema_diff: users.phone is neither a table nor a column of old.sql; see --help\n"},
      {"old.sql new.sql --backfill users.age",
       "schema_diff: --backfill needs a column and its value, such as users.age=0; see --help\n"},
      {"old.sql new.sql --convert people=1",
       "schema_diff: people is a table, and --convert is about a column; see --help\n"},
      {"old.sql new.sql --backfill users.mail=1",
       "schema_diff: users.mail is neither a table nor a column of new.sql; see --help\n"},
      {"old.sql new.sql --policy lax",
       "schema_diff: there is no policy lax; choose dev, standard, ci or production; see --help\n"},
      {"old.sql new.sql --name x", "schema_diff: --name goes with --migration; see --help\n"},
      {"old.sql new.sql --migration m --apply shop.db",
       "schema_diff: --migration writes a file that is applied later, so it has no --apply; see "
       "--help\n"},
      {"old.sql absent.sql", "hewn: absent.sql is not a file; name a database or a file of SQL\n"},
      {"old.sql .", "hewn: . is not a file; name a database or a file of SQL\n"},
      {"old.sql broken.sql",
       "hewn: the schema broken.sql line 2 cannot be used (near \"TABEL\": syntax error); correct "
       "the statement that begins there\n"},
      {"old.sql greedy.sql",
       "hewn: the schema greedy.sql line 1 cannot be used (not authorized); correct the statement "
       "that begins there\n"},
      {"old.sql new.sql --drop users --apply absent.db",
       "hewn: absent.db is not a file; name a database or a file of SQL\n"},
  };
  for (const auto& mistake : mistakes) {
    CAPTURE(mistake.arguments);
    const outcome got = here.run(mistake.arguments);
    CHECK(got.code == 1);
    CHECK(got.error == mistake.says);
  }
  CHECK_FALSE(std::filesystem::exists(here.path("stolen.db")));
  const outcome help = here.run("--help");
  CHECK(help.code == 0);
  docs::check_region("schema_diff_usage", help.out, "reports.txt");
}
