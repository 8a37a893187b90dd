// tests/docs/schema_diff_on_server_test.cpp - examples/schema_diff and a PostgreSQL server.
// SPDX-License-Identifier: BSL-1.0
#include "recorder.hpp"
#include "reports.hpp"
#include "schema_diff_program.hpp"

#include <hewn/postgres.hpp>

#include <support/postgres_server.hpp>
#include <support/raw_sqlite.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include <sys/stat.h>

namespace {

using docs::outcome;
using support::postgres_server;

struct one_text {
  std::string text;
};

// Never in a message or a file, nor a piece of it.
const std::string password = "s3cr3t/w@rd";
const std::string escaped_password = "s3cr3t%2Fw%40rd";

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

// The program in a folder with schemas, beside a database of the server.
class shop : public docs::schema_diff_program {
 public:
  explicit shop(const postgres_server& server = postgres_server::get())
      : schema_diff_program("schema_diff_on_server"), server_(server), name_(server.fresh_name()) {
    write("old.sql",
          docs::region("tests/docs/statements.sql", "schema_diff_server_old").value_or(""));
    write("new.sql",
          docs::region("tests/docs/statements.sql", "schema_diff_server_new").value_or(""));
    write("empty.sql", "");
    server.run("CREATE DATABASE " + name_);
    on_database(docs::read_file(path("old.sql")));
    on_database(
        "INSERT INTO users (mail, fax) VALUES ('ada@example.org', '1'), ('bob@example.org', NULL)");
  }
  ~shop() { server_.run("DROP DATABASE IF EXISTS " + name_ + " WITH (FORCE)"); }

  std::string url_of(const std::string& database) const {
    return "postgresql://postgres@/" + database + "?host=" + server_.folder();
  }
  /// In quotes for the shell.
  std::string url() const { return "'" + url_of(name_) + "'"; }
  std::string server() const { return " --server '" + url_of("postgres") + "'"; }

  /// With the name of the database as the pages have it.
  std::string as_shown(std::string text) const {
    for (std::size_t at = 0; (at = text.find("database " + name_, at)) != text.npos; at += 13)
      text.replace(at, 9 + name_.size(), "database shop");
    return docs::without_plan_ids(text);
  }

  void on_database(const std::string& sql) const {
    hewn::postgres::open(url_of(name_)).script(sql);
  }

  std::string answer(const std::string& sql) const {
    std::string out;
    for (const one_text& row :
         hewn::postgres::open(url_of(name_)).all<one_text>(hewn::dynamic_sql(sql)))
      out += (out.empty() ? "" : " ") + row.text;
    return out;
  }

  /// Databases of the program that are on the server.
  std::string left_behind() const {
    return answer("SELECT datname::text AS text FROM pg_database WHERE datname LIKE 'hewn%'");
  }

  const std::string& name() const { return name_; }

 private:
  const postgres_server& server_;
  std::string name_;
};

std::string plan_id(const std::string& out) {
  const std::size_t at = out.rfind("\nplan ");
  return at == out.npos ? "no plan" : out.substr(at + 6, 64);
}

const std::string renames = "--rename users=people --rename users.mail=people.email";

}  // namespace

TEST_CASE("a database of a server is compared with a file of SQL") {
  const shop here;
  const outcome first = here.run(here.url() + " new.sql" + here.server());
  CHECK(first.code == 4);
  CHECK(first.error ==
        "in the repairs, renamed_from is --rename FORMER=NOW; dropped is --drop NAME\n"
        "not planned: view mails, as in OLD\nnot planned: view mails, as in NEW\n");

  const outcome meant = here.run(here.url() + " new.sql " + renames + here.server());
  CHECK(meant.code == 3);
  docs::check_region("schema_diff_on_server", here.as_shown(meant.out), "reports.txt");

  for (const std::string& pair :
       {"old.sql old.sql" + here.server(), here.url() + " old.sql" + here.server(),
        "old.sql " + here.url() + here.server(), here.url() + " " + here.url()}) {
    CAPTURE(pair);
    const outcome none = here.run(pair);
    CHECK(none.code == 0);
    CHECK(none.out == "no changes: the schema is as declared\n");
    CHECK(none.error.empty());
  }
  CHECK(here.run("old.sql new.sql " + renames + here.server()).code == 2);
  CHECK(here.run("empty.sql old.sql" + here.server()).code == 2);
  CHECK(here.left_behind().empty());
}

