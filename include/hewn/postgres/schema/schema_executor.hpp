// hewn/postgres/schema/schema_executor.hpp - PostgreSQL as sync sees it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/postgres/client/catalog_query.hpp>
#include <hewn/postgres/client/driver.hpp>
#include <hewn/postgres/schema/belongings.hpp>
#include <hewn/postgres/schema/conversion.hpp>
#include <hewn/postgres/schema/dependents.hpp>
#include <hewn/postgres/schema/generated_columns.hpp>
#include <hewn/postgres/schema/introspect.hpp>
#include <hewn/postgres/schema/kept_table.hpp>
#include <hewn/postgres/schema/meaning.hpp>
#include <hewn/postgres/schema/normal_spelling.hpp>
#include <hewn/postgres/schema/recording_trigger.hpp>
#include <hewn/postgres/schema/rehearse.hpp>
#include <hewn/postgres/schema/sample_rows.hpp>
#include <hewn/postgres/schema/table_uses.hpp>
#include <hewn/postgres/schema/temporary_tables.hpp>
#include <hewn/postgres/schema/undisturbed_update.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/step.hpp>

#include <libpq-fe.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::postgres {

/// What sync needs of a PostgreSQL connection. `Driver`: this one, or one that may be any.
template <class Driver>
class basic_schema_executor : public hewn::schema_executor {
 public:
  /// `native` is the PostgreSQL connection behind `c`.
  basic_schema_executor(hewn::detail::connection<Driver>& c, connection& native)
      : connection_(&c), native_(&native), temporary_(c, native) {}

  hewn::dialect dialect() const override { return driver::dialect; }
  int version() const override { return PQserverVersion(native_->native()); }
  schema::database introspect() override { return postgres::introspect(*native_); }

  bool takes_writes() override {
    const auto answer = query(
        "SELECT NOT pg_catalog.pg_is_in_recovery() AND "
        "pg_catalog.current_setting('transaction_read_only') = 'off'");
    return answer.at(0).at(0) == "t";
  }

  bool in_transaction() override { return native_->in_transaction(); }

  /// By EXPLAIN, all tables at once.
  HEWN_COLD schema::database spelled_as(schema::database live, schema::database wanted) override {
    std::vector<detail::spelling> all;
    for (schema::table& t : wanted.tables) {
      detail::place_generated(t, wanted, version());
      for (schema::table& there : live.tables) {
        if (there.name != t.name) continue;
        detail::keep_generated(t, there);
        detail::keep_identity(t, there, live.others);
        all.emplace_back(t, there);
      }
    }
    std::vector<detail::asked_table*> questions;
    for (detail::spelling& s : all) questions.push_back(&s.asked);
    detail::meanings<Driver>(*connection_, *native_).ask(std::move(questions));
    for (detail::spelling& s : all) s.spell();
    return wanted;
  }

  /// Builds the tables as temporary ones, in a transaction that is rolled back: the server's own
  /// spelling of types and expressions, and nothing that anybody else could see.
  HEWN_COLD schema::database normalise(const schema::database& wanted) override {
    if (wanted.tables.empty()) return {};
    schema::database live = introspect();
    std::vector<schema::enumeration> missing = wanted.enumerations;
    std::erase_if(missing, [&](const schema::enumeration& e) {
      return live.find_enumeration(e.name) != nullptr;
    });
    schema::database placed = wanted;
    for (schema::table& t : placed.tables) detail::place_generated(t, placed, version());
    schema::database written = spelled_as(live, temporary_.as_written(placed));
    return detail::spelled_as_in(std::move(live), std::move(written), [&](const schema::table& t) {
      return temporary_.read_again(t, missing);
    });
  }

