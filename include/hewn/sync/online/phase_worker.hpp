// hewn/sync/online/phase_worker.hpp - carrying out one phase of an online change.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/error.hpp>
#include <hewn/base/pause.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/token_cursor.hpp>
#include <hewn/sync/approval/audit_chain.hpp>
#include <hewn/sync/approval/identity.hpp>
#include <hewn/sync/approval/record_kept.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/step.hpp>
#include <hewn/sync/online/answers_to_updates.hpp>
#include <hewn/sync/online/lock_patience.hpp>
#include <hewn/sync/online/online_change.hpp>
#include <hewn/sync/online/online_phase.hpp>
#include <hewn/sync/online/online_store.hpp>
#include <hewn/sync/online/own_schema.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <ratio>
#include <string>
#include <utility>

namespace hewn::detail {

inline online_progress progress_of(const stored_run& run, std::size_t i) {
  const stored_phase& p = run.phases[i];
  online_progress out{.phase = p.phase,
                      .state = p.state,
                      .number = i + 1,
                      .total = run.phases.size(),
                      .rows = p.rows};
  if (p.state == "done")
    out.share = 1;
  else if (p.blocks > 0)
    out.share = static_cast<double>(p.block) / static_cast<double>(p.blocks);
  return out;
}

/// Carries out the phases of `run`, and notes in it and in the store how far they have come.
/// Lifetime: that of all it is given.
class phase_worker {
 public:
  phase_worker(schema_executor& executor, const online_options& options, stored_run& run)
      : executor_(executor),
        options_(options),
        patience_(executor, options),
        store_(executor),
        schema_(executor),
        run_(run) {}

  void carry_out(std::size_t i) {
    stored_phase& p = run_.phases[i];
    switch (p.phase.kind) {
      case phase_kind::together:
        return patience_.briefly([&] {
          for (const std::string& sql : p.phase.statements) {
            if (token_cursor in(sql); in.accept("alter", "table")) schema_.check_there(in.name());
            executor_.execute(sql);
          }
          mark(i, "done");
        });
      case phase_kind::alone:
        return build(i);
      case phase_kind::validate:
        return validate(i);
      case phase_kind::batches:
        return fill(i);
      case phase_kind::keep:
        return keep(i);
    }
  }

  void mark(std::size_t i, std::string state) {
    run_.phases[i].state = std::move(state);
    store_.update(i, run_.phases[i]);
  }

  void tell(std::size_t i) {
    if (options_.progress) executor_.call_out([&] { options_.progress(progress_of(run_, i)); });
  }

  /// Order: in the transaction of the UPDATE of `p`.
  void quieten(const online_phase& p) {
    const std::string what = answers_to_updates(executor_, p.table);
    if (what.empty()) return;
    token_cursor in(p.statements.front());
    in.skip();
    in.name();
    in.skip();
    put_to_sleep(executor_, p.table, in.name(), what);
  }

 private:
  using clock = std::chrono::steady_clock;

  // An index that was not finished is there and invalid.
  void build(std::size_t i) {
    const online_phase& p = run_.phases[i].phase;
    schema_.check_there(p.table);
    patience_.briefly([&] { mark(i, "running"); });
    const std::string& undo = p.undo.front();
    const std::string name = undo.substr(undo.find(" EXISTS ") + 8);
    const auto found = [&] {
      const auto rows = executor_.query(
          concat({"SELECT indisvalid AND indisready FROM pg_catalog.pg_index WHERE indexrelid = ",
                  own_schema::here("to_regclass", name)}));
      return rows.empty() ? std::string() : rows[0][0].value_or("");
    };
    // What a deadlock has ended is an index that was not finished, too.
    patience_.again_and_again([&](int) {
      if (found() == "f") patience_.alone(undo);
      if (found().empty()) patience_.alone(p.statements.front());
    });
    patience_.briefly([&] { mark(i, "done"); });
  }