TEST_CASE("a plan for a database of a server is carried out when it is approved") {
  const shop here;
  here.on_database("DROP VIEW mails");
  const std::string command =
      here.url() + " new.sql " + renames + here.server() + " --apply " + here.url();
  const outcome asked = here.run(command);
  CHECK(asked.code == 3);
  CHECK(here.answer("SELECT count(*)::text AS text FROM users") == "2");
  const outcome done = here.run(command + " --by ada --approve " + plan_id(asked.out));
  CHECK(done.code == 2);  // the view of NEW is still missing
  CHECK(has(done.error, "\napplied to database " + here.name() + "\n"));
  CHECK(has(done.error, "not planned: view mails, as in NEW\n"));
  CHECK(here.answer("SELECT email AS text FROM people ORDER BY id") ==
        "ada@example.org bob@example.org");
  here.on_database("CREATE VIEW mails AS SELECT email FROM people");
  CHECK(here.run(here.url() + " new.sql" + here.server()).code == 0);

  const outcome again =
      here.run("old.sql new.sql " + renames + here.server() + " --apply " + here.url());
  CHECK(again.code == 1);
  CHECK(again.error == "schema_diff: database " + here.name() +
                           " does not have the schema of old.sql; name the database itself as "
                           "OLD\nnot planned: view mails, as in OLD\nnot planned: view mails, as "
                           "in NEW\n");
}

TEST_CASE("a plan for a database of a server is written as a migration") {
  const shop here;
  const outcome written = here.run(here.url() + " new.sql " + renames + here.server() +
                                   " --migration migrations --name people");
  CHECK(has(written.error, "written to migrations/0001_people.sql\n"));
  const std::string file = docs::read_file(here.path("migrations/0001_people.sql"));
  CHECK(has(file,
            "-- destructive: drop column people.fax\n"
            "ALTER TABLE \"users\" RENAME TO \"people\";\n"));
  CHECK(has(file, "ADD CONSTRAINT \"people_email_key\" UNIQUE (\"email\");\n"));
  CHECK_FALSE(has(file, "host="));
  CHECK(here.answer("SELECT count(*)::text AS text FROM users") == "2");
}

TEST_CASE("what hewn does not manage on a server is named") {
  const shop here;
  const std::string old_schema = docs::read_file(here.path("old.sql"));
  const struct {
    const char* sql;
    const char* named;
  } others[] = {
      {"CREATE VIEW v AS SELECT name FROM users;", "view v"},
      {"CREATE MATERIALIZED VIEW m AS SELECT name FROM users;", "materialized view m"},
      {"CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT a';", "function f(integer)"},
      {"CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1';", "procedure p()"},
      {"CREATE SEQUENCE numbers;", "sequence numbers"},
      {"CREATE DOMAIN short AS text CHECK (length(VALUE) < 9);", "domain short"},
      {"CREATE TYPE pair AS (a int, b text);", "composite type pair"},
      {"CREATE SCHEMA other; CREATE TABLE other.t (a int);", "schema other"},
      {"CREATE TABLE parts (a int) PARTITION BY LIST (a);", "partitioned table parts"},
      {"ALTER TABLE users ENABLE ROW LEVEL SECURITY;", "clause ROW LEVEL SECURITY of users"},
  };
  for (const auto& other : others) {
    CAPTURE(other.sql);
    here.write("more.sql", old_schema + other.sql);
    const outcome got = here.run(here.url() + " more.sql" + here.server());
    CHECK(got.code == 2);
    CHECK(got.out == "no changes: the schema is as declared\n");
    CHECK(has(got.error, std::string("not planned: ") + other.named));
    const outcome same = here.run("more.sql more.sql" + here.server());
    CHECK(same.code == 0);
    CHECK(same.error.empty());
  }
  const std::string extension =
      here.answer("SELECT name::text AS text FROM pg_available_extensions WHERE name = 'pg_trgm'");
  if (extension.empty()) return;
  here.write("more.sql", old_schema + "CREATE EXTENSION pg_trgm;");
  CHECK(here.run(here.url() + " more.sql" + here.server()).error ==
        "not planned: extension pg_trgm, as in NEW\n");
}