  /// Tried on empty temporary copies of the tables: no row is read and nothing is locked that
  /// others write to. What renames, and drops tables, comes first and takes but a moment: on the
  /// tables themselves, where it does not wait long for a lock, because only the server knows what
  /// else depends on them. All of it in a transaction that is rolled back.
  HEWN_COLD rehearsal rehearse(const schema::database& before,
                               const std::vector<step>& steps) override {
    hewn::detail::transaction_scope<Driver> scope(*connection_, {}, hewn::detail::running_call());
    rehearsal out;
    const std::size_t first = detail::end_of_renames_and_drops(steps);
    detail::table_uses uses(*this);
    if (first != 0) {
      statement("SET LOCAL lock_timeout = '2s'");
      uses.begin(steps, 0, first, before);
      if (!take(steps, 0, first, out)) return out;
    }
    out.after = first == 0 ? before : introspect();
    uses.begin(steps, first, steps.size(), out.after);
    if (first == steps.size()) {
      out.uses = uses.take();
      return out;
    }
    const std::string home = current_schema();
    temporary_.prefer();
    temporary_.copy_named(out.after, steps, home, !detail::only_adds(steps));
    const schema::database copies = temporary_.read();
    std::vector<step> tried = steps;
    for (step& s : tried) s.sql = detail::on_copies(std::move(s.sql));
    uses.look();
    if (!take(tried, first, tried.size(), out, &uses)) return out;
    out.uses = uses.take();
    if (std::any_of(steps.begin(), steps.end(), detail::adds_value)) {
      const schema::database known = out.after;
      out.after.enumerations = detail::schema_reader(*native_, home).read_enumerations();
      // Those that are made anew have another name as long as this lasts.
      std::erase_if(out.after.enumerations, [&](const schema::enumeration& e) {
        return known.find_enumeration(e.name) == nullptr;
      });
    }
    out.after = detail::with_changes(std::move(out.after), steps, copies, temporary_.read());
    return out;
  }

  std::unique_ptr<hewn::schema_executor> with_samples(const schema::database& live,
                                                      bool rows) override;

  /// Under transaction(), what was to be dropped is kept while it has rows.
  void execute(std::string_view sql) override {
    const std::string dropped = detail::table_to_drop(sql);
    if (applying_ && !dropped.empty() && keep(dropped)) return;
    statement(sql);
  }

  /// Nobody writes to the table from here on. A role from which row security hides rows is refused:
  /// the values that it does not see would be lost.
  HEWN_COLD void keep(const step& s) override {
    statement("LOCK TABLE " + quote_identifier(s.table, driver::dialect) +
              " IN ACCESS EXCLUSIVE MODE");
    on_all_rows([&] {
      if (query("SELECT 1 FROM (" + s.sql + " LIMIT 1) AS v").empty()) return;
      make_kept_schema("column " + s.promise + " of table " + s.table + " has values",
                       [&] { objects_.push_back(detail::keep_values(*this, s, kept_)); });
    });
  }

  std::vector<kept_object> kept_objects() override { return objects_; }

  /// On all rows, or on none for a role from which row security hides some.
  HEWN_COLD void copy(std::string_view table, std::string_view sql) override {
    on_all_rows([&] { detail::update_undisturbed(*this, table, sql); });
  }

  std::vector<text_row> query(std::string_view sql, const text_row& parameters = {}) override {
    std::vector<text_row> out;
    for (detail::catalog_query q(*native_, std::string(sql), parameters); q.next();) {
      text_row& row = out.emplace_back();
      for (int i = 0; i != q.columns(); ++i)
        row.push_back(q.is_null(i) ? std::nullopt : std::optional(q.text(i)));
    }
    return out;
  }

  /// In a savepoint where there is a transaction, which a failure would end.
  std::vector<text_row> ask(std::string_view sql) override {
    std::optional<hewn::detail::transaction_scope<Driver>> scope;
    if (native_->in_transaction())
      scope.emplace(*connection_, transaction_begin(), hewn::detail::running_call());
    std::vector<text_row> out = query(sql);
    if (scope) scope->commit();
    return out;
  }

  HEWN_COLD conversion count_conversion(std::string_view source, std::string_view expression,
                                        std::string_view key, std::string_view type) override {
    return detail::conversion_count<Driver>(*connection_, *this, source, expression, key, type)
        .count();
  }

