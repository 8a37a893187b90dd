// hewn/sync/online/online_runner.hpp - carrying out the phases of an online change.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/error.hpp>
#include <hewn/base/pause.hpp>
#include <hewn/db/connection/retry.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/text/token_cursor.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/approval/audit_chain.hpp>
#include <hewn/sync/approval/record_kept.hpp>
#include <hewn/sync/diff/fingerprint.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/own_tables.hpp>
#include <hewn/sync/online/answers_to_updates.hpp>
#include <hewn/sync/online/online_change.hpp>
#include <hewn/sync/online/online_lock.hpp>
#include <hewn/sync/online/online_phase.hpp>
#include <hewn/sync/online/online_phases.hpp>
#include <hewn/sync/online/online_store.hpp>
#include <hewn/sync/online/own_schema.hpp>
#include <hewn/sync/plan/check_approvals.hpp>
#include <hewn/sync/plan/plan.hpp>
#include <hewn/sync/plan/planner.hpp>
#include <hewn/sync/plan/report.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <ratio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

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

/// One call about an online change. Order: begin, or resume; then run or abandon.
class online_runner {
 public:
  online_runner(schema_executor& executor, const online_options& options)
      : executor_(executor),
        options_(options),
        lock_(executor),
        store_(executor),
        schema_(executor) {}

  /// Records the phases of `p`, or finds them recorded.
  void begin(const plan& p, const plan& whole) {
    run_ = store_.read();
    if (!run_.phases.empty()) {
      if (run_.whole == whole.to()) return;
      throw error(error_details{
          .code = errc::schema_mismatch,
          .message = concat({"hewn: an online change of ", run_.phases.front().phase.table,
                             " to another schema is not finished; finish it by continue_online(), "
                             "or take it back by abandon_online()"})});
    }
    // Under the lock that every change of the schema takes.
    executor_.transaction({}, [&] {
      lock_.check();
      const plan fresh = planner(executor_, p.wanted(), without_row_limit(options_.policy)).make();
      if (fresh.fingerprint() != p.fingerprint())
        throw_with_report(errc::schema_mismatch, fresh,
                          "hewn: the schema moved since the plan was made; nothing was done, plan "
                          "again and look at what follows");
      check_approvals(executor_, fresh, options_.approvals, options_.policy);
      online_phases made = phases_of(fresh);
      for (const online_phase& each : made.phases)
        if (each.kind == phase_kind::batches && schema_.has_children(each.table))
          made.obstacles.push_back(concat({"table ", each.table,
                                           " has others that inherit from it, to whose rows "
                                           "batches do not come"}));
      if (!made.obstacles.empty()) throw_obstacles(made.obstacles);
      run_ = {.plan = fresh.fingerprint(),
              .from = fresh.from(),
              .to = fresh.to(),
              .whole = whole.to(),
              .managed = fresh.managed()};
      for (online_phase& each : made.phases) {
        if (each.kind == phase_kind::batches) quieten(each);
        run_.phases.push_back({.phase = std::move(each)});
      }
      store_.write(run_);
      if (!fresh.pending().empty())
        for (const approval& a : options_.approvals) audit::append(executor_, audit::use_of(a));
      record("begun", report(fresh));
    });
  }

  /// Throws: usage when there is nothing to go on with.
  void resume() {
    run_ = store_.read();
    if (run_.phases.empty())
      throw error(errc::usage,
                  "hewn: no online change is unfinished, so there is nothing to go on with or to "
                  "take back; begin one by sync_online()");
  }

  online_result run() {
    for (const stored_phase& p : run_.phases)
      if (p.state == "leaving")
        throw error(errc::usage, concat({"hewn: the online change of ", p.phase.table,
                                         " is being taken back; call abandon_online() again"}));
    for (std::size_t i = 0; i != run_.phases.size(); ++i) {
      stored_phase& p = run_.phases[i];
      if (p.state == "done") continue;
      if (p.phase.breaking && options_.until_breaking) return result(false);
      lock_.check();
      tell(i);
      try {
        carry_out(i);
      } catch (const error& failure) {
        throw_failed(i, failure);
      }
      tell(i);
    }
    finish();
    return result(true);
  }