TEST_CASE("the database for a file of SQL is dropped, whatever ends the program") {
  const shop here;
  here.write("slow.sql", "CREATE TABLE t (a int);\nSELECT pg_sleep(600);\n");
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    CAPTURE(signal);
    const pid_t program = here.begin("old.sql slow.sql" + here.server());
    const std::string asleep =
        "SELECT 'yes' AS text FROM pg_stat_activity WHERE datname LIKE 'hewn%' AND query LIKE "
        "'SELECT pg_sleep%'";
    for (int i = 0; i != 1000 && here.answer(asleep).empty(); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    CHECK(here.left_behind().size() > 60);  // both
    kill(program, signal);
    int status = 0;
    waitpid(program, &status, 0);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == signal);
    CHECK(here.left_behind().empty());
    CHECK(docs::read_file(here.path("error.txt")).empty());
  }
}

TEST_CASE("a file of SQL that fails on the server is named with its line") {
  const shop here;
  const struct {
    const char* sql;
    const char* says;
  } mistakes[] = {
      {"CREATE TABLE ok (a int);\n\nCREATE TABEL b (c int);\n",
       "line 3 cannot be used (syntax error at or near \"TABEL\")"},
      {"CREATE TABLE a (b int);\nCREATE TABLE a (b int);\n",
       "line 2 cannot be used (relation \"a\" already exists)"},
      {"SELECT 1;\n-- a note\nDROP DATABASE postgres;\n",
       "line 3 cannot be used (it concerns the whole server)"},
      {"CREATE ROLE eve;", "line 1 cannot be used (it concerns the whole server)"},
      {"\\connect other\nSELECT 1;", "line 1 cannot be used (it is a command of psql)"},
      {"SELECT 1;\nSELECT 'open", "broken.sql:2 begins a quote that is never closed"},
  };
  for (const auto& mistake : mistakes) {
    CAPTURE(mistake.sql);
    here.write("broken.sql", mistake.sql);
    const outcome got = here.run("old.sql broken.sql" + here.server());
    CHECK(got.code == 1);
    CAPTURE(got.error);
    CHECK(has(got.error, "broken.sql"));
    CHECK(has(got.error, mistake.says));
    CHECK(here.left_behind().empty());
  }
}

TEST_CASE("a dump is read as what it stands for") {
  const shop here;
  const std::string dump = here.path("dump.sql");
  const auto with = [&](std::vector<std::string> options) {
    options.insert(options.end(), {"-h", postgres_server::get().folder(), "-U", "postgres", "-f",
                                   postgres_server::get().folder() + "/dump.sql", here.name()});
    postgres_server::get().run_program("pg_dump", options);
    here.write("dump.sql", docs::read_file(postgres_server::get().folder() + "/dump.sql"));
    return here.run("dump.sql " + here.url() + here.server());
  };
  for (const outcome& got : {with({"--inserts"}), with({"--schema-only"})}) {
    CHECK(got.code == 0);
    CHECK(got.error.empty());
  }
  const outcome copied = with({});
  CHECK(copied.code == 1);
  CHECK(has(copied.error, "COPY"));
}

