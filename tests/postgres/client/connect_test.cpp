// tests/postgres/client/connect_test.cpp - how connections are made, and what of it nobody may see.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/postgres/client/connect.hpp>
#include <hewn/postgres/listen.hpp>

#include <support/failure.hpp>
#include <support/place.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

using hewn::errc;
using hewn::postgres::options;
using support::failure_of;
using support::postgres_server;
using support::says;
namespace detail = hewn::postgres::detail;

namespace {

/// A variable of the environment that is as before when the test ends.
class variable {
 public:
  variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;
  ~variable() { unsetenv(name_); }

 private:
  const char* name_;
};

std::string setting(const hewn::postgres::database& db, const char* name) {
  return db.one<std::string>(hewn::sql<"SELECT current_setting(?)">, name);
}

}  // namespace

TEST_CASE("a URL, options and variables say where to connect") {
  const std::string folder = postgres_server::get().folder();
  std::string escaped;
  for (const char c : folder) escaped += c == '/' ? std::string("%2F") : std::string(1, c);
  CHECK(hewn::postgres::open("postgresql://postgres@/postgres?host=" + escaped)
            .one<int>(hewn::sql<"SELECT 1">) == 1);
  CHECK(hewn::postgres::open("", {.host = folder, .database = "postgres", .user = "postgres"})
            .one<int>(hewn::sql<"SELECT 1">) == 1);
  // An option wins over the URL, the URL over the environment.
  const variable host("PGHOST", folder.c_str());
  const variable user("PGUSER", "nobody");
  const auto db = hewn::postgres::open("user=nobody_either dbname=postgres",
                                       {.user = "postgres", .application_name = "a name"});
  CHECK(setting(db, "application_name") == "a name");
  CHECK(db.one<std::string>(hewn::sql<"SELECT current_user::text">) == "postgres");
  CHECK(failure_of([] { hewn::postgres::open("dbname=postgres"); }).code() == errc::cannot_open);
  CHECK_FALSE(hewn::postgres::try_open("dbname=nowhere user=postgres").has_value());
}

TEST_CASE("no credential is in any message", "[S3]") {
  const std::string password = "S3CR3T pw'\\%";
  const std::string folder = postgres_server::get().folder();
  const auto check = [&](const auto& action) {
    const auto failure = failure_of(action);
    const std::string what = failure.what();
    CAPTURE(what);
    for (const char* piece : {"S3CR", "3CR3", "CR3T", "pw'\\", "S3CR3T"})
      CHECK(what.find(piece) == what.npos);
  };
  // What libpq cannot read it quotes.
  for (const std::string& url :
       {"password=" + password, std::string("password = S3CR3T pw"),
        std::string("postgresql://u:S3CR3T pw@h/d"), std::string("postgresql://u:S3CR3T@[h"),
        std::string("postgresql://u:S3CR3T%zz@h/d"), std::string("password='S3CR3T"),
        std::string("S3CR3T"), std::string("postgresql://u:p@h/d?S3CR3T=1"),
        std::string("password=S3CR3T\0x", 17)})
    check([&] { hewn::postgres::open(url); });
  // What it can read and the server refuses: no such role, no such database, nobody there.
  check(
      [&] { hewn::postgres::open("", {.host = folder, .user = "nobody", .password = password}); });
  check([&] { hewn::postgres::open("postgresql://nobody:S3CR3T@/x?host=" + folder); });
  check([&] {
    hewn::postgres::open("password=S3CR3T host=" + folder + " port=1 dbname=x user=postgres");
  });
  check([&] {
    hewn::postgres::open("password=S3CR3T host=localhost port=1 dbname=x user=postgres");
  });
  check([&] { hewn::postgres::open("password=S3CR3T sslmode=S3CR3T host=localhost user=x"); });
  // A name that no server knows, an option that is none, a file that is not there.
  check([&] { hewn::postgres::open("password=S3CR3T host=nowhere.invalid user=x"); });
  check([&] { hewn::postgres::open("postgresql://u:S3CR3T@nowhere.invalid/d?sslmode=require"); });
  check([&] {
    hewn::postgres::open("password=S3CR3T options='-c no_such=1' user=postgres host=" + folder);
  });
  check([&] { hewn::postgres::open("password=S3CR3T service=S3CR3T user=x"); });
  check([&] {
    hewn::postgres::open(
        "password=S3CR3T sslpassword=S3CR3T sslcert=/nowhere sslmode=require host=127.0.0.1 "
        "port=1");
  });
  check([&] {
    hewn::postgres::open(postgres_server::get().url() + " password=S3CR3T dbname=nowhere");
  });
  const variable from_environment("PGPASSWORD", "S3CR3T");
  check([&] { hewn::postgres::open("host=" + folder + " user=nobody dbname=x"); });
}

