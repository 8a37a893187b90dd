// tests/postgres/schema/online_test.cpp - changing tables on a server while others use them.
// SPDX-License-Identifier: BSL-1.0
#include <hewn/online.hpp>

#include <support/failure.hpp>
#include <support/online_lab.hpp>
#include <support/plan_words.hpp>

#include <catch2/catch_test_macros.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace schema = hewn::schema;
using hewn::errc;
using hewn::online_options;
using hewn::online_result;
using support::backfilled;
using support::failure_of;
using support::postgres_column;
using support::says;
using list = std::vector<std::string>;
using lab = support::online_lab;

TEST_CASE("what is added is there afterwards, and every row has its values") {
  lab l;
  l.want_everything();
  const online_result done = l.change();
  CHECK(done.finished);
  for (const hewn::online_progress& p : done.phases) {
    CHECK(p.state == "done");
    CHECK(p.share == 1);
  }
  l.check_done();
  CHECK(l.number("SELECT count(*) FROM notes WHERE size = length(text)") == 402);
  CHECK(l.kept_schemas().empty());
}

TEST_CASE("phases come in an order in which the previous release goes on") {
  lab l;
  l.want_everything();
  CHECK(l.words() == list{"together notes", "batches notes", "together notes", "validate notes",
                          "together notes", "alone notes", "together notes breaking",
                          "validate notes breaking", "alone notes breaking",
                          "together notes breaking", "together notes breaking"});
  online_options options;
  options.until_breaking = true;
  const online_result stopped = l.change(options);
  CHECK_FALSE(stopped.finished);
  // As a program does that knows nothing of the new columns.
  l.db.script(
      "INSERT INTO notes (text) VALUES ('newer'); UPDATE notes SET text = 'aa' WHERE id = 1");
  CHECK(l.number("SELECT size FROM notes WHERE text = 'newer'") == 5);
  CHECK(hewn::continue_online(l.executor).finished);
  l.check_done();
}

namespace {

/// Called a number of times, it loses its patience.
struct interruption {
  std::size_t left = 0;
  bool thrown = false;
  void operator()() {
    if (left-- != 0) return;
    thrown = true;
    throw std::string("enough");
  }
};

}  // namespace

TEST_CASE("a change that is interrupted goes on from every place") {
  lab l;
  l.want_everything();
  const hewn::plan p = l.planned();
  for (std::size_t calls = 0;; ++calls) {
    INFO("after " << calls << " calls");
    // At the begin of a phase, where nothing is done, and at its end.
    interruption stop{calls % 2};
    online_options options;
    options.progress = [&](const hewn::online_progress&) { stop(); };
    // Another program each time.
    const auto db = l.where.open();
    hewn::postgres::schema_executor other(db.connection());
    try {
      if (calls == 0)
        hewn::change_online(other, p, p, options);
      else
        hewn::continue_online(other, options);
    } catch (const std::string&) {
    }
    if (!stop.thrown) {
      CHECK(calls > 20);
      break;
    }
    CHECK_FALSE(hewn::online_status(l.executor).empty());
  }
  l.check_done();
  CHECK(l.number("SELECT count(*) FROM notes WHERE size = length(text)") == 402);
}

TEST_CASE("a change that is interrupted goes back from every place") {
  lab l;
  l.want_everything();
  const hewn::plan p = l.planned();
  for (std::size_t calls = 1;; calls += 2) {
    INFO("after " << calls << " calls");
    interruption stop{calls};
    online_options options;
    options.progress = [&](const hewn::online_progress&) { stop(); };
    try {
      hewn::change_online(l.executor, p, p, options);
    } catch (const std::string&) {
    }
    if (!stop.thrown) {
      CHECK(calls > 20);
      break;
    }
    CHECK_FALSE(hewn::online_status(l.executor).empty());
    const auto db = l.where.open();
    hewn::postgres::schema_executor other(db.connection());
    hewn::abandon_online(other);
    l.check_nothing_left();
    CHECK(l.planned().from() == p.from());
    CHECK(l.number("SELECT count(*) FROM notes") == 402);
  }
  l.check_done();
}

