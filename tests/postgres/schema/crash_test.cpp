// tests/postgres/schema/crash_test.cpp - a server that crashes, or a program that is killed, at
// every statement of a sync or an online change.
// SPDX-License-Identifier: BSL-1.0
//
// Some points of each are tried. HEWN_EVERY_FAULT=1 tries all, HEWN_SEED=N others.
#include <hewn/online.hpp>
#include <hewn/postgres/open.hpp>
#include <hewn/postgres/schema/schema_executor.hpp>
#include <hewn/sync/apply/apply.hpp>
#include <hewn/sync/audit.hpp>

#include <support/failure.hpp>
#include <support/number.hpp>
#include <support/plan_words.hpp>
#include <support/postgres_lab.hpp>
#include <support/postgres_server.hpp>
#include <support/striking_proxy.hpp>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace schema = hewn::schema;
using hewn::errc;
using support::backfilled;
using support::postgres_column;
using support::postgres_key;
using list = std::vector<std::string>;

namespace {

/// Whom it strikes.
enum class victim { server, program };

/// A connection and what changes a schema through it.
struct session {
  hewn::postgres::database db;
  hewn::postgres::schema_executor executor{db.connection()};

  explicit session(hewn::postgres::database opened) : db(std::move(opened)) {
    db.script("SET client_min_messages = error");
  }
  std::int64_t number(const std::string& sql) const { return support::number(db, sql); }
  std::string text(const std::string& sql) const {
    return db.one<std::string>(hewn::dynamic_sql(sql));
  }
};

/// A server of its own, which recovers from what is written: a process that ends takes nothing from
/// the system's cache, so that fsync may be off. No vacuum takes a lock beside the test's.
support::postgres_server& server() {
  static support::postgres_server s({"full_page_writes=on", "autovacuum=off"});
  return s;
}

/// What a change is tried on: a database of some tables with rows.
class ground {
 public:
  hewn::wanted_schema wanted;
  std::optional<hewn::plan> plan;
  std::vector<hewn::approval> approvals;

  void make_anew(const std::string& sql) {
    name_ = support::postgres_server::fresh_name();
    server().run("CREATE SCHEMA " + name_);
    session s = open();
    s.db.script(sql);
    plan = hewn::make_plan(s.executor, wanted);
    approvals.clear();
    if (!plan->pending().empty())
      approvals = {hewn::approve({.plan = plan->fingerprint(),
                                  .from = plan->from(),
                                  .database = hewn::audit::ensure_identity(s.executor),
                                  .changes = plan->pending(),
                                  .approver = "ada",
                                  .reason = "a test wants it"})};
    rows_ = rows(s);
  }
  void remove() {
    session s = open();
    for (const std::string& each : kept_schemas(s)) s.db.script("DROP SCHEMA " + each + " CASCADE");
    s.db.script("DROP SCHEMA " + name_ + " CASCADE");
  }

  hewn::postgres::database connect(const std::string& url = server().url()) const {
    return hewn::postgres::open(url, {.search_path = {name_}});
  }
  session open(const std::string& url = server().url()) const { return session(connect(url)); }

  static list kept_schemas(const session& s) {
    return s.db.all<std::string>(
        hewn::sql<"SELECT nspname::text FROM pg_namespace WHERE nspname LIKE "
                  "'hewn\\_dropped%' ORDER BY oid">);
  }

  /// What the program has written, however its columns are called meanwhile.
  static std::string rows(const session& s) {
    return s.text(
               "SELECT count(*) || ' ' || md5(string_agg(concat_ws('|', n.id, n.text, coalesce("
               "to_jsonb(n)->>'label', to_jsonb(n)->>'old'), n.size, n.team), ',' ORDER BY n.id)) "
               "FROM "
               "notes n") +
           s.text("SELECT ' ' || string_agg(id || name, ',' ORDER BY id) FROM teams");
  }

