// tests/postgres/schema/online_load_test.cpp - those who read and write a table while it changes
// online.
// SPDX-License-Identifier: BSL-1.0
//
// Nothing here depends on how fast the machine is: a statement that waits for a lock as long as the
// table is read or filled fails by its lock_timeout. HEWN_LOAD_ROWS=1000000 makes a larger table.
#include <hewn/online.hpp>

#include <support/online_lab.hpp>
#include <support/plan_words.hpp>
#include <support/property_cases.hpp>

#include <catch2/catch_test_macros.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace schema = hewn::schema;
using hewn::phase_kind;
using support::backfilled;
using support::postgres_column;

namespace {

using namespace std::chrono_literals;

schema::foreign_key reference(std::string name, std::string column, std::string to) {
  return {.name = std::move(name),
          .columns = {std::move(column)},
          .target_table = std::move(to),
          .target_columns = {"id"}};
}

/// A table of orders, of which each has its own code, and what they refer to.
struct shop : support::online_lab {
  std::int64_t rows = static_cast<std::int64_t>(support::from_environment("HEWN_LOAD_ROWS", 20000));
  schema::table customers{.name = "customers",
                          .columns = {support::postgres_key(), postgres_column("name", "text")}};
  schema::table orders{
      .name = "orders",
      .columns = {support::postgres_key(), postgres_column("customer", "bigint"),
                  postgres_column("cents", "bigint"), postgres_column("code", "text"),
                  postgres_column("note", "text")}};

  shop() {
    apply({notes, customers, orders});
    db.script(
        "INSERT INTO customers (name) SELECT 'c' || n FROM generate_series(1, 10) AS g(n); INSERT "
        "INTO orders (customer, cents, code, note) SELECT 1 + n % 10, n, 'o' || n, repeat('x', 20) "
        "FROM generate_series(1, " +
        std::to_string(rows) + ") AS g(n)");
  }

  /// What the tables are declared to be now.
  void becomes(std::vector<hewn::intent> values, hewn::online_options how) {
    tables = {notes, customers, orders};
    intents = std::move(values);
    change(how);
  }
};

/// Threads that read and write until the object dies, and an account of what they have written.
class load {
 public:
  load(const support::place& where, std::int64_t rows, int writers, int readers) {
    for (int i = 0; i != writers + readers; ++i) {
      counts_.push_back(std::make_unique<std::atomic<std::int64_t>>(0));
      threads_.emplace_back([this, &where, rows, i, writes = i < writers] {
        auto db = where.open();
        db.execute(hewn::sql<"SET lock_timeout = '30s'">);
        std::uint64_t state = static_cast<std::uint64_t>(i) * 7919 + 17;
        while (!stopped_) {
          state = state * 6364136223846793005u + 1442695040888963407u;
          const auto id =
              static_cast<std::int64_t>((state >> 33) % static_cast<std::uint64_t>(rows)) + 1;
          try {
            if (writes)
              write(db, id, i);
            else
              read(db, id);
          } catch (const hewn::error& failure) {
            const std::lock_guard guard(mutex_);
            failures_.push_back(failure.what());
          }
          ++*counts_[static_cast<std::size_t>(i)];
        }
      });
    }
  }
  load(const load&) = delete;
  load& operator=(const load&) = delete;
  ~load() { stop(); }

  void stop() {
    stopped_ = true;
    threads_.clear();
  }

  /// Waits until each has begun and ended a statement.
  void let_all_have_a_turn() const {
    std::vector<std::int64_t> before;
    for (const auto& count : counts_) before.push_back(*count);
    for (std::size_t i = 0; i != counts_.size(); ++i)
      while (*counts_[i] < before[i] + 2) std::this_thread::sleep_for(200us);
  }

  /// From now on they write as the release does that knows the new column.
  void next_release() { next_release_ = true; }

  std::int64_t rows() const { return rows_; }    ///< inserted, less those that were deleted
  std::int64_t cents() const { return cents_; }  ///< that were added to the sum of all orders
  std::vector<std::string> failures() const {
    const std::lock_guard guard(mutex_);
    return failures_;
  }

 private:
  void write(const support::database& db, std::int64_t id, int writer) {
    switch (id % 4) {
      case 0: {
        const std::string code = "w" + std::to_string(writer) + " " + std::to_string(++codes_);
        if (next_release_)
          db.execute(hewn::sql<"INSERT INTO orders (customer, cents, code, note, gross) VALUES (?, "
                               "?, ?, 'n', ?)">,
                     id % 10 + 1, id, code, 2 * id);
        else
          db.execute(
              hewn::sql<"INSERT INTO orders (customer, cents, code, note) VALUES (?, ?, ?, 'n')">,
              id % 10 + 1, id, code);
        ++rows_;
        cents_ += id;
        return;
      }
      case 1: {
        const auto gone =
            db.all<std::int64_t>(hewn::sql<"DELETE FROM orders WHERE id = ? RETURNING cents">, id);
        for (const std::int64_t each : gone) {
          --rows_;
          cents_ -= each;
        }
        return;
      }
      default: {
        db.execute(hewn::sql<"UPDATE orders SET note = note || '!', code = code WHERE id = ?">, id);
        db.execute(hewn::sql<"UPDATE customers SET name = name WHERE id = ?">, id % 10 + 1);
        return;
      }
    }
  }