TEST_CASE("pieces of a password that is not escaped are in no message", "[p:C1]") {
  const variable quick("PGCONNECT_TIMEOUT", "2");
  // Passwords whose pieces libpq takes for a host, a port, a database or a parameter.
  for (const std::string password :
       {"alpha@bravo", "alpha/bravo", "1234/bravo", "@bravo", "/bravo", "alpha@bravo@charlie",
        "alpha/bravo@charlie", "alpha@bravo/charlie", "alpha?bravo@charlie", "alpha@bravo?charlie",
        "alpha?bravo/charlie", "alpha/bravo?charlie", "alpha#bravo", "al:pha@bravo", "al%pha",
        "alpha bravo", "alpha@1.2.3.4:5432", "alpha@bravo?sslmode=charlie",
        "alpha/bravo?application_name=charlie"})
    for (const char* const rest :
         {"@nowhere.invalid/base", "@nowhere.invalid:5433/base?sslmode=off",
          "@localhost:1/base?connect_timeout=x", "@/base?host=/nowhere"})
      for (const char* const role :
           {"postgresql://role:", "postgres://role:", "postgresql://role@corp.example:"}) {
        const std::string url = role + password + rest;
        const auto judge = [&](const hewn::error& failure) {
          const std::string what = failure.what();
          CAPTURE(url, what);
          CHECK((failure.code() == errc::usage || failure.code() == errc::cannot_open));
          for (const char* piece : {"alpha", "bravo", "charlie", "1234", "1.2.3.4", "al:", "pha"})
            CHECK(what.find(piece) == what.npos);
        };
        judge(failure_of([&] { hewn::postgres::open(url); }));
        judge(failure_of([&] { hewn::postgres::listen(url).poll(); }));
      }
}

TEST_CASE("what libpq quotes may hold quotes and line ends, and is in no message", "[p:C1]") {
  for (const std::string piece :
       {"alpha\"bravo", "alpha\nbravo", "\"bravo", "alpha\"\nbravo\"charlie", "alpha FATAL: bravo",
        "alpha\" for connection option \"bravo", "localhost\"bravo", "u\"bravo"})
    for (const std::string where :
         {"postgresql://u:", "postgresql://u@localhost:1,localhost:",
          "postgresql://localhost:1/d?sslmode=", "postgresql://localhost:1/d?connect_timeout="}) {
      const auto failure = failure_of([&] { hewn::postgres::open(where + piece); });
      const std::string what = failure.what();
      CAPTURE(where, piece, what);
      for (const char* secret : {"alpha", "bravo", "charlie"})
        CHECK(what.find(secret) == what.npos);
    }
  const auto failure = failure_of([&] { hewn::postgres::open("postgresql://u:alpha\"bravo"); });
  CHECK(std::string(failure.what()).find("option \"port\"") != std::string::npos);
}

TEST_CASE("a message about a connection is the same for every password", "[p:C1]") {
  const std::string folder = postgres_server::get().folder();
  const auto said = [&](const options& o) {
    return std::string(failure_of([&] { hewn::postgres::open("", o); }).what());
  };
  const auto ask = [&](const std::string& password) {
    std::string all =
        said({.host = folder, .database = "nowhere", .user = "postgres", .password = password});
    all += said({.host = folder, .user = "nobody", .password = password});
    all += said({.host = "nowhere.invalid", .password = password, .sslmode = "disable"});
    all += said({.host = "localhost", .port = 1, .password = password});
    all += said({.host = "localhost", .port = 1, .password = password, .sslmode = "somehow"});
    return all;
  };
  const std::string usual = ask("");
  // A short one is a part of what is said; that must not be seen.
  for (const char* password : {"a", "e", "failed", "FATAL", "nobody", "socket", "\"", "?", "5432"})
    CHECK(ask(password) == usual);
  CHECK(usual.find("role \"nobody\" does not exist") != usual.npos);
  CHECK(usual.find("database \"nowhere\" does not exist") != usual.npos);
  CHECK(usual.find("host name \"nowhere.invalid\"") != usual.npos);
  CHECK(usual.find("server at \"localhost\"") != usual.npos);
  CHECK(usual.find("sslmode value: \"...\"") != usual.npos);
}

