// hewn/postgres/migrate/transaction_watch.hpp - what a transaction destroys, as the server tells.
// SPDX-License-Identifier: BSL-1.0
//
// Which tables may have lost something the server's counters, files and catalogue say, whoever has
// changed them: a trigger, a foreign key, a function. Only those are copied, into temporary tables
// of the transaction.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/postgres/client/catalog_query.hpp>
#include <hewn/postgres/client/connection.hpp>
#include <hewn/postgres/migrate/row_comparison.hpp>
#include <hewn/postgres/migrate/stored_sequences.hpp>
#include <hewn/postgres/migrate/stored_tables.hpp>
#include <hewn/sync/model/loss.hpp>
#include <hewn/sync/model/loss_watch.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace hewn::postgres::detail {

class transaction_watch final : public loss_watch {
 public:
  explicit transaction_watch(connection& c) : connection_(&c), sequences_(c) {}

  HEWN_COLD void begin() override {
    before_ = read_tables(*connection_);
    sequences_.begin();
  }

  HEWN_COLD bool suspects() override {
    suspected_ = changed();
    exclusive_.clear();
    for (catalog_query q(*connection_,
                         "SELECT relation FROM pg_catalog.pg_locks WHERE pid = "
                         "pg_catalog.pg_backend_pid() AND mode = 'AccessExclusiveLock' AND "
                         "locktype = 'relation'");
         q.next();)
      exclusive_.insert(q.text(0));
    return !suspected_.empty() || writes_large_objects() || !sequences_.fallen().empty();
  }

  HEWN_COLD void keep() override {
    sequences_.put_back();
    for (const std::string& oid : suspected_) {
      const auto found = before_.find(oid);
      if (found != before_.end()) copy(found->second);
    }
    // As they were made.
    std::sort(kept_.begin(), kept_.end(), [](const kept& a, const kept& b) {
      return std::stoul(a.was.oid) < std::stoul(b.was.oid);
    });
    before_ = read_tables(*connection_);
  }

  HEWN_COLD std::vector<loss> losses() override {
    std::vector<loss> out;
    const stored_tables now = read_tables(*connection_);
    on_all_rows([&] {
      for (kept& k : kept_)
        for (loss& l : losses_of(k, now)) {
          k.lost = true;
          out.push_back(std::move(l));
        }
    });
    for (const std::string& oid : changed(now))
      if (std::none_of(kept_.begin(), kept_.end(), [&](const kept& k) { return k.was.oid == oid; }))
        out.push_back(uncounted("the table " + before_.at(oid).called() +
                                " was changed only when the migration ran a second time"));
    if (writes_large_objects()) out.push_back(uncounted("it changes large objects"));
    for (const std::string& name : sequences_.fallen())
      out.push_back(
          uncounted("the sequence " + name + " gives out numbers again that it has given out"));
    return out;
  }

  HEWN_COLD std::string save(const std::string& label) override {
    if (std::none_of(kept_.begin(), kept_.end(),
                     [](const kept& k) { return k.lost && !k.copy.empty(); }))
      return {};
    std::string wanted = "hewn_dropped_" + label;
    std::replace(wanted.begin(), wanted.end(), '-', '_');  // so that it needs no quotes
    const std::string schema = free_schema(wanted);
    const std::string quoted = quote_identifier(schema, dialect::postgres);
    try {
      run("CREATE SCHEMA " + quoted);
    } catch (const error& failure) {
      if (failure.code() != errc::cannot_open) throw;
      throw error(errc::cannot_open,
                  "hewn: the rows that the migration destroys are kept in the schema " + schema +
                      ", which this role may not create; let a role migrate that has CREATE on the "
                      "database, or use a policy without backups");
    }
    std::map<std::string, int> names;
    for (const kept& k : kept_) {
      if (!k.lost || k.copy.empty()) continue;
      const int again = names[k.was.name]++;
      const std::string name =
          again == 0 ? k.was.name : k.was.name + "_" + std::to_string(again + 1);
      run("CREATE TABLE " + quoted + "." + quote_identifier(name, dialect::postgres) +
          " AS TABLE " + k.copy);
    }
    return "schema " + schema;
  }

  HEWN_COLD void restore() noexcept override {
    if (connection_->lost() || connection_->transaction_failed()) return;
    try {
      sequences_.put_back();
    } catch (...) {
      // The numbers that were to be given out again are.
    }
  }

 private:
  struct kept {
    stored_table was;
    std::vector<stored_column> columns = {};
    std::string copy = {};     // empty: there is none
    std::string problem = {};  // then: why
    bool lost = false;
  };

  static loss uncounted(std::string reason) {
    return {.kind = loss_kind::unknown, .reason = std::move(reason)};
  }

  void run(const std::string& sql) { catalog_query(*connection_, sql); }

  std::vector<std::string> changed() { return changed(read_tables(*connection_)); }

  // The oids of tables as they were, of partitions that of the whole.
  std::vector<std::string> changed(const stored_tables& now) const {
    std::vector<std::string> out;
    for (const auto& [oid, was] : before_) {
      const auto is = now.find(oid);
      if (is != now.end() && !may_have_lost(was, is->second)) continue;
      if (std::find(out.begin(), out.end(), was.root) == out.end()) out.push_back(was.root);
    }
    return out;
  }