TEST_CASE("a session that ends anywhere leaves a change that another one finishes") {
  lab l;
  l.want_everything();
  const hewn::plan p = l.planned();
  for (std::size_t calls = 0;; ++calls) {
    INFO("after " << calls << " calls");
    std::size_t left = calls % 2;
    bool killed = false;
    online_options options;
    options.progress = [&](const hewn::online_progress&) {
      if (left-- != 0) return;
      killed = true;
      l.number("SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory'");
    };
    const auto dying = l.where.open();
    hewn::postgres::schema_executor executor(dying.connection());
    try {
      if (calls == 0)
        hewn::change_online(executor, p, p, options);
      else
        hewn::continue_online(executor, options);
    } catch (const hewn::error& failure) {
      CHECK(failure.code() == errc::connection_lost);
    }
    if (!killed) break;
  }
  l.check_done();
  CHECK(l.number("SELECT count(*) FROM notes WHERE size = length(text)") == 402);
}

TEST_CASE("what somebody else locks is waited for a moment at a time") {
  lab l;
  l.want_everything();
  const auto other = l.where.open();
  online_options options;
  options.lock_wait = std::chrono::milliseconds(20);
  options.patience = std::chrono::seconds(0);
  other.transaction([&](auto& tx) {
    tx.execute(hewn::sql<"LOCK TABLE notes IN ACCESS SHARE MODE">);
    const hewn::error busy = failure_of([&] { l.change(options); });
    CHECK(busy.code() == errc::busy);
    CHECK(says(busy, "phase 1 of "));
    CHECK(says(busy, "call continue_online(), or take all back by abandon_online()"));
  });
  CHECK(hewn::continue_online(l.executor, options).finished);
  l.check_done();
}

TEST_CASE("rows that break a new constraint stop the change, which goes on once they are mended") {
  lab l;
  l.want_everything();
  online_options options;
  options.progress = [&](const hewn::online_progress& p) {
    if (p.phase.kind != hewn::phase_kind::batches || p.share != 1) return;
    l.where.open().script("INSERT INTO notes (text) VALUES ('a')");
  };
  const hewn::error twice = failure_of([&] { l.change(options); });
  CHECK(twice.code() == errc::conflict);
  CHECK(says(twice, "the index \"one_text\" is built) has failed"));
  // The rows may come from elsewhere meanwhile, as long as they are mended before it goes on.
  l.db.script("DELETE FROM notes WHERE id > 402");
  CHECK(hewn::continue_online(l.executor).finished);
  l.check_done();
}

TEST_CASE("sync leaves the tables of an unfinished change alone") {
  lab l;
  l.want_everything();
  online_options options;
  options.until_breaking = true;
  l.change(options);
  const hewn::applied nothing = hewn::apply(l.executor, l.planned());
  CHECK(nothing.empty());
  CHECK_FALSE(hewn::online_status(l.executor).empty());
  // To another schema it is refused, and so is another online change.
  std::vector<schema::table> others = l.tables;
  others[0].columns.push_back(postgres_column("more", "text"));
  const hewn::plan other = l.plan(others, l.intents);
  CHECK(says(failure_of([&] { hewn::apply(l.executor, other); }),
             "an online change of notes to another schema is not finished"));
  CHECK(says(failure_of([&] { hewn::change_online(l.executor, other, other, {}); }),
             "finish it by continue_online()"));
  hewn::abandon_online(l.executor);
  CHECK(hewn::apply(l.executor, l.plan(others, l.intents)).changes().size() > 5);
}