  void abandon() {
    // From here on only this leads to an end: what is left of a phase is not known.
    briefly([&] {
      for (std::size_t i = 0; i != run_.phases.size(); ++i)
        if (run_.phases[i].state != "waiting") mark(i, "leaving");
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
          alone(sql);
      }
      briefly([&] {
        for (const std::string& sql : together)
          if (schema_.is_there(sql)) executor_.execute(sql);
      });
    }
    // At once, so that what is kept of them is together.
    briefly([&] {
      executor_.backup({}, run_.plan.substr(0, 16));
      for (const std::string& sql : last)
        if (schema_.is_there(sql)) take_back(sql);
      record_kept(executor_, run_.plan, options_.actor, options_.policy.retention, {});
      store_.clear();
      record("abandoned", {});
    });
  }

  std::vector<online_progress> progress() const {
    std::vector<online_progress> out;
    for (std::size_t i = 0; i != run_.phases.size(); ++i) out.push_back(progress_of(run_, i));
    return out;
  }

 private:
  using clock = std::chrono::steady_clock;

  [[noreturn]] static void throw_obstacles(const std::vector<std::string>& all) {
    std::string message = "hewn: this cannot be changed online: ";
    for (std::size_t i = 0; i != all.size(); ++i)
      append(message, {i == 0 ? "" : "; also ", all[i]});
    message +=
        "; leave that out by plan_without(), or apply the plan by sync while nobody writes much";
    throw error(errc::usage, std::move(message));
  }

  [[noreturn]] void throw_failed(std::size_t i, const error& failure) const {
    error_details d = failure.details();
    d.message = concat({"hewn: phase ", std::to_string(i + 1), " of ",
                        std::to_string(run_.phases.size()), " of the online change (",
                        run_.phases[i].phase.words, ") has failed: ", without_frame(failure.what()),
                        "; mend that and call continue_online(), or take all back by "
                        "abandon_online()"});
    throw error(std::move(d));
  }

  // Order: in the transaction of the UPDATE.
  void quieten(const online_phase& p) {
    const std::string what = answers_to_updates(executor_, p.table);
    if (what.empty()) return;
    token_cursor in(p.statements.front());
    in.skip();
    in.name();
    in.skip();
    put_to_sleep(executor_, p.table, in.name(), what);
  }

  // ---- phases