TEST_CASE("a SQLite and a PostgreSQL database are compared without a plan") {
  const shop here;
  support::raw_sqlite lite(here.path("shop.db"));
  lite.run(
      "CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT, mail TEXT NOT NULL UNIQUE, "
      "age INTEGER NOT NULL DEFAULT 0 CHECK (age >= 0), photo BLOB)");
  lite.run("CREATE VIEW mails AS SELECT mail FROM users");
  const outcome refused = here.run("shop.db " + here.url());
  CHECK(refused.code == 1);
  CHECK(refused.error ==
        "schema_diff: one of OLD and NEW is SQLite and the other PostgreSQL, so there is no plan; "
        "--report says what differs; see --help\n");
  const outcome report = here.run("shop.db " + here.url() + " --report");
  CHECK(report.code == 2);
  CHECK(report.error == "not compared: view mails, as in both\n");
  docs::check_region("schema_diff_of_two_kinds", report.out, "reports.txt");
  const outcome json = here.run("--json --report shop.db " + here.url());
  CHECK(json.code == 2);
  CHECK(has(json.out, "\"differences\": [\n    {\n      \"kind\": "));
  CHECK(has(json.out, "\"not_compared\": [\n    \"view mails, as in both\"\n  ]"));

  // What only one of them understands.
  lite.run(
      "DROP VIEW mails; DROP TABLE users; CREATE TABLE users (id INTEGER PRIMARY KEY, name "
      "TEXT, mail TEXT NOT NULL CHECK (mail GLOB '*@*'), fax TEXT, CHECK (length(mail) > 2))");
  const outcome partly = here.run(here.url() + " shop.db --report");
  CHECK(partly.code == 2);
  CHECK(has(partly.error, "not compared: check of users, as in NEW\n"));
  CHECK(has(partly.out, "add check"));
  here.write("none.db", "");
  CHECK(here.run("none.db " + here.url() + " --report").code == 2);
  CHECK(here.run(here.url() + " none.db --report").code == 2);
}

TEST_CASE("a call that names a server wrongly says so") {
  const shop here;
  support::raw_sqlite(here.path("shop.db")).run("CREATE TABLE t (a INTEGER PRIMARY KEY)");
  const std::string secret = "postgresql://postgres:" + escaped_password + "@";
  const struct {
    std::string arguments;
    std::string says;
  } mistakes[] = {
      {here.url() + " new.sql",
       "schema_diff: new.sql is a file of SQL, which is run on a server beside a PostgreSQL "
       "database; name one with --server URL; see --help\n"},
      {"old.sql new.sql --server shop.db",
       "schema_diff: --server needs the URL of a PostgreSQL server, postgresql://...; see "
       "--help\n"},
      {here.url() + " " + here.url() + " --report",
       "schema_diff: OLD and NEW are of one kind, so leave out --report; see --help\n"},
      {"shop.db " + here.url() + " --report --drop t",
       "schema_diff: --report makes no plan, so it takes --json alone; see --help\n"},
      {"shop.db shop.db " + secret + "x/y", "schema_diff: there is a third schema; see --help\n"},
      {here.url() + " '" + here.url_of("nowhere") + "'",
       "NEW: hewn: the database cannot be opened (connection to server on socket \"" +
           postgres_server::get().folder() +
           "/.s.PGSQL.5432\" failed: FATAL:  database \"nowhere\" does not exist); check address, "
           "role, password and database\n"},
      {"'" + secret + "127.0.0.1:1/x' new.sql" + here.server(),
       "OLD: hewn: the database cannot be opened (connection to server at \"127.0.0.1\", port 1 "
       "failed: Connection refused"},
      {"'postgresql://postgres:" + password + "@127.0.0.1:1/x' new.sql" + here.server(),
       "OLD: hewn: the connection URL cannot be read; "},
      {"old.sql new.sql --server '" + secret + "127.0.0.1:1/x'",
       "--server: hewn: the database cannot be opened "},
      {here.url() + " " + here.url() + " --rename nobody=x",
       "schema_diff: nobody is neither a table nor a column of database " + here.name() +
           "; see --help\n"},
  };
  for (const auto& mistake : mistakes) {
    CAPTURE(mistake.arguments);
    const outcome got = here.run(mistake.arguments);
    CHECK(got.code == 1);
    CHECK(got.error.substr(0, mistake.says.size()) == mistake.says);
    CHECK_FALSE(has(got.error + got.out, "s3cr3t"));
    CHECK_FALSE(has(got.error + got.out, "rd@"));
  }
  const outcome other = here.run("shop.db shop.db --apply " + here.url());
  CHECK(other.code == 0);
  CHECK(here.run(here.url() + " new.sql " + here.server() + " " + renames +
                 " --apply shop.db --approve 0123456789abcdef")
            .code != 0);
}