TEST_CASE("what programs have written to a column is kept when its change is abandoned") {
  lab l;
  l.want_everything();
  online_options options;
  options.until_breaking = true;
  l.change(options);
  l.db.script("UPDATE notes SET team = 1 WHERE id = 1");
  hewn::abandon_online(l.executor);
  REQUIRE(l.kept_schemas().size() == 1);
  CHECK(l.number("SELECT team FROM " + l.kept_schemas()[0] + ".notes_team WHERE id = 1") == 1);
  CHECK(l.number("SELECT count(*) FROM hewn_kept WHERE column_name IN ('team', 'size')") == 2);
  l.check_nothing_left();
}

TEST_CASE("a change that is being taken back goes no other way") {
  lab l;
  l.want_everything();
  const std::string before = l.planned().from();
  online_options options;
  options.progress = [](const hewn::online_progress& p) {
    if (p.phase.kind == hewn::phase_kind::validate) throw std::string("enough");
  };
  CHECK_THROWS_AS(l.change(options), std::string);
  options.progress = nullptr;
  options.lock_wait = std::chrono::milliseconds(20);
  options.patience = std::chrono::seconds(0);
  const auto other = l.where.open();
  other.transaction([&](auto& tx) {
    tx.execute(hewn::sql<"LOCK TABLE notes IN ROW EXCLUSIVE MODE">);
    CHECK(failure_of([&] { hewn::abandon_online(l.executor, options); }).code() == errc::busy);
  });
  CHECK(says(failure_of([&] { hewn::continue_online(l.executor); }),
             "the online change of notes is being taken back; call abandon_online() again"));
  hewn::abandon_online(l.executor);
  l.check_nothing_left();
  CHECK(l.planned().from() == before);
}

TEST_CASE("an online change says what it cannot do") {
  lab l;
  CHECK(says(failure_of([&] { hewn::continue_online(l.executor); }),
             "no online change is unfinished"));
  CHECK(says(failure_of([&] { hewn::abandon_online(l.executor); }),
             "no online change is unfinished"));
  l.notes.columns.push_back({.name = "twice",
                             .type = "text",
                             .generated = schema::generated::stored,
                             .generated_text = "text || text"});
  l.tables = {l.notes};
  const hewn::error rewritten = failure_of([&] { l.change(); });
  CHECK(rewritten.code() == errc::usage);
  CHECK(says(rewritten, "table notes would be locked by ALTER TABLE \"notes\" ADD COLUMN"));
  CHECK(hewn::online_status(l.executor).empty());
  CHECK(l.number("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'") == 0);

  l.notes.columns.back() = postgres_column("size", "bigint");
  l.tables = {l.notes};
  l.db.transaction(
      [&](auto&) { CHECK(says(failure_of([&] { l.change(); }), "end this one first")); });
  const auto other = l.where.open();
  hewn::postgres::schema_executor elsewhere(other.connection());
  online_options options;
  options.progress = [&](const hewn::online_progress&) {
    CHECK(failure_of([&] { hewn::continue_online(elsewhere); }).code() == errc::busy);
  };
  l.change(options);
  l.check_done();
}

TEST_CASE("triggers of the table sleep while rows are filled, and fire for everybody else") {
  lab l;
  l.want_everything();
  l.db.script(
      "CREATE FUNCTION shout() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.text = upper("
      "NEW.text); RETURN NEW; END'; CREATE TRIGGER shout BEFORE UPDATE ON notes FOR EACH ROW "
      "EXECUTE FUNCTION shout()");
  l.change();
  CHECK(l.number("SELECT count(*) FROM notes WHERE text = upper(text)") == 0);
  l.db.script("UPDATE notes SET text = 'q' WHERE id = 1");
  CHECK(l.number("SELECT count(*) FROM notes WHERE text = 'Q'") == 1);
  l.check_done();

  l.notes.columns.push_back(postgres_column("again", "bigint", true));
  l.tables[0] = l.notes;
  l.intents = {backfilled("notes", "again", "1")};
  l.db.script("ALTER TABLE notes ENABLE ALWAYS TRIGGER shout");
  CHECK(says(failure_of([&] { l.change(); }),
             "would fire its always enabled trigger shout, which sleeps for no session"));
  CHECK(hewn::online_status(l.executor).empty());
}
