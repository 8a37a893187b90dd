// tests/postgres/listen/listen_test.cpp - what only a server's notifications have.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/json.hpp>
#include <hewn/postgres.hpp>
#include <hewn/postgres/listen.hpp>
#include <hewn/postgres/listen/timed_connection.hpp>

#include <support/failure.hpp>
#include <support/pgbouncer.hpp>
#include <support/place.hpp>

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

using namespace std::chrono_literals;

using hewn::errc;
using hewn::listener;
using hewn::notify;
using hewn::row_change;
using support::failure_of;
using support::postgres_server;
using support::says;

namespace {

struct shelf {
  std::int64_t id = 0;
  std::int64_t room = 0;
};

struct deployment {
  std::string version;
  std::int64_t machines = 0;
};

using texts = std::vector<std::string>;

postgres_server& server() { return postgres_server::get(); }

/// The numbers of the server processes that listen.
std::string listening_processes() {
  return "(SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> "
         "pg_backend_pid() AND query LIKE '%LISTEN %')";
}

/// Asks until the condition holds.
template <class Condition>
void wait_until(listener& l, Condition holds) {
  for (int i = 0; i != 600 && !holds(); ++i) l.wait(100ms);
  REQUIRE(holds());
}

hewn::error next_failure(listener& l) {
  for (int i = 0; i != 600; ++i) {
    const auto heard = hewn::as_result([&] { return l.wait(100ms); });
    if (!heard) return heard.error();
  }
  return hewn::error(errc::other, "hewn: nothing failed; wait longer");
}

/// The open descriptors, without the one that finds them out.
std::set<int> open_descriptors() {
  std::set<int> found;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    found.insert(std::stoi(entry.path().filename().string()));
  std::erase_if(found, [](int number) { return fcntl(number, F_GETFD) < 0; });
  return found;
}

/// Waits until the text stands in what a socket opened since then has received and nobody has read.
void wait_for_arrival(const std::set<int>& before, const std::string& text) {
  for (;;)
    for (const int number : open_descriptors()) {
      struct stat kind {};
      if (before.contains(number) || fstat(number, &kind) != 0 || !S_ISSOCK(kind.st_mode)) continue;
      pollfd waiting{.fd = number, .events = POLLIN, .revents = 0};
      REQUIRE(poll(&waiting, 1, 60'000) == 1);
      char bytes[4096];
      const ssize_t size = recv(number, bytes, sizeof bytes, MSG_PEEK);
      REQUIRE(size > 0);
      if (std::string_view(bytes, static_cast<std::size_t>(size)).find(text) != text.npos) return;
    }
}

}  // namespace

TEST_CASE("another process that knows nothing of the library is heard") {
  const auto db = support::open_new();
  hewn::sync<shelf>(db);
  hewn::announce_changes<shelf>(db);
  const auto schema = db.one<std::string>(hewn::sql<"SELECT current_schema()::text">);
  listener l = hewn::listen(db);
  texts heard;
  l.on<hewn::json<deployment>>("Deployments", [&](const hewn::json<deployment>& d) {
    heard.push_back(d->version + " on " + std::to_string(d->machines));
  });
  l.on<shelf>([&](const row_change& c) { heard.push_back(std::to_string(c.key.value_or(0))); });
  const pid_t child = fork();
  if (child == 0) {
    PGconn* const c = PQconnectdb(server().url().c_str());
    const std::string sql = "BEGIN; INSERT INTO " + schema +
                            ".shelf (id, room) VALUES (7, 1); NOTIFY \"Deployments\", "
                            "'{\"version\": \"1.2\", \"machines\": 3}'; COMMIT; "
                            "BEGIN; NOTIFY \"Deployments\", 'not this'; ROLLBACK";
    PGresult* const r = PQexec(c, sql.c_str());
    const bool good = PQresultStatus(r) == PGRES_COMMAND_OK;
    PQclear(r);
    PQfinish(c);
    _exit(good ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(status == 0);
  wait_until(l, [&] { return heard.size() >= 2; });
  CHECK(heard == texts{"7", "1.2 on 3"});
}

TEST_CASE("a connection that is lost is opened again, and what was missed is said once", "[P4]") {
  const auto db = support::open_new();
  const auto descriptors = open_descriptors();
  {
    listener l = hewn::postgres::listen(server().url());
    texts heard;
    int missed = 0;
    l.on("m", [&](const std::string& m) { heard.push_back(m); });
    l.on("other", [](const std::string&) {});
    l.off("other");
    notify(db, "m", "before");
    wait_until(l, [&] { return heard == texts{"before"}; });
    const bool by_callback = GENERATE(true, false);
    if (by_callback)
      l.on_missed([&](const hewn::error& why) {
        CHECK(why.code() == errc::connection_lost);
        CHECK(says(why, "read again what it watches"));
        ++missed;
      });
    for (int round = 1; round != 4; ++round) {
      server().run("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE pid IN " +
                   listening_processes());
      notify(db, "m", "missed");
      if (by_callback) {
        wait_until(l, [&] { return missed == round; });
      } else {
        const auto why = next_failure(l);
        CHECK(why.code() == errc::connection_lost);
        CHECK(says(why, "read again what it watches"));
      }
      notify(db, "m", "after " + std::to_string(round));
      wait_until(l, [&] { return heard.back() == "after " + std::to_string(round); });
    }
    CHECK(heard == texts{"before", "after 1", "after 2", "after 3"});
    CHECK(missed == (by_callback ? 3 : 0));
  }
  CHECK(open_descriptors() == descriptors);
}

TEST_CASE("a server that is gone is said until it is back", "[P4]") {
  const bool orderly = GENERATE(true, false);
  listener l = hewn::postgres::listen(server().url() + " password=s3cr3t-marker");
  texts heard;
  int missed = 0;
  l.on("m", [&](const std::string& m) { heard.push_back(m); });
  l.on_missed([&](const hewn::error&) { ++missed; });
  server().stop(orderly);
  for (int i = 0; i != 3; ++i) {
    const auto why = next_failure(l);
    CHECK(why.code() == errc::connection_lost);
    CHECK(says(why, "lost its connection to the server"));
    CHECK_FALSE(says(why, "s3cr3t"));
  }
  CHECK(failure_of([&] { l.on("n", [](const std::string&) {}); }).code() == errc::cannot_open);
  l.off("never listened to");
  {
    // Waiting for the server can be ended as well.
    const auto stop = l.interrupter();
    std::jthread other([&] { stop.interrupt(); });
    CHECK(hewn::as_result([&] { return l.wait(1h); }).value_or(0) == 0);
  }
  CHECK(missed == 0);
  server().start();
  for (int i = 0; i != 600 && missed == 0; ++i)
    static_cast<void>(hewn::as_result([&] { return l.wait(100ms); }));
  REQUIRE(missed == 1);
  server().run("NOTIFY m, 'again'");
  wait_until(l, [&] { return !heard.empty(); });
  CHECK(heard == texts{"again"});
  CHECK(missed == 1);
}

TEST_CASE("what had arrived before the connection was lost is heard") {
  const auto db = support::open_new();
  const auto before = open_descriptors();
  listener l = hewn::listen(db);
  texts heard;
  l.on("m", [&](const std::string& m) { heard.push_back(m); });
  l.on_missed([&](const hewn::error&) { heard.push_back("missed"); });
  notify(db, "m", "1");
  notify(db, "m", "the last");
  wait_for_arrival(before, "the last");
  server().run("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE pid IN " +
               listening_processes());
  wait_until(l, [&] { return heard.size() == 3; });
  CHECK(heard == texts{"1", "the last", "missed"});
}

TEST_CASE("a payload has at most 7,999 bytes") {
  const auto db = support::open_new();
  listener l = hewn::listen(db);
  std::string heard;
  l.on("m", [&](const std::string& m) { heard = m; });
  const std::string longest(7999, 's');
  notify(db, "m", longest);
  wait_until(l, [&] { return !heard.empty(); });
  CHECK(heard == longest);
  db.transaction([&](auto& tx) {
    const auto failure = failure_of([&] { notify(tx, "m", longest + "!"); });
    CHECK(failure.code() == errc::invalid_data);
    CHECK(says(failure, "channel m has 8000 bytes and PostgreSQL takes 7999"));
    CHECK_FALSE(says(failure, "sss"));
    CHECK_NOTHROW(notify(tx, "m", "the transaction goes on"));
  });
  CHECK(failure_of([&] { notify(db, "m", std::string("a\0b", 3)); }).code() == errc::invalid_data);
}

TEST_CASE("listening through a proxy that pools transactions is refused, announcing is not") {
  const hewn::postgres::options by_proxy{.transaction_pooling = true};
  const auto refused = [](const auto& action) {
    const auto failure = failure_of(action);
    return failure.code() == errc::usage && says(failure, "the URL of the server itself");
  };
  CHECK(refused([&] { hewn::postgres::listen(server().url(), by_proxy); }));
  const auto db = hewn::postgres::open(server().url(), by_proxy);
  CHECK(refused([&] { hewn::listen(db); }));
  {
    // One that nobody has told us of, and that takes our settings for its own.
    const support::pgbouncer unknown(3, {"ignore_startup_parameters = options"});
    CHECK(refused([&] { hewn::postgres::listen(unknown.url()); }));
  }
  listener l = hewn::postgres::listen(server().url());
  std::string heard;
  l.on("m", [&](const std::string& m) { heard = m; });
  notify(db, "m", "through it");
  wait_until(l, [&] { return !heard.empty(); });
}

TEST_CASE("a table that announces nothing is not listened to in vain") {
  const auto db = support::open_new();
  listener l = hewn::listen(db);
  const auto watch = [&] { l.on<shelf>([](const row_change&) {}); };
  CHECK(failure_of(watch).code() == errc::schema_mismatch);
  CHECK(failure_of([&] { hewn::announce_changes<shelf>(db); }).code() == errc::schema_mismatch);
  hewn::sync<shelf>(db);
  const auto failure = failure_of(watch);
  CHECK(failure.code() == errc::usage);
  CHECK(says(failure, "table shelf does not announce its changes; call announce_changes<T>()"));
  hewn::announce_changes<shelf>(db);
  watch();
}

TEST_CASE("tables of the same name in other schemas are others") {
  const auto mine = support::open_new();
  const auto theirs = support::open_new();
  for (const auto* db : {&mine, &theirs}) {
    hewn::sync<shelf>(*db);
    hewn::announce_changes<shelf>(*db);
  }
  listener l = hewn::listen(mine);
  texts heard;
  l.on<shelf>([&](const row_change& c) { heard.push_back(std::to_string(c.key.value_or(0))); });
  theirs.insert(shelf{.id = 1});
  mine.insert(shelf{.id = 2});
  wait_until(l, [&] { return !heard.empty(); });
  CHECK(heard == texts{"2"});
}

TEST_CASE("many rows are announced in their order, by COPY too") {
  const auto db = support::open_new();
  hewn::sync<shelf>(db);
  hewn::announce_changes<shelf>(db);
  listener l = hewn::listen(db);
  std::vector<std::int64_t> keys;
  l.on<shelf>([&](const row_change& c) { keys.push_back(c.key.value_or(0)); });
  constexpr std::int64_t rows = 20'000;
  std::vector<shelf> all;
  for (std::int64_t i = 1; i <= rows; ++i) all.push_back({.id = i});
  db.insert_many(std::as_const(all));
  wait_until(l, [&] { return keys.size() >= rows; });
  bool ordered = keys.size() == rows;
  for (std::size_t i = 0; i != keys.size(); ++i)
    ordered &= keys[i] == static_cast<std::int64_t>(i) + 1;
  CHECK(ordered);
}

TEST_CASE("triggers survive what becomes of their table, and whoever writes to it") {
  const auto db = support::open_new();
  hewn::sync<shelf>(db);
  hewn::announce_changes<shelf>(db);
  const auto schema = db.one<std::string>(hewn::sql<"SELECT current_schema()::text">);
  listener l = hewn::listen(db);
  texts heard;
  l.on<shelf>([&](const row_change& c) { heard.push_back(std::to_string(c.key.value_or(0))); });
  db.script("ALTER TABLE shelf RENAME COLUMN id TO \"Key\"; ALTER TABLE shelf ADD COLUMN more int");
  db.script("INSERT INTO shelf (\"Key\", room) VALUES (1, 1)");
  db.script("CREATE ROLE clerk; GRANT USAGE ON SCHEMA " + schema +
            " TO clerk; GRANT INSERT ON shelf TO clerk; SET ROLE clerk; SET search_path = pg_temp; "
            "INSERT INTO " +
            schema + ".shelf VALUES (2, 2); RESET ROLE; RESET search_path");
  db.script("ALTER TABLE shelf DROP CONSTRAINT shelf_pkey; INSERT INTO shelf VALUES (3, 3)");
  wait_until(l, [&] { return heard.size() >= 3; });
  CHECK(heard == texts{"1", "2", "0"});
  db.script("SET ROLE clerk");
  CHECK_NOTHROW(hewn::announce_changes<shelf>(db));  // all is there already
  db.script("RESET ROLE; DROP FUNCTION hewn_announce_changes() CASCADE; SET ROLE clerk");
  CHECK(failure_of([&] { hewn::announce_changes<shelf>(db); }).code() == errc::cannot_open);
  db.script("RESET ROLE; DROP OWNED BY clerk; DROP ROLE clerk");
}

TEST_CASE("programs that start together do not stand in each other's way") {
  const auto db = support::open_new();
  hewn::sync<shelf>(db);
  const auto schema = db.one<std::string>(hewn::sql<"SELECT current_schema()::text">);
  std::atomic<int> failures = 0;
  std::vector<std::jthread> programs;
  for (int i = 0; i != 6; ++i)
    programs.emplace_back([&] {
      const auto own = hewn::postgres::open(server().url(), {.search_path = {schema}});
      if (!hewn::as_result([&] { hewn::announce_changes<shelf>(own); })) ++failures;
    });
  programs.clear();
  CHECK(failures == 0);
}

TEST_CASE("waiting costs no processor time, and the server does not end it") {
  server().run(
      "CREATE ROLE quiet LOGIN; "
      "ALTER ROLE quiet SET idle_session_timeout = '100ms'");
  listener l = hewn::postgres::listen(server().url(), {.user = "quiet"});
  std::string heard;
  l.on("m", [&](const std::string& m) { heard = m; });
  rusage before{}, after{};
  getrusage(RUSAGE_THREAD, &before);
  CHECK(l.wait(500ms) == 0);
  getrusage(RUSAGE_THREAD, &after);
  const auto spent = [](const rusage& r) {
    return r.ru_utime.tv_sec * 1'000'000 + r.ru_utime.tv_usec + r.ru_stime.tv_sec * 1'000'000 +
           r.ru_stime.tv_usec;
  };
  CHECK(spent(after) - spent(before) < 100'000);
  server().run("NOTIFY m, 'still there'");
  wait_until(l, [&] { return !heard.empty(); });  // nothing was missed, or this would throw
}

TEST_CASE("a listener's settings are those of its database, as far as they serve one that waits") {
  using namespace hewn::postgres::detail;
  const settings plain = listening_settings({{"host", "a,b"}});
  CHECK(plain.at("keepalives_idle") == "30");
  CHECK(connect_limit(plain) == 20s);
  const settings own = listening_settings(
      {{"keepalives_idle", "5"}, {"connect_timeout", "3"}, {"options", "-c work_mem=1MB"}});
  CHECK(own.at("keepalives_idle") == "5");
  CHECK(own.at("options").starts_with("-c work_mem=1MB -c "));
  CHECK(connect_limit(own) == 3s);

  // By a service file that is gone when the listener connects.
  const std::string file = server().folder() + "/services";
  std::ofstream(file) << "[here]\nhost=" << server().folder()
                      << "\nuser=postgres\ndbname=postgres\napplication_name=the same\n";
  setenv("PGSERVICEFILE", file.c_str(), 1);
  const auto db = hewn::postgres::open("service=here sslmode=disable");
  {
    const listener by_url =
        hewn::postgres::listen("service=here sslmode=disable", {.application_name = "another"});
  }
  std::filesystem::remove(file);
  unsetenv("PGSERVICEFILE");
  const listener l = hewn::listen(db);
  CHECK(db.one<std::int64_t>(hewn::sql<"SELECT COUNT(*) FROM pg_stat_activity WHERE "
                                       "application_name = 'the same'">) == 2);
}

TEST_CASE("a server that cannot be reached is an error in time") {
  CHECK(failure_of([] { hewn::postgres::listen("host=/nowhere password=s3cr3t-marker"); }).code() ==
        errc::cannot_open);
  CHECK(failure_of([] { hewn::postgres::listen("host=a nonsense"); }).code() == errc::usage);

  // One that takes connections and never answers.
  char folder[] = "/tmp/hewn_listen_XXXXXX";
  REQUIRE(mkdtemp(folder) != nullptr);
  const std::string path = std::string(folder) + "/.s.PGSQL.5432";
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  std::memcpy(at.sun_path, path.c_str(), path.size() + 1);
  const int mute = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  REQUIRE(bind(mute, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  REQUIRE(listen(mute, 8) == 0);
  const auto failure = failure_of([&] {
    hewn::postgres::listen("user=a dbname=a connect_timeout=1 host=" + std::string(folder));
  });
  close(mute);
  std::filesystem::remove_all(folder);
  CHECK(failure.code() == errc::cannot_open);
  CHECK(says(failure, "does not answer"));
}