TEST_CASE("credentials come from where libpq finds them, and are said nowhere") {
  const postgres_server server(
      {"hba_file=FOLDER/hba"},
      {{"hba", "local all postgres trust\nlocal all all scram-sha-256\n"}});
  const shop here(server);
  server.run("CREATE ROLE ada LOGIN CREATEDB PASSWORD '" + password + "'");
  server.run("CREATE ROLE bob LOGIN PASSWORD '" + password + "'");
  here.on_database(
      "GRANT ALL ON SCHEMA public TO ada; ALTER TABLE users OWNER TO ada; ALTER VIEW "
      "mails OWNER TO ada");
  const auto url = [&](const std::string& user) {
    return "'postgresql://" + user + "@/" + here.name() + "?host=" + server.folder() + "'";
  };
  const std::string old_and_server = " old.sql --server ";
  const auto check_silent = [&](const outcome& got) {
    CHECK_FALSE(has(got.out + got.error, "s3cr3t"));
    CHECK_FALSE(has(got.out + got.error, "w@rd"));
    CHECK_FALSE(has(got.out + got.error, "w%40rd"));
  };
  const std::string full = url("ada:" + escaped_password);
  const outcome in_url = here.run(full + old_and_server + full);
  CHECK(in_url.code == 0);
  check_silent(in_url);

  const outcome wrong = here.run(url("ada:wr0ng") + old_and_server + full);
  CHECK(wrong.code == 1);
  CHECK(has(wrong.error, "OLD: hewn: the database cannot be opened ("));
  CHECK(has(wrong.error, "password authentication failed for user \"ada\""));
  CHECK_FALSE(has(wrong.error, "wr0ng"));
  check_silent(wrong);

  const std::string refused = url("bob:" + escaped_password);
  const outcome no_database = here.run("old.sql new.sql --server " + refused);
  CHECK(no_database.code == 1);
  CHECK(no_database.error ==
        "hewn: the role of --server may not create the database for a file of SQL; give it "
        "CREATEDB, or name a server of your own\n");
  check_silent(no_database);

  const outcome written = here.run(full + " new.sql " + renames + " --server " + full +
                                   " --json --migration migrations");
  check_silent(written);
  CHECK_FALSE(has(docs::read_file(here.path("migrations/0001_schema.sql")), "s3cr3t"));

  // A password file, variables, a service.
  here.write("pass", "*:*:*:ada:" + password + "\n");
  chmod(here.path("pass").c_str(), 0600);
  here.write("services", "[shop]\nhost=" + server.folder() + "\nuser=ada\ndbname=" + here.name() +
                             "\npassword=" + password + "\n");
  const std::map<std::string, std::string> ways[] = {
      {{"PGPASSFILE", here.path("pass")},
       {"PGHOST", server.folder()},
       {"PGUSER", "ada"},
       {"PGDATABASE", here.name()}},
      {{"PGPASSWORD", password},
       {"PGHOST", server.folder()},
       {"PGUSER", "ada"},
       {"PGDATABASE", here.name()}},
      {{"PGSERVICEFILE", here.path("services")}, {"PGSERVICE", "shop"}}};
  for (const auto& way : ways) {
    for (const auto& [name, value] : way)
      setenv(name.c_str(),
             std::filesystem::path(value).is_relative() && name.ends_with("FILE")
                 ? std::filesystem::absolute(value).c_str()
                 : value.c_str(),
             1);
    const outcome got = here.run("postgresql:// old.sql --server postgresql://");
    for (const auto& [name, value] : way) unsetenv(name.c_str());
    CAPTURE(way.begin()->first);
    CHECK(got.error.empty());
    CHECK(got.code == 0);
  }
}