  std::vector<std::string> dependents(std::string_view table, std::string_view column) override {
    return detail::dependents_of(*this, table, column);
  }

  std::vector<std::string> bound_to(std::string_view table, std::string_view column) override {
    return detail::bound_to(*this, table, column);
  }
  std::vector<belonging> belongings(std::string_view table) override {
    return detail::belongings_of(*this, table);
  }

  /// The server lets no reference lose its target, and no object that another one needs be dropped.
  std::vector<std::string> broken_references() override { return {}; }
  std::vector<std::string> broken_objects() override { return {}; }
  std::string recording_trigger() override { return detail::recording_trigger(*native_); }
  std::vector<std::string> temporary_objects(std::string_view) override { return {}; }

  /// One at a time per schema, unless it is not exclusive, whatever else the database does.
  void transaction(const apply_scope& wanted, const std::function<void()>& body) override {
    // What is read under the lock must be what others have committed before it.
    hewn::detail::transaction_scope<Driver> scope(
        *connection_, {transaction_mode::immediate, isolation::read_committed},
        hewn::detail::running_call());
    if (wanted.exclusive)
      execute(
          "SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended('hewn ' || "
          "current_schema(), 0))");
    // Everybody who comes later waits behind a statement that waits for a lock on a table.
    const std::string limit = setting("lock_timeout");
    if (limit == "0") set_local("lock_timeout", "5s");
    if (!applying_) {
      kept_.clear();
      objects_.clear();
    }
    const flag applying(applying_);
    body();
    set_local("lock_timeout", limit);
    scope.commit();
  }

  void call_out(const std::function<void()>& callback) override {
    hewn::detail::call_paused(connection_->state(), callback);
  }

  /// Tables with rows are kept as they are, in a schema of this name.
  std::string backup(std::string_view, std::string_view label) override {
    return "schema " +
           (kept_ = detail::free_schema_name(*this, "hewn_dropped_" + std::string(label)));
  }

 private:
  void statement(std::string_view sql) { connection_->execute(sql, hewn::detail::running_call()); }

  // As an expression for its oid.
  std::string current_schema() {
    detail::catalog_query q(*native_,
                            "SELECT n.oid::text FROM pg_catalog.pg_namespace n WHERE "
                            "n.nspname = pg_catalog.current_schema()");
    return q.next() ? q.text(0) : "NULL";
  }

  std::string setting(const std::string& name) {
    return query("SELECT pg_catalog.current_setting($1)", {name}).at(0).at(0).value();
  }
  void set_local(const std::string& name, const std::string& value) {
    query("SELECT pg_catalog.set_config($1, $2, true)", {name, value});
  }

  // A transaction of the caller goes on with its own setting.
  template <class Body>
  void on_all_rows(const Body& body) {
    const std::string before = setting("row_security");
    set_local("row_security", "off");
    body();
    set_local("row_security", before);
  }

  // Rows may have come since they were counted, and from now on none can. False: it is empty.
  HEWN_COLD bool keep(const std::string& table) {
    statement("LOCK TABLE " + table + " IN ACCESS EXCLUSIVE MODE");
    if (!detail::may_have_rows(*this, table)) return false;
    {
      // Fails where something depends on the table, and would otherwise follow it.
      hewn::detail::transaction_scope<Driver> trial(*connection_, {}, hewn::detail::running_call());
      statement("DROP TABLE " + table);
    }
    make_kept_schema("table " + table + " has rows",
                     [&] { detail::keep_table(*this, table, kept_); });
    const std::string name = hewn::detail::unquoted(hewn::detail::tokenize(table).front());
    objects_.push_back({.table = name, .schema = kept_, .name = name});
    return true;
  }