  bool writes_large_objects() {
    catalog_query q(*connection_,
                    "SELECT 1 FROM pg_catalog.pg_locks WHERE pid = pg_catalog.pg_backend_pid() AND "
                    "relation = 2613 AND mode = 'RowExclusiveLock'");
    return q.next();
  }

  // ---- copies

  // False: it failed, and has done nothing. What tells of the moment is thrown.
  template <class Action>
  bool attempt(Action action) {
    run("SAVEPOINT hewn_watch");
    try {
      action();
      run("RELEASE hewn_watch");
      return true;
    } catch (const error& failure) {
      if (connection_->lost() || failure.retryable() || failure.code() == errc::interrupted) throw;
      run("ROLLBACK TO hewn_watch");
      run("RELEASE hewn_watch");
      return false;
    }
  }

  // Rows that a policy hides are an error then and not left out.
  template <class Action>
  void on_all_rows(Action action) {
    std::string before;
    for (catalog_query q(*connection_, "SELECT pg_catalog.current_setting('row_security')");
         q.next();)
      before = q.text(0);
    run("SELECT pg_catalog.set_config('row_security', 'off', true)");
    action();
    run("SELECT pg_catalog.set_config('row_security', " + quote_literal(before) + ", true)");
  }

  bool is_exclusive(const std::string& root) const {
    for (const auto& [oid, t] : before_)
      if (t.root == root && exclusive_.contains(oid)) return true;
    return false;
  }

  void copy(const stored_table& t) {
    kept k{.was = t, .columns = read_columns(*connection_, t.oid)};
    if (t.kind == 'f') {
      k.problem = "it writes to the foreign table " + t.called();
      return kept_.push_back(std::move(k));
    }
    std::string columns;
    // A type that the migration drops must not be in use here.
    for (const stored_column& c : k.columns) {
      const std::string name = quote_identifier(c.name, dialect::postgres);
      columns += (columns.empty() ? "" : ", ") + name;
      if (c.made) columns += "::pg_catalog.text COLLATE \"C\" AS " + name;
    }
    const std::string name = "pg_temp.hewn_was_" + t.oid;
    bool copied = false;
    // In the mode that it needs in the end, or two who raise theirs would wait for each other.
    const std::string mode = is_exclusive(t.oid) ? "ACCESS EXCLUSIVE" : "SHARE ROW EXCLUSIVE";
    on_all_rows([&] {
      copied = attempt([&] {
        run("LOCK TABLE " + t.rows() + " IN " + mode + " MODE");
        run("DROP TABLE IF EXISTS " + name);
        run("CREATE TEMPORARY TABLE hewn_was_" + t.oid + " ON COMMIT DROP AS SELECT " + columns +
            " FROM " + t.rows());
      });
    });
    if (copied)
      k.copy = name;
    else
      k.problem = "this role may not copy the table " + t.called() + " to compare it";
    kept_.push_back(std::move(k));
  }

  // ---- what became of a table

  std::vector<loss> losses_of(const kept& k, const stored_tables& now) {
    if (k.copy.empty()) return {uncounted(k.problem)};
    const auto same = now.find(k.was.oid);
    if (same != now.end()) return compared(k, same->second, true);
    for (const auto& [oid, t] : now)
      if (t.schema == k.was.schema && t.name == k.was.name) return compared(k, t, false);
    const std::string rows = count(k.copy);
    if (rows == "0") return {};
    for (const auto& [oid, t] : now)
      if (!before_.contains(oid) && !taken_.contains(oid) && lives_on(k, t)) {
        taken_.insert(oid);
        return {};
      }
    return {{.kind = loss_kind::table, .table = k.was.called(), .count = std::stoll(rows)}};
  }

  std::vector<loss> compared(const kept& k, const stored_table& now, bool same) {
    taken_.insert(now.oid);
    row_comparison comparison(*connection_, k.was, k.columns, k.copy, now, same);
    std::vector<loss> out;
    for (const bool back : {true, false})
      if (attempt([&] { out = comparison.losses(back); })) return out;
    return {uncounted("the rows of the table " + k.was.called() + " cannot be compared")};
  }

  std::string count(const std::string& table) {
    catalog_query q(*connection_, "SELECT pg_catalog.count(*) FROM " + table);
    q.next();
    return q.text(0);
  }

  // A new table that has the same rows and no others.
  bool lives_on(const kept& k, const stored_table& t) {
    if (t.kind == 'f' || count(k.copy) != count(t.rows())) return false;
    bool none = false;
    const bool compared = attempt([&] {
      row_comparison comparison(*connection_, k.was, k.columns, k.copy, t, false);
      none = comparison.losses(false).empty();
    });
    return compared && none;
  }

  std::string free_schema(const std::string& wanted) {
    std::string name = wanted;
    for (int i = 2;; ++i) {
      catalog_query q(*connection_, "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1",
                      {name});
      if (!q.next()) return name;
      name = wanted + "_" + std::to_string(i);
    }
  }

  connection* connection_;
  stored_tables before_;
  sequence_watch sequences_;
  std::vector<std::string> suspected_;
  std::set<std::string> exclusive_;
  std::vector<kept> kept_;
  std::set<std::string> taken_;  // new tables in the place of old ones
};

}  // namespace hewn::postgres::detail