  /// What does not hold, whatever has happened.
  list problems(session& s) const {
    list out;
    const auto expect = [&out](bool holds, std::string words) {
      if (!holds) out.push_back(std::move(words));
    };
    // A session whose program was killed ends when the server has done what it was told.
    for (int i = 0; i != 3000 && locks(s) != 0; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    expect(locks(s) == 0, "somebody holds a lock");
    expect(rows(s) == rows_, "rows are not as they were: " + rows(s));
    expect(s.number("SELECT count(*) FROM pg_class WHERE relpersistence = 't'") == 0,
           "a temporary table is left");
    for (const std::string& each : hewn::audit::verify(s.executor)) expect(false, each);
    return out;
  }

  /// What is left where a change is done or was never begun.
  list remains(session& s) const {
    list out;
    const auto none = [&](const std::string& from, std::string words) {
      if (s.number("SELECT count(*) FROM " + from) != 0) out.push_back(std::move(words));
    };
    if (!hewn::online_status(s.executor).empty()) out.emplace_back("the change has a state");
    none("pg_proc WHERE proname LIKE 'hewn\\_online%'", "a function is left");
    none("pg_trigger WHERE tgname LIKE 'hewn\\_online%'", "a trigger is left");
    none("pg_constraint WHERE contype = 'c' AND conname LIKE 'hewn\\_online%'", "a check is left");
    none("pg_index WHERE NOT indisvalid", "an invalid index is left");
    return out;
  }

 private:
  static std::int64_t locks(const session& s) {
    return s.number("SELECT count(*) FROM pg_locks WHERE pid <> pg_backend_pid()");
  }

  std::string name_;
  std::string rows_;
};

/// A way to change a ground, and how it goes on behind an interruption.
struct attempt {
  std::string name;
  std::function<void()> prepare;
  std::function<void(hewn::schema_executor&)> act;
  std::function<list(session&)> mend;  ///< what did not hold, then or at its end
};

void append(list& to, const list& more) { to.insert(to.end(), more.begin(), more.end()); }

/// Strikes at points of `a`.
void strike(const ground& g, const attempt& a, victim whom, int budget) {
  support::striking_proxy proxy(server().folder());
  std::atomic<pid_t> child = 0;
  bool stopped = false;
  proxy.blow = [&] {
    if (whom == victim::server) {
      stopped = true;
      server().stop();
    } else {
      ::kill(child, SIGKILL);
    }
  };
  const auto act = [&] {
    session s = g.open(proxy.url());
    a.act(s.executor);
  };
  const support::sweep_case tried{
      .prepare = a.prepare,
      .act =
          [&] {
            if (whom == victim::server) return act();
            child = ::fork();
            REQUIRE(child >= 0);
            if (child == 0) {
              try {
                act();
                ::_exit(0);
              } catch (...) {
                ::_exit(1);
              }
            }
            int status = -1;
            ::waitpid(child, &status, 0);
            if (status != 0) throw status;
          },
      .problems =
          [&](const support::ending& e) {
            list out;
            if (std::exchange(stopped, false)) server().start();
            session s = g.open();
            if (e.thrown) try {
                std::rethrow_exception(e.thrown);
              } catch (const hewn::error& failure) {
                // A savepoint that cannot be undone refuses what comes next, and says why.
                if (failure.code() != errc::connection_lost &&
                    failure.code() != errc::commit_in_doubt &&
                    !(failure.code() == errc::transaction_aborted &&
                      support::says(failure, "the connection to the server is lost")))
                  out.push_back("another failure: " + std::string(failure.what()));
              } catch (int status) {
                if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
                  out.push_back("the program ended with " + std::to_string(status));
              }
            try {
              append(out, g.problems(s));
              append(out, a.mend(s));
              append(out, g.problems(s));
            } catch (const hewn::error& failure) {
              out.push_back("unexpected: " + std::string(failure.what()));
            }
            if (!out.empty()) out.push_back("struck " + proxy.struck_at());
            ground(g).remove();
            return out;
          }};
  support::sweep(a.name + (whom == victim::server ? ", server" : ", program"), tried, proxy,
                 budget);
}

const std::string tables =
    "CREATE TABLE teams (id bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, name text);"
    "CREATE TABLE notes (id bigint PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, text text, old "
    "text, gone text, size integer, team bigint);"
    "INSERT INTO teams (name) VALUES ('t'), ('u');"
    "INSERT INTO notes (text, old, gone, size, team) SELECT 'n' || n, 'o' || n, 'g' || n, n, 1 + n "
    "% 2 FROM generate_series(1, 300) AS g(n);";

schema::table teams() {
  return {.name = "teams", .columns = {postgres_key(), postgres_column("name", "text")}};
}

/// Columns that are renamed, dropped, widened and added, another table, and every constraint.
hewn::wanted_schema synced() {
  schema::table notes{
      .name = "notes",
      .columns = {postgres_key(), postgres_column("text", "text", true),
                  postgres_column("label", "text"), postgres_column("size", "bigint"),
                  postgres_column("team", "bigint"), postgres_column("more", "bigint", true)}};
  notes.indexes = {{.name = "by_more", .parts = {{.text = "more"}}}};
  notes.checks = {{.name = "short", .text = "length(text) < 9"}};
  notes.unique_keys = {{.name = "one_text", .columns = {"text"}}};
  notes.foreign_keys = {{.name = "notes_team",
                         .columns = {"team"},
                         .target_table = "teams",
                         .target_columns = {"id"}}};
  schema::table papers{.name = "papers",
                       .columns = {postgres_key(), postgres_column("title", "text")}};
  return {.schema = {.tables = {notes, teams(), papers}},
          .intents = {support::renamed_column("notes", "old", "label"),
                      support::dropped_column("notes", "gone"),
                      backfilled("notes", "more", "length(text)")}};
}

/// What is added to the tables, and what is tightened.
hewn::wanted_schema changed_online() {
  schema::table notes{
      .name = "notes",
      .columns = {postgres_key(), postgres_column("text", "text", true),
                  postgres_column("old", "text"), postgres_column("gone", "text"),
                  postgres_column("size", "integer"), postgres_column("team", "bigint"),
                  postgres_column("more", "bigint", true), postgres_column("other", "bigint")}};
  notes.indexes = {{.name = "by_more", .parts = {{.text = "more"}}}};
  notes.checks = {{.name = "short", .text = "length(text) < 9"}};
  notes.unique_keys = {{.name = "one_text", .columns = {"text"}}};
  notes.foreign_keys = {{.name = "notes_team",
                         .columns = {"team"},
                         .target_table = "teams",
                         .target_columns = {"id"}},
                        {.name = "notes_other",
                         .columns = {"other"},
                         .target_table = "teams",
                         .target_columns = {"id"}}};
  return {.schema = {.tables = {notes, teams()}},
          .intents = {backfilled("notes", "more", "length(text)")}};
}

list apart_from_the_plan(const ground& g, session& s) {
  const hewn::plan again = hewn::make_plan(s.executor, g.wanted);
  return again.empty() ? list{} : list{"a further plan is not empty: " + hewn::report(again)};
}

/// To its end, from where it was left.
list goes_on(const ground& g, session& s) {
  list out;
  const auto status = hewn::online_status(s.executor);
  for (const hewn::online_progress& p : status)
    if (p.state != "waiting" && p.state != "running" && p.state != "done")
      out.push_back("a phase is " + p.state);
  const hewn::plan now = hewn::make_plan(s.executor, g.wanted);
  if (!status.empty())
    hewn::continue_online(s.executor);
  else if (!now.empty() && now.from() != g.plan->from())
    out.push_back("nobody would go on with what is half done: " + hewn::report(now));
  else if (!now.empty())
    hewn::change_online(s.executor, *g.plan, *g.plan, {});
  append(out, apart_from_the_plan(g, s));
  append(out, g.remains(s));
  if (s.number("SELECT count(*) FROM notes WHERE more = length(text)") != 300)
    out.emplace_back("a row has no value, or another one");
  return out;
}

/// Ends the call before the last phase.
struct ended {};
hewn::online_options until_the_last() {
  return {.progress = [](const hewn::online_progress& p) {
    if (p.number == p.total) throw ended();
  }};
}

/// A child process that may be stopped, where a test fails.
struct killed_at_end {
  pid_t child;
  ~killed_at_end() {
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
  }
};

}  // namespace

TEST_CASE("a sync that a crash or a kill meets at any statement is done or not done", "[M6][s43]") {
  for (const victim whom : {victim::server, victim::program}) {
    ground g;
    g.wanted = synced();
    strike(
        g,
        {.name = "sync",
         .prepare = [&] { g.make_anew(tables); },
         .act =
             [&](hewn::schema_executor& e) { hewn::apply(e, *g.plan, {.approvals = g.approvals}); },
         .mend =
             [&](session& s) {
               list out;
               const hewn::plan now = hewn::make_plan(s.executor, g.wanted);
               if (!now.empty() && now.fingerprint() != g.plan->fingerprint())
                 out.push_back("it is done in part: " + hewn::report(now));
               if (now.empty() == g.kept_schemas(s).empty())
                 out.emplace_back("values are kept and there, or neither");
               if (!now.empty()) hewn::apply(s.executor, now, {.approvals = g.approvals});
               append(out, apart_from_the_plan(g, s));
               append(out, g.remains(s));
               const list kept = g.kept_schemas(s);
               if (kept.size() != 1 || s.number("SELECT count(*) FROM " + kept[0] +
                                                ".notes_gone WHERE gone = 'g' || id") != 300)
                 out.emplace_back("values are not kept");
               if (s.number("SELECT count(*) FROM notes WHERE more = length(text)") != 300)
                 out.emplace_back("a row has no value, or another one");
               return out;
             }},
        whom, 3);
  }
}

TEST_CASE("an online change that a crash or a kill meets at any statement is finished later",
          "[M6]") {
  for (const victim whom : {victim::server, victim::program})
    for (const bool goes_on_already : {false, true}) {
      ground g;
      g.wanted = changed_online();
      strike(g,
             {.name = goes_on_already ? "continue_online" : "sync_online",
              .prepare =
                  [&] {
                    g.make_anew(tables);
                    if (!goes_on_already) return;
                    session s = g.open();
                    hewn::change_online(s.executor, *g.plan, *g.plan, {.until_breaking = true});
                  },
              .act =
                  [&](hewn::schema_executor& e) {
                    if (goes_on_already)
                      hewn::continue_online(e);
                    else
                      hewn::change_online(e, *g.plan, *g.plan, {});
                  },
              .mend = [&](session& s) { return goes_on(g, s); }},
             whom, 3);
    }
}

TEST_CASE("an online change that a crash or a kill meets while it is taken back is gone later",
          "[M6]") {
  for (const victim whom : {victim::server, victim::program}) {
    ground g;
    g.wanted = changed_online();
    strike(g,
           {.name = "abandon_online",
            .prepare =
                [&] {
                  g.make_anew(tables);
                  session s = g.open();
                  CHECK_THROWS_AS(
                      hewn::change_online(s.executor, *g.plan, *g.plan, until_the_last()), ended);
                  s.db.script("UPDATE notes SET other = 1 WHERE id = 7");
                },
            .act = [](hewn::schema_executor& e) { hewn::abandon_online(e); },
            .mend =
                [&](session& s) {
                  list out;
                  if (!hewn::online_status(s.executor).empty()) hewn::abandon_online(s.executor);
                  append(out, g.remains(s));
                  if (hewn::make_plan(s.executor, g.wanted).from() != g.plan->from())
                    out.emplace_back("the schema is not the one before");
                  const list kept = g.kept_schemas(s);
                  if (kept.size() != 1 ||
                      s.number("SELECT count(*) FROM " + kept[0] + ".notes_other") != 1 ||
                      s.number("SELECT count(*) FROM " + kept[0] + ".notes_more") != 300)
                    out.emplace_back("values are not kept");
                  return out;
                }},
           whom, 3);
  }
}

TEST_CASE("a program that is killed while the server builds an index leaves one that is finished",
          "[M6]") {
  for (const bool crashes : {false, true}) {
    INFO((crashes ? "the server crashes" : "the server goes on"));
    ground g;
    g.wanted = changed_online();
    g.make_anew(tables);
    std::optional<session> writer(g.connect()), s(g.connect());
    const auto wait_for = [&s](const std::string& condition) {
      for (int i = 0; i != 3000; ++i) {
        if (s->number("SELECT (" + condition + ")::int") == 1) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      }
      FAIL("in vain: " << condition);
    };
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) {
      try {
        session own = g.open();
        hewn::online_options options;
        options.progress = [](const hewn::online_progress& p) {
          if (p.phase.kind == hewn::phase_kind::alone && p.share == 0) ::raise(SIGSTOP);
        };
        hewn::change_online(own.executor, *g.plan, *g.plan, options);
      } catch (...) {
      }
      ::_exit(0);
    }
    const killed_at_end end{child};
    int status = 0;
    ::waitpid(child, &status, WUNTRACED);
    REQUIRE(WIFSTOPPED(status));
    // The index waits for everybody who has written when it begins.
    std::optional writing(writer->db.begin());
    writing->script("UPDATE notes SET text = text WHERE id = 1");
    ::kill(child, SIGCONT);
    wait_for("SELECT count(*) = 1 FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting%'");
    ::kill(child, SIGKILL);
    const std::string invalid = "SELECT count(*) FROM pg_index WHERE NOT indisvalid";
    if (crashes) {
      server().stop();
      server().start();
      writing.reset();
      writer.reset();
      s.reset();
      s.emplace(g.connect());
      CHECK(s->number(invalid) == 1);
    } else {
      CHECK(support::failure_of([&] { hewn::continue_online(s->executor); }).code() == errc::busy);
      writing->commit();
      wait_for("SELECT count(*) = 0 FROM pg_stat_progress_create_index");
      CHECK(s->number(invalid) == 0);
    }
    CHECK(g.problems(*s) == list{});
    CHECK(goes_on(g, *s) == list{});
    g.remove();
  }
}
