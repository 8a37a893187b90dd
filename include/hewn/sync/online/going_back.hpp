// hewn/sync/online/going_back.hpp - taking back what an online change has done.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/token_cursor.hpp>
#include <hewn/sync/approval/record_kept.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/online/lock_patience.hpp>
#include <hewn/sync/online/online_change.hpp>
#include <hewn/sync/online/online_lock.hpp>
#include <hewn/sync/online/online_names.hpp>
#include <hewn/sync/online/online_phase.hpp>
#include <hewn/sync/online/online_store.hpp>
#include <hewn/sync/online/own_schema.hpp>
#include <hewn/sync/online/phase_worker.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace hewn::detail {

/// One call of abandon_online(). Order: run, once.
class going_back {
 public:
  going_back(schema_executor& executor, const online_options& options, const online_lock& lock,
             stored_run& run)
      : executor_(executor),
        options_(options),
        lock_(lock),
        patience_(executor, options),
        store_(executor),
        schema_(executor),
        work_(executor, options, run),
        run_(run) {}

  /// From wherever it was interrupted, also while it went back.
  /// Throws: usage where columns have got another type, or indexes have been replaced, which is the
  /// last that happens.
  void run() {
    for (const stored_phase& p : run_.phases)
      if (p.state == "done" && is_final(p.phase))
        throw error(errc::usage,
                    concat({"hewn: what the online change of ", p.phase.table,
                            " replaces is gone, and nothing brings it back; finish it by "
                            "continue_online()"}));
    // From here on only this leads to an end: what is left of a phase is not known.
    patience_.briefly([&] {
      for (std::size_t i = 0; i != run_.phases.size(); ++i)
        if (run_.phases[i].state != "waiting") work_.mark(i, "leaving");
    });
    std::vector<std::string> last;
    for (std::size_t i = run_.phases.size(); i-- != 0;) {
      if (run_.phases[i].state == "waiting") continue;
      lock_.check();
      std::vector<std::string> together;
      for (const std::string& sql : run_.phases[i].phase.undo) {
        if (has_values(sql))
          last.push_back(sql);
        else if (!sql.starts_with("DROP INDEX CONCURRENTLY "))
          together.push_back(sql);
        else if (schema_.is_there(sql))
          patience_.alone(sql);
      }
      patience_.briefly([&] {
        for (const std::string& sql : together)
          if (schema_.is_there(sql)) executor_.execute(sql);
      });
    }
    // At once, so that what is kept of them is together.
    patience_.briefly([&] {
      executor_.backup({}, run_.plan.substr(0, 16));
      for (const std::string& sql : last)
        if (schema_.is_there(sql)) take_back(sql);
      record_kept(executor_, run_.plan, options_.actor, options_.policy.retention, {});
      store_.clear();
      record_online(executor_, run_, options_.actor, "abandoned");
    });
  }

 private:
  static bool is_final(const online_phase& p) {
    for (const std::string& sql : p.statements) {
      token_cursor in(sql);
      if (in.accept("drop", "index")) return true;
      if (!in.accept("alter", "table")) continue;
      in.name();
      if (in.accept("rename", "column")) return true;
      if (!in.accept("alter", "column")) continue;
      in.name();
      if (in.at("type")) return true;
    }
    return false;
  }

  // Whether somebody may have written to what the statement drops, or it goes with that.
  static bool has_values(const std::string& sql) {
    token_cursor in(sql);
    if (in.accept("drop")) return in.at("table") || in.at("type");
    if (!in.accept("alter", "table")) return false;
    in.name();
    if (!in.accept("drop", "column") || !in.accept("if", "exists")) return false;
    return !in.name().starts_with(online_prefix);
  }

  // The values of a column that goes are kept, and a table with rows is.
  void take_back(const std::string& sql) {
    token_cursor in(sql);
    in.accept("alter", "table");
    const std::string table = in.name();
    if (in.accept("drop", "column") && in.accept("if", "exists")) {
      const std::string name = in.name(), column = quote_identifier(name);
      const std::string from = quote_identifier(table), key = key_of(from);
      executor_.keep({.kind = step_kind::keep,
                      .sql = concat({key.empty() ? "SELECT ALL *" : "SELECT ", key,
                                     key.empty() ? "" : ", ", key.empty() ? "" : column, " FROM ",
                                     from, " WHERE ", column, " IS NOT NULL"}),
                      .table = table,
                      .promise = name});
    }
    executor_.execute(sql);
  }

  // The columns of the primary key; empty: there is none. `table`: in quotes.
  std::string key_of(const std::string& table) {
    const auto rows = executor_.query(concat(
        {"SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY k.place) "
         "FROM pg_catalog.pg_index i CROSS JOIN unnest(i.indkey) WITH ORDINALITY AS k(number, "
         "place) JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number "
         "WHERE i.indisprimary AND i.indrelid = pg_catalog.to_regclass(",
         quote_literal(table), ")"}));
    return rows[0][0].value_or("");
  }

  schema_executor& executor_;
  const online_options& options_;
  const online_lock& lock_;
  lock_patience patience_;
  online_store store_;
  own_schema schema_;
  phase_worker work_;
  stored_run& run_;
};

}  // namespace hewn::detail