  void carry_out(std::size_t i) {
    stored_phase& p = run_.phases[i];
    switch (p.phase.kind) {
      case phase_kind::together:
        return briefly([&] {
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
    }
  }

  /// In a transaction that waits a moment for each lock, again and again.
  void briefly(const std::function<void()>& body) {
    using namespace std::chrono_literals;
    const std::chrono::milliseconds wait =
        std::clamp<std::chrono::milliseconds>(options_.lock_wait, 1ms, 24h);
    const clock::time_point end =
        clock::now() + std::clamp<std::chrono::seconds>(options_.patience, 0s, 24h * 365);
    for (int attempt = 1;; ++attempt) try {
        executor_.transaction({.exclusive = false}, [&] {
          // The server's own vacuum gives way to those only who have waited for deadlock_timeout.
          const std::string time = std::to_string(wait.count());
          executor_.query(concat(
              {"SELECT pg_catalog.set_config('lock_timeout', (",
               attempt % 3 != 0 ? time
                                : concat({"SELECT greatest(", time,
                                          ", 200 + setting::bigint) FROM pg_catalog.pg_settings "
                                          "WHERE name = 'deadlock_timeout'"}),
               ")::text, true)"}));
          body();
        });
        return;
      } catch (const error& failure) {
        if (!failure.retryable() || clock::now() >= end) throw;
        wait_before_retry({.first_delay = 50ms,
                           .longest_delay = std::min<std::chrono::milliseconds>(2 * wait, 1min)},
                          attempt, random_);
      }
  }

  /// A statement that takes its time outside of transactions, and keeps nobody waiting.
  void alone(const std::string& sql) {
    const auto turn = [this](std::string_view name, const std::string& value) {
      return executor_
          .query(concat({"SELECT pg_catalog.current_setting('", name, "'), pg_catalog.set_config('",
                         name, "', ", quote_literal(value), ", false)"}))[0][0]
          .value_or("0");
    };
    const std::string lock = turn("lock_timeout", "0");
    const std::string statement = turn("statement_timeout", "0");
    const auto turn_back = [&] {
      turn("lock_timeout", lock);
      turn("statement_timeout", statement);
    };
    try {
      executor_.execute(sql);
    } catch (const error& failure) {
      if (failure.code() != errc::connection_lost) turn_back();
      throw;
    }
    turn_back();
  }

  void mark(std::size_t i, std::string state) {
    run_.phases[i].state = std::move(state);
    store_.update(i, run_.phases[i]);
  }

  // An index that was not finished is there and invalid.
  void build(std::size_t i) {
    const online_phase& p = run_.phases[i].phase;
    schema_.check_there(p.table);
    briefly([&] { mark(i, "running"); });
    const std::string& undo = p.undo.front();
    const std::string name = undo.substr(undo.find(" EXISTS ") + 8);
    const auto found = [&] {
      const auto rows = executor_.query(
          concat({"SELECT indisvalid AND indisready FROM pg_catalog.pg_index WHERE indexrelid = ",
                  own_schema::here("to_regclass", name)}));
      return rows.empty() ? std::string() : rows[0][0].value_or("");
    };
    if (found() == "f") alone(undo);
    if (found().empty()) alone(p.statements.front());
    briefly([&] { mark(i, "done"); });
  }

  void validate(std::size_t i) {
    const online_phase& p = run_.phases[i].phase;
    schema_.check_there(p.table);
    briefly([&] { mark(i, "running"); });
    std::string left_alone = "''";
    for (const std::string& name : p.statements) append(left_alone, {", ", quote_literal(name)});
    const std::string table = quote_identifier(p.table);
    for (const text_row& row :
         executor_.query(concat({"SELECT conname FROM pg_catalog.pg_constraint WHERE conrelid = ",
                                 own_schema::here("to_regclass", table),
                                 " AND NOT convalidated AND contype IN ('c', 'f') AND conname "
                                 "NOT IN (",
                                 left_alone, ") ORDER BY oid"})))
      briefly([&] {
        executor_.execute("SET LOCAL statement_timeout = 0");  // it keeps nobody from writing
        executor_.execute(concat({"ALTER TABLE ", table, " VALIDATE CONSTRAINT ",
                                  quote_identifier(audit::detail::required(row, 0))}));
      });
    briefly([&] { mark(i, "done"); });
  }

  // By blocks of the file. Rows that come behind its end get their value from the trigger.
  void fill(std::size_t i) {
    stored_phase& p = run_.phases[i];
    const std::string table = quote_identifier(p.phase.table);
    std::int64_t width = 64;
    while (p.blocks < 0 || p.block < p.blocks) {
      const clock::time_point begun = clock::now();
      stored_phase done = p;
      briefly([&] {
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
    briefly([&] { mark(i, "done"); });
  }

  // ---- the end

  void finish() {
    const dialect d = executor_.dialect();
    schema::database now = executor_.introspect();
    forget_own_tables(now);
    const bool is_promised = fingerprint(part_of(now, run_.managed, d), d) == run_.to;
    briefly([&] {
      record(is_promised ? "applied" : "differs", {});
      store_.clear();
    });
    if (is_promised) return;
    throw error(
        errc::schema_mismatch,
        "hewn: every phase of the online change is done, and the schema is not the one "
        "that was planned, because somebody else has changed it meanwhile; see what differs "
        "by plan_sync()");
  }

  void record(std::string outcome, std::string text) {
    audit::append(executor_, {.actor = options_.actor,
                              .event = "online",
                              .plan = run_.plan,
                              .from = run_.from,
                              .to = run_.to,
                              .detail = std::move(text),
                              .outcome = std::move(outcome)});
  }

  // Whether somebody may have written to what the statement drops, or it goes with that.
  static bool has_values(const std::string& sql) {
    token_cursor in(sql);
    if (in.accept("drop")) return in.at("table") || in.at("type");
    if (!in.accept("alter", "table")) return false;
    in.name();
    return in.accept("drop", "column");
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

  void tell(std::size_t i) {
    if (options_.progress) executor_.call_out([&] { options_.progress(progress_of(run_, i)); });
  }

  online_result result(bool finished) const { return {.finished = finished, .phases = progress()}; }

  schema_executor& executor_;
  const online_options& options_;
  online_lock lock_;
  online_store store_;
  own_schema schema_;
  stored_run run_;
  std::uint64_t random_ = static_cast<std::uint64_t>(clock::now().time_since_epoch().count());
};

}  // namespace hewn::detail