TEST_CASE("URLs that mean one thing are read", "[p:C1]") {
  for (const char* url :
       {"postgresql://", "postgresql://u:p%40s%2Fs@h:5432/d", "postgresql://u:a:b?c#d@h/d",
        "postgresql://h/d?application_name=a@b", "postgresql:///d?host=@abstract",
        "postgresql://u@h/d?host=/tmp&application_name=a@b", "postgresql://h?host=/a&user=a@b",
        "postgresql://u@h1:1,h2:2/d", "password='a@b/c' host=h"})
    CHECK_NOTHROW(detail::parse_url(url));
  CHECK(detail::parse_url("postgresql://u:p%40s%2Fs@h/d").at("password") == "p@s/s");
}

TEST_CASE("a host that is not this machine is verified unless told otherwise", "[S4]") {
  const auto mode = [](const std::string& url, const options& o = {}) {
    const auto s = detail::connection_settings(url, o);
    const auto found = s.find("sslmode");
    return found == s.end() ? std::string("libpq's") : found->second;
  };
  CHECK(mode("host=db.example.com") == "verify-full");
  CHECK(mode("postgresql://u@db.example.com/d") == "verify-full");
  CHECK(mode("hostaddr=10.0.0.1") == "verify-full");
  CHECK(mode("host=localhost,db.example.com") == "verify-full");
  CHECK(mode("service=somewhere") == "verify-full");
  CHECK(mode("", {.host = "db.example.com"}) == "verify-full");
  CHECK(mode("host=localhost") == "libpq's");
  CHECK(mode("host=127.0.0.1,::1") == "libpq's");
  CHECK(mode("host=/run/postgresql") == "libpq's");
  CHECK(mode("") == "libpq's");
  CHECK(mode("host=db.example.com sslmode=require") == "require");
  CHECK(mode("host=db.example.com", {.sslmode = "disable"}) == "disable");
  {
    const variable host("PGHOST", "db.example.com");
    CHECK(mode("") == "verify-full");
    CHECK(mode("host=localhost") == "libpq's");
  }
  const variable chosen("PGSSLMODE", "prefer");
  CHECK(mode("host=db.example.com") == "libpq's");
}

TEST_CASE("settings that decide what SQL means are pinned", "[S5]") {
  const support::place where;
  const auto db = where.open();
  const auto schema = db.one<std::string>(hewn::sql<"SELECT current_schema()::text">);
  CHECK(setting(db, "search_path") == "\"" + schema + "\", pg_temp");
  CHECK(setting(db, "timezone") == "UTC");
  CHECK(setting(db, "standard_conforming_strings") == "on");
  CHECK(setting(db, "client_encoding") == "UTF8");
  db.script("RESET ALL");
  CHECK(setting(db, "timezone") == "UTC");

  // The role's own path does not count, nor a temporary table of the same name.
  db.script(
      "CREATE TABLE t (x int); INSERT INTO t VALUES (1);"
      "CREATE TEMPORARY TABLE t (x int)");
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM t">) == 1);
  postgres_server::get().run("ALTER ROLE postgres SET search_path = nowhere");
  CHECK(where.open().one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM t">) == 1);
  postgres_server::get().run("ALTER ROLE postgres RESET search_path");

  // Nor what others have planted where everybody looks first.
  postgres_server::get().run(
      "CREATE FUNCTION public.lower(text) RETURNS text LANGUAGE sql AS $$ SELECT 'planted' $$;"
      "CREATE TABLE public.t (x int); INSERT INTO public.t VALUES (2), (3)");
  CHECK(db.one<std::string>(hewn::sql<"SELECT lower('A'::text)">) == "a");
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM t">) == 1);
  postgres_server::get().run("DROP FUNCTION public.lower(text); DROP TABLE public.t");

  const auto odd =
      hewn::postgres::open(postgres_server::get().url(), {.search_path = {"a \"b\\ c", "public"}});
  CHECK(setting(odd, "search_path") == "\"a \"\"b\\ c\", \"public\", pg_temp");
}

TEST_CASE("timeouts become the session's", "[P8]") {
  using namespace std::chrono_literals;
  const auto db = support::open_new(
      {.statement_timeout = 1500ms, .lock_timeout = 2s, .idle_in_transaction_timeout = 1min});
  CHECK(setting(db, "statement_timeout") == "1500ms");
  CHECK(setting(db, "lock_timeout") == "2s");
  CHECK(setting(db, "idle_in_transaction_session_timeout") == "1min");
  const std::string url = postgres_server::get().url();
  CHECK(failure_of([&] { hewn::postgres::open(url, {.lock_timeout = -1ms}); }).code() ==
        errc::usage);
  CHECK(failure_of([&] { hewn::postgres::open(url, {.connect_timeout = -1s}); }).code() ==
        errc::usage);
}