  static void read(const support::database& db, std::int64_t id) {
    db.all<std::int64_t>(
        hewn::sql<"SELECT o.cents FROM orders o JOIN customers c ON c.id = o.customer WHERE o.id "
                  "BETWEEN ? AND ?">,
        id, id + 20);
  }

  std::vector<std::unique_ptr<std::atomic<std::int64_t>>> counts_;
  std::atomic<std::int64_t> rows_ = 0, cents_ = 0, codes_ = 0;
  std::atomic<bool> stopped_ = false, next_release_ = false;
  mutable std::mutex mutex_;
  std::vector<std::string> failures_;
  std::vector<std::jthread> threads_;  // the last, because they use the others
};

}  // namespace

TEST_CASE("readers and writers go on while a table gets whatever an online change gives it",
          "[M5]") {
  shop s;
  const std::int64_t cents = s.number("SELECT sum(cents)::bigint FROM orders");
  load others(s.where, s.rows, 2, 2);
  hewn::online_options options;
  options.progress = [&](const hewn::online_progress&) { others.let_all_have_a_turn(); };
  const auto check = [&](const char* what) {
    INFO(what);
    CHECK(others.failures() == std::vector<std::string>{});
    s.check_done();
  };

  s.orders.columns.push_back(postgres_column("agent", "bigint"));
  s.orders.checks = {{.name = "agents_begin", .text = "agent > 0"}};
  s.orders.foreign_keys = {reference("orders_agent", "agent", "customers")};
  s.becomes({}, options);
  check("a column with a check and a reference");

  s.orders.columns[4].not_null = true;
  s.becomes({}, options);
  check("NOT NULL");

  s.orders.indexes = {{.name = "by_cents", .parts = {{.text = "cents"}}}};
  s.becomes({}, options);
  check("an index");

  s.orders.unique_keys = {{.name = "one_code", .columns = {"code"}}};
  s.becomes({}, options);
  check("UNIQUE");

  s.orders.checks.push_back({.name = "no_debts", .text = "cents >= 0"});
  s.becomes({}, options);
  check("CHECK");

  s.orders.foreign_keys.push_back(reference("orders_customer", "customer", "customers"));
  s.becomes({}, options);
  check("a foreign key");

  // What is there already is taken back while they go on.
  s.orders.columns.push_back(postgres_column("gross", "bigint", true));
  const std::vector<hewn::intent> gross = {backfilled("orders", "gross", "2 * cents")};
  options.until_breaking = true;
  s.becomes(gross, options);
  CHECK(s.number("SELECT count(*) FROM orders WHERE gross IS DISTINCT FROM 2 * cents") == 0);
  hewn::abandon_online(s.executor, options);
  CHECK(others.failures() == std::vector<std::string>{});
  s.check_nothing_left();

  s.becomes(gross, options);
  others.next_release();
  others.let_all_have_a_turn();
  options.until_breaking = false;
  CHECK(hewn::continue_online(s.executor, options).finished);
  check("a column with a value in each row");

  others.stop();
  CHECK(s.number("SELECT count(*) FROM orders") == s.rows + others.rows());
  CHECK(s.number("SELECT sum(cents)::bigint FROM orders") == cents + others.cents());
  CHECK(s.number("SELECT count(*) FROM orders WHERE gross IS DISTINCT FROM 2 * cents") == 0);
}

namespace {

/// Holds an online change in the middle of each of its long phases, where a statement of its
/// session meets the gate or waits for somebody who writes, until others had their turn.
class gate {
 public:
  explicit gate(shop& s) : s_(s), others_(s.where.open()) {
    s.db.script(
        "CREATE FUNCTION gate(value bigint) RETURNS bigint LANGUAGE plpgsql AS 'BEGIN IF "
        "current_setting(''hewn_test.gated'', true) = ''on'' THEN PERFORM "
        "pg_advisory_xact_lock_shared(77); END IF; RETURN value; END'; CREATE FUNCTION "
        "gate_behind_validation() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN IF "
        "current_query() LIKE ''%VALIDATE CONSTRAINT%'' THEN PERFORM " +
        s.text("SELECT current_schema()::text") +
        ".gate(1); END IF; END'; CREATE EVENT TRIGGER gate ON ddl_command_end EXECUTE FUNCTION "
        "gate_behind_validation()");
    others_.execute(hewn::sql<"SET lock_timeout = '5s'">);
  }
  gate(const gate&) = delete;
  gate& operator=(const gate&) = delete;
  ~gate() { s_.db.script("DROP EVENT TRIGGER gate"); }