  void validate(std::size_t i) {
    const online_phase& p = run_.phases[i].phase;
    schema_.check_there(p.table);
    patience_.briefly([&] { mark(i, "running"); });
    std::string left_alone = "''";
    for (const std::string& name : p.statements) append(left_alone, {", ", quote_literal(name)});
    const std::string table = quote_identifier(p.table);
    // Since PostgreSQL 18 somebody may have left a NOT NULL that is NOT VALID, by which SET NOT
    // NULL reads every row under its lock, whatever a check says.
    for (const text_row& row : executor_.query(
             concat({"SELECT conname FROM pg_catalog.pg_constraint k WHERE conrelid = ",
                     own_schema::here("to_regclass", table),
                     " AND NOT convalidated AND (contype IN ('c', 'f') OR contype = 'n' AND EXISTS "
                     "(SELECT FROM pg_catalog.pg_constraint h WHERE h.conrelid = k.conrelid AND "
                     "h.contype = 'c' AND h.conkey = k.conkey AND h.conname LIKE "
                     "'hewn\\_online\\_%')) AND conname NOT IN (",
                     left_alone, ") ORDER BY oid"})))
      patience_.briefly([&] {
        executor_.execute("SET LOCAL statement_timeout = 0");  // it keeps nobody from writing
        executor_.execute(concat({"ALTER TABLE ", table, " VALIDATE CONSTRAINT ",
                                  quote_identifier(audit::detail::required(row, 0))}));
      });
    patience_.briefly([&] { mark(i, "done"); });
  }

  // A trigger sees to it that no more such values come.
  void keep(std::size_t i) {
    const online_phase& p = run_.phases[i].phase;
    schema_.check_there(p.table);
    patience_.briefly([&] {
      executor_.execute("SET LOCAL statement_timeout = 0");
      const std::string& sql = p.statements.front();
      if (!executor_.query(concat({sql, " LIMIT 1"})).empty()) {
        executor_.backup({}, run_.plan.substr(0, 16));
        executor_.keep(
            {.kind = step_kind::keep, .sql = sql, .table = p.table, .promise = last_name_in(sql)});
        record_kept(executor_, run_.plan, options_.actor, options_.policy.retention, {});
      }
      mark(i, "done");
    });
  }

  // The column whose values a SELECT keeps.
  static std::string last_name_in(const std::string& sql) {
    token_cursor in(sql);
    in.skip();
    std::string name = in.name();
    while (in.accept(token_kind::comma)) name = in.name();
    return name;
  }

  // By blocks of the file. Rows that come behind its end get their value from the trigger.
  void fill(std::size_t i) {
    stored_phase& p = run_.phases[i];
    const std::string table = quote_identifier(p.phase.table);
    std::int64_t width = 64;
    while (p.blocks < 0 || p.block < p.blocks) {
      const clock::time_point begun = clock::now();
      stored_phase done = p;
      patience_.briefly([&] {
        done = p;
        done.state = "running";
        schema_.check_there(p.phase.table);
        executor_.execute(concat({"LOCK TABLE ", table, " IN ROW EXCLUSIVE MODE"}));
        schema_.look_at_file(done, table);
        executor_.execute("SET LOCAL row_security = off");
        quieten(p.phase);
        const std::int64_t end = std::min(done.blocks, done.block + width);
        const auto rows = executor_.query(
            concat({"WITH filled AS (", p.phase.statements.front(), " AND ctid >= '(",
                    std::to_string(done.block), ",0)' AND ctid < '(", std::to_string(end),
                    ",0)' RETURNING 1) SELECT count(*) FROM filled"}));
        done.rows += audit::detail::number(rows[0][0].value_or(""));
        done.block = end;
        store_.update(i, done);
      });
      p = done;
      const auto took = std::chrono::duration_cast<std::chrono::microseconds>(clock::now() - begun);
      const double factor = std::chrono::duration<double, std::micro>(options_.batch).count() /
                            static_cast<double>(std::max<std::int64_t>(took.count(), 1));
      width = std::max<std::int64_t>(
          1, static_cast<std::int64_t>(static_cast<double>(width) * std::clamp(factor, 0.5, 2.0)));
      tell(i);
      if (options_.pause.count() > 0 && p.block < p.blocks) pause_for(options_.pause);
    }
    patience_.briefly([&] { mark(i, "done"); });
  }

  schema_executor& executor_;
  const online_options& options_;
  lock_patience patience_;
  online_store store_;
  own_schema schema_;
  stored_run& run_;
};

}  // namespace hewn::detail