  // `what`: of what is kept there, in words.
  HEWN_COLD void make_kept_schema(const std::string& what, const std::function<void()>& keep_it) {
    try {
      if (kept_.empty()) kept_ = detail::free_schema_name(*this, "hewn_dropped");
      statement("CREATE SCHEMA IF NOT EXISTS " + quote_identifier(kept_, driver::dialect));
      keep_it();
    } catch (const error& failure) {
      if (failure.code() != errc::cannot_open) throw;
      error_details d = failure.details();
      d.message = "hewn: " + what + ", and this role may not create the schema " + kept_ +
                  " that would keep them; let a role apply that has CREATE on the database, or "
                  "drop that in a migration";
      throw error(std::move(d));
    }
  }

  struct flag {
    explicit flag(bool& raised) : raised_(raised), before_(std::exchange(raised, true)) {}
    ~flag() { raised_ = before_; }
    bool& raised_;
    bool before_;
  };

  // False after a failure, which ends it: those after it would only be its consequences.
  // `uses`: of steps on copies, else nullptr.
  bool take(const std::vector<step>& steps, std::size_t i, std::size_t end, rehearsal& out,
            detail::table_uses* uses = nullptr) {
    for (; i != end; ++i) try {
        if (steps[i].kind == step_kind::keep || detail::drops_type(steps[i])) continue;
        statement(steps[i].sql);
        if (uses != nullptr) uses->look_again(i);
      } catch (const error& failure) {
        // These tell of the moment, not of the step.
        if (failure.retryable() || failure.code() == errc::connection_lost ||
            failure.code() == errc::interrupted)
          throw;
        out.problems.push_back("step " + std::to_string(i + 1) + " of " +
                               std::to_string(steps.size()) + " fails: " + failure.what());
        return false;
      }
    return true;
  }

  hewn::detail::connection<Driver>* connection_;
  connection* native_;
  detail::temporary_tables<Driver> temporary_;
  bool applying_ = false;
  std::string kept_ = {};  // the schema for tables that are dropped; empty: not named yet
  std::vector<kept_object> objects_ = {};
};

namespace detail {

/// What basic_schema_executor::with_samples returns. While it lives, the connection sees no other
/// schema first.
template <class Driver>
class sample_executor final : public basic_schema_executor<Driver> {
 public:
  sample_executor(hewn::detail::connection<Driver>& c, connection& native,
                  const schema::database& live, bool rows)
      : basic_schema_executor<Driver>(c, native),
        connection_(&c),
        scope_(c, {}, hewn::detail::running_call()) {
    const std::string name = free_schema_name(*this, "hewn_samples");
    execute("CREATE SCHEMA " + name);
    this->query(
        "SELECT pg_catalog.set_config('search_path', $1 || ', ' || "
        "pg_catalog.current_setting('search_path'), true)",
        {name});
    native.definitions_changed();
    make_with_samples(c, live, rows);
  }

  /// As a migration does it: what is dropped is not kept.
  void execute(std::string_view sql) override {
    connection_->execute(sql, hewn::detail::running_call());
  }
  void transaction(const apply_scope&, const std::function<void()>& body) override {
    hewn::detail::transaction_scope<Driver> inner(*connection_, {}, hewn::detail::running_call());
    body();
    inner.commit();
  }

 private:
  hewn::detail::connection<Driver>* connection_;
  hewn::detail::transaction_scope<Driver> scope_;
};

}  // namespace detail

template <class Driver>
HEWN_COLD std::unique_ptr<hewn::schema_executor> basic_schema_executor<Driver>::with_samples(
    const schema::database& live, bool rows) {
  return std::make_unique<detail::sample_executor<Driver>>(*connection_, *native_, live, rows);
}

/// What sync needs of a PostgreSQL database.
class schema_executor : public basic_schema_executor<driver> {
 public:
  explicit schema_executor(hewn::detail::connection<driver>& c)
      : basic_schema_executor(c, c.native()) {}
};

#if HEWN_DEFINES_POSTGRES

HEWN_API std::unique_ptr<hewn::schema_executor> driver::schema_executor_of(
    hewn::detail::connection<driver>& c) {
  return std::make_unique<schema_executor>(c);
}

#endif

}  // namespace hewn::postgres
