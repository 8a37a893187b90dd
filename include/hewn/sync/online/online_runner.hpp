// hewn/sync/online/online_runner.hpp - carrying out the phases of an online change.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/approval/audit_chain.hpp>
#include <hewn/sync/approval/record_kept.hpp>
#include <hewn/sync/diff/fingerprint.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/own_tables.hpp>
#include <hewn/sync/online/going_back.hpp>
#include <hewn/sync/online/lock_patience.hpp>
#include <hewn/sync/online/online_change.hpp>
#include <hewn/sync/online/online_lock.hpp>
#include <hewn/sync/online/online_phase.hpp>
#include <hewn/sync/online/online_phases.hpp>
#include <hewn/sync/online/online_store.hpp>
#include <hewn/sync/online/own_schema.hpp>
#include <hewn/sync/online/phase_worker.hpp>
#include <hewn/sync/online/retyped_table.hpp>
#include <hewn/sync/plan/check_approvals.hpp>
#include <hewn/sync/plan/plan.hpp>
#include <hewn/sync/plan/planner.hpp>
#include <hewn/sync/plan/report.hpp>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

/// One call about an online change. Order: begin, or resume; then run or abandon.
class online_runner {
 public:
  online_runner(schema_executor& executor, const online_options& options)
      : executor_(executor),
        options_(options),
        lock_(executor),
        patience_(executor, options),
        store_(executor),
        schema_(executor),
        work_(executor, options, run_) {
    check_retention(options.policy);
  }

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
      online_phases made = phases_of(fresh, find_retyped(executor_, fresh));
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
        if (each.kind == phase_kind::batches) work_.quieten(each);
        run_.phases.push_back({.phase = std::move(each)});
      }
      store_.write(run_);
      if (!fresh.pending().empty())
        for (const approval& a : options_.approvals) audit::append(executor_, audit::use_of(a));
      record_online(executor_, run_, options_.actor, "begun", report(fresh));
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
      work_.tell(i);
      try {
        work_.carry_out(i);
      } catch (const error& failure) {
        throw_failed(i, failure);
      }
      work_.tell(i);
    }
    finish();
    return result(true);
  }

  void abandon() { going_back(executor_, options_, lock_, run_).run(); }

  std::vector<online_progress> progress() const {
    std::vector<online_progress> out;
    for (std::size_t i = 0; i != run_.phases.size(); ++i) out.push_back(progress_of(run_, i));
    return out;
  }

 private:
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

  // ---- the end

  void finish() {
    const dialect d = executor_.dialect();
    schema::database now = executor_.introspect();
    forget_own_tables(now);
    const bool is_promised = fingerprint(part_of(now, run_.managed, d), d) == run_.to;
    patience_.briefly([&] {
      record_online(executor_, run_, options_.actor, is_promised ? "applied" : "differs");
      store_.clear();
    });
    if (is_promised) return;
    throw error(
        errc::schema_mismatch,
        "hewn: every phase of the online change is done, and the schema is not the one "
        "that was planned, because somebody else has changed it meanwhile; see what differs "
        "by plan_sync()");
  }

  online_result result(bool finished) const { return {.finished = finished, .phases = progress()}; }

  schema_executor& executor_;
  const online_options& options_;
  online_lock lock_;
  lock_patience patience_;
  online_store store_;
  own_schema schema_;
  stored_run run_;
  phase_worker work_;
};

}  // namespace hewn::detail