  /// Changes the orders in another thread. Returns what it was held in.
  std::set<std::string> change() {
    const hewn::plan plan = s_.planned();
    s_.db.execute(hewn::sql<"SELECT pg_advisory_lock(77)">);
    std::atomic<bool> over = false;
    std::string failure;
    std::thread changing([&] {
      try {
        const auto db = s_.where.open();
        db.execute(hewn::sql<"SET hewn_test.gated = 'on'">);
        hewn::postgres::schema_executor executor(db.connection());
        hewn::online_options options;
        options.progress = [this](const hewn::online_progress& p) { writes_before_index(p); };
        hewn::change_online(executor, plan, plan, options);
      } catch (const std::exception& e) {
        failure = e.what();
      }
      over = true;
    });
    std::set<std::string> met;
    while (!over) {
      std::this_thread::sleep_for(1ms);
      const std::string held = s_.text(held_in);
      if (held.empty()) continue;
      INFO("held in " << held);
      met.insert(held);
      CHECK_NOTHROW(use());
      if (held == "alone") {
        const std::lock_guard guard(mutex_);
        writing_.reset();
      } else {
        s_.db.execute(hewn::sql<"SELECT pg_advisory_unlock(77)">);
      }
      while (s_.text(held_in) == held && !over) std::this_thread::sleep_for(1ms);
      if (held != "alone") s_.db.execute(hewn::sql<"SELECT pg_advisory_lock(77)">);
    }
    changing.join();
    s_.db.execute(hewn::sql<"SELECT pg_advisory_unlock(77)">);
    CHECK(failure == "");
    return met;
  }

 private:
  static constexpr const char* held_in =
      "SELECT coalesce((SELECT CASE WHEN a.query LIKE '%VALIDATE%' THEN 'validate' WHEN a.query "
      "LIKE '%UPDATE%' THEN 'batches' ELSE 'planning' END FROM pg_locks l JOIN pg_stat_activity a "
      "USING (pid) WHERE l.locktype = 'advisory' AND l.objid = 77 AND NOT l.granted), (SELECT "
      "'alone' FROM pg_stat_progress_create_index WHERE phase LIKE 'waiting for writers%'), '')";

  // An index waits for whoever has written when it begins.
  void writes_before_index(const hewn::online_progress& p) {
    if (p.phase.kind != phase_kind::alone || p.share != 0) return;
    const std::lock_guard guard(mutex_);
    if (!writer_) writer_.emplace(s_.where.open());
    writing_.emplace(writer_->begin());
    writing_->script("UPDATE orders SET note = note WHERE id = 7");
  }

  void use() {
    const std::string code = "'k" + std::to_string(++uses_) + "'";
    others_.script("INSERT INTO orders (customer, cents, code, note) VALUES (1, 1, " + code +
                   ", 'n'); UPDATE orders SET note = 'm' WHERE id = 2; DELETE FROM orders WHERE "
                   "code = " +
                   code);
    others_.script(
        "UPDATE customers SET name = 'd' WHERE id = 1; INSERT INTO customers (name) VALUES ('e')");
    others_.all<std::int64_t>(hewn::sql<"SELECT id FROM orders WHERE id < 5 FOR UPDATE">);
    others_.all<std::int64_t>(hewn::sql<"SELECT count(*) FROM orders">);
  }

  shop& s_;
  support::database others_;
  std::mutex mutex_;
  std::optional<support::database> writer_;
  std::optional<decltype(std::declval<support::database&>().begin())> writing_;
  int uses_ = 0;
};

}  // namespace

TEST_CASE("in the middle of whatever takes long in an online change others read and write",
          "[M5]") {
  shop s;
  const auto becomes = [&s](std::vector<hewn::intent> values) {
    s.tables = {s.notes, s.customers, s.orders};
    s.intents = std::move(values);
    const std::set<std::string> met = gate(s).change();
    s.db.script("DROP FUNCTION gate; DROP FUNCTION gate_behind_validation");
    s.check_done();
    return met;
  };
  using held = std::set<std::string>;
  s.orders.columns.push_back(postgres_column("agent", "bigint"));
  s.orders.checks = {{.name = "agents_begin", .text = "agent > 0"}};
  s.orders.foreign_keys = {reference("orders_agent", "agent", "customers")};
  CHECK(becomes({}) == held{"validate"});
  s.orders.columns[4].not_null = true;
  CHECK(becomes({}) == held{"validate"});
  s.orders.indexes = {{.name = "by_cents", .parts = {{.text = "cents"}}}};
  CHECK(becomes({}) == held{"alone"});
  s.orders.unique_keys = {{.name = "one_code", .columns = {"code"}}};
  CHECK(becomes({}) == held{"alone"});
  s.orders.checks.push_back({.name = "no_debts", .text = "cents >= 0"});
  CHECK(becomes({}) == held{"validate"});
  s.orders.foreign_keys.push_back(reference("orders_customer", "customer", "customers"));
  CHECK(becomes({}) == held{"validate"});
  s.orders.columns.push_back(postgres_column("gross", "bigint"));
  CHECK(becomes({backfilled("orders", "gross", "gate(2 * cents)")}).contains("batches"));
}
