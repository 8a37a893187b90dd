// hewn/sync/apply/apply.hpp - carrying out a plan, as a whole or not at all.
// SPDX-License-Identifier: BSL-1.0
//
// Everything that the plan rests on is read once more under the lock: the schema, the rows, the
// approvals. There is no way around that, and no switch.
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/sync/apply/apply_plan.hpp>
#include <hewn/sync/apply/apply_record.hpp>
#include <hewn/sync/apply/kept_record.hpp>
#include <hewn/sync/apply/row_proof.hpp>
#include <hewn/sync/approval/audit_chain.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/diff/fingerprint.hpp>
#include <hewn/sync/diff/schema_diff.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/online/online_store.hpp>
#include <hewn/sync/plan/check_approvals.hpp>
#include <hewn/sync/plan/make_plan.hpp>
#include <hewn/sync/plan/plan.hpp>
#include <hewn/sync/plan/planner.hpp>
#include <hewn/sync/plan/report.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

/// What of the tables that both plans are about is no longer as it was.
HEWN_COLD inline std::string drift_between(const plan& proposed, const plan& fresh) {
  const dialect d = fresh.dialect();
  const schema::database before = part_of(proposed.before(), proposed.managed(), d);
  const schema::database now = part_of(fresh.before(), fresh.managed(), d);
  for (const schema::table& t : before.tables) {
    const schema::table* there = find_table(now, t.name, d);
    if (!there) return concat({"table ", t.name, " is gone"});
    if (canonical_table(*there, d) != canonical_table(t, d))
      return concat({"table ", t.name, " is another one"});
  }
  for (const schema::table& t : now.tables)
    if (!find_table(before, t.name, d)) return concat({"table ", t.name, " is new"});
  for (const schema::source& s : before.sources) {
    const schema::source* there = find_source(now, s.kind, s.name, d);
    if (!there) return concat({s.kind, " ", s.name, " is gone"});
    if (canonical_source(*there, d) != canonical_source(s, d))
      return concat({s.kind, " ", s.name, " is another one"});
  }
  for (const schema::source& s : now.sources)
    if (!find_source(before, s.kind, s.name, d)) return concat({s.kind, " ", s.name, " is new"});
  for (const schema::enumeration& e : now.enumerations)
    if (const schema::enumeration* then = before.find_enumeration(e.name); then && *then != e)
      return concat({"type ", e.name, " is another one"});
  return "it is about other tables";
}

[[noreturn]] HEWN_COLD inline void throw_drift(const plan& proposed, const plan& fresh) {
  throw_with_report(
      errc::schema_mismatch, fresh,
      concat({"hewn: the schema moved since the plan was made: ", drift_between(proposed, fresh),
              "; nothing was applied, plan again and look at what follows"}));
}

/// One apply. Order: run.
class application {
 public:
  application(schema_executor& executor, const plan& proposed, const sync_options& options)
      : executor_(executor), proposed_(proposed), options_(options) {}

  applied run() {
    const auto start = std::chrono::steady_clock::now();
    if (proposed_.empty()) return {proposed_};
    if (proposed_.purges())
      throw error(errc::usage,
                  "hewn: the plan of a purge is no sync; carry it out with purge_kept()");
    if (is_left_to_online(proposed_)) return {*std::move(fresh_)};
    try {
      if (proposed_.blocked() || (!proposed_.pending().empty() && options_.approvals.empty())) {
        refuse_waiting();
        return {*std::move(fresh_)};
      }
      executor_.transaction({.moves_rows = proposed_.moves_rows()}, [&] { apply_locked(); });
    } catch (...) {
      give_up(std::current_exception());
      throw;
    }
    return {*std::move(fresh_), std::move(backup_),
            std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                                  start)};
  }

 private:
  void give_up(const std::exception_ptr& thrown) noexcept {
    if (is_undone(code_of(thrown)) && !backup_.empty()) executor_.discard_backup(backup_);
    record_failure(executor_, fresh_ ? *fresh_ : proposed_, options_, thrown, begun_);
  }

  // Its report was true when the plan was made. Returns when the plan has been applied since.
  void refuse_waiting() {
    const hewn::dialect d = proposed_.dialect();
    // Rows are counted again only when something has moved.
    if (fingerprint(part_of(executor_.introspect(), proposed_.managed(), d), d) == proposed_.from())
      throw_waiting(proposed_);
    fresh_.emplace(planner(executor_, proposed_.wanted(), options_.policy).make());
    if (fresh_->empty()) return;
    if (fresh_->from() != proposed_.from()) throw_drift(proposed_, *fresh_);
    throw_waiting(fresh_->blocked() || !fresh_->pending().empty() ? *fresh_ : proposed_);
  }

  void apply_locked() {
    fresh_.emplace(planner(executor_, proposed_.wanted(), options_.policy).make());
    if (fresh_->empty() || is_left_to_online(*fresh_)) return;
    if (fresh_->fingerprint() != proposed_.fingerprint()) check_drift();
    check_approvals(executor_, *fresh_, options_.approvals, options_.policy);
    if (is_recorded(*fresh_, options_)) audit::detail::check_recording(executor_);
    check_retention(options_.policy);
    const std::vector<std::string> uncompiled = executor_.broken_objects();
    save();
    proof_.emplace(executor_, *fresh_).begin();
    // With the names that there will be afterwards.
    take_steps(0, fresh_->renames());
    kept_record kept(executor_, *fresh_);
    std::vector<std::string> broken;
    if (fresh_->moves_rows()) broken = executor_.broken_references();
    take_steps(fresh_->renames(), fresh_->steps().size());
    proof_->check();
    check_outcome(broken, uncompiled);
    kept.write(options_);
    record_applied(executor_, *fresh_, options_, backup_);
  }

  // What an online change to the same schema has not done yet is left to it: nothing is to do.
  bool is_left_to_online(const plan& p) {
    if (executor_.dialect() != dialect::postgres) return false;
    const stored_run run = online_store(executor_).read();
    if (run.phases.empty()) return false;
    if (p.to() != run.to && p.to() != run.whole)
      throw error(error_details{
          .code = errc::schema_mismatch,
          .message = concat({"hewn: an online change of ", run.phases.front().phase.table,
                             " to another schema is not finished; finish it by continue_online(), "
                             "or take it back by abandon_online()"})});
    plan nothing(plan_content{.dialect = p.dialect(),
                              .database_version = executor_.version(),
                              .wanted = p.wanted(),
                              .before = p.before(),
                              .managed = p.managed(),
                              .from = p.from(),
                              .to = p.from()});
    fresh_.emplace(std::move(nothing));
    return true;
  }

  // Somebody else may have done a part of it; what remains needs nobody's consent then. Anything
  // that was approved, moves rows, or changes what is there must be what was looked at.
  void check_drift() const {
    // Other rows than before, and now one is in the way.
    if (fresh_->blocked() && fresh_->from() == proposed_.from()) throw_waiting(*fresh_);
    if (!proposed_.pending().empty() || proposed_.moves_rows() || fresh_->moves_rows())
      throw_drift(proposed_, *fresh_);
    if (!fresh_->pending().empty()) throw_waiting(*fresh_);
    if (changes_more()) throw_drift(proposed_, *fresh_);
  }

  bool changes_more() const {
    for (const change& c : fresh_->changes()) {
      bool proposed = only_adds(c.kind);
      for (const change& other : proposed_.changes()) proposed = proposed || other.id() == c.id();
      if (!proposed) return true;
    }
    return false;
  }

  static bool only_adds(change_kind kind) {
    switch (kind) {
      case change_kind::create_table:
      case change_kind::add_column:
      case change_kind::create_index:
      case change_kind::create_view:
      case change_kind::create_trigger:
      case change_kind::create_type:
      case change_kind::add_value:
        return true;
      default:
        return false;
    }
  }

  void save() {
    if (!options_.policy.backup) return;
    bool loses = false;
    for (const change& c : fresh_->changes()) loses = loses || detail::loses(c);
    if (loses)
      backup_ =
          executor_.backup(options_.policy.backup_folder, fresh_->fingerprint().substr(0, 16));
  }

  void take_steps(std::size_t first, std::size_t last) {
    for (std::size_t i = first; i != last; ++i) {
      const step& s = fresh_->steps()[i];
      begun_ = true;
      sync_progress now{i, fresh_->steps().size(), s};
      if (options_.progress && s.kind == step_kind::copy) {
        if (i >= fresh_->renames()) proof_->before_step(s);
        copy_watched(now);
        continue;
      }
      if (options_.progress) tell(now);
      if (i >= fresh_->renames()) proof_->before_step(s);
      take(s);
    }
  }

  // What it wrote would be neither counted nor looked at by anybody.
  void tell(const sync_progress& now) {
    executor_.call_out([&] { options_.progress(now); });
  }

  // A thousandth of the table at a time: often enough for people, and seldom enough to cost
  // nothing, whatever the callback does.
  void copy_watched(sync_progress now) {
    now.rows_total = count_rows(now.next.table);
    tell(now);
    const std::int64_t least = std::max<std::int64_t>((now.rows_total + 999) / 1000, 1);
    const auto copied = [&](std::string_view, std::int64_t rows) {
      if (rows < now.rows_total && rows - now.rows < least) return;
      now.rows = std::min(rows, now.rows_total);
      tell(now);
    };
    copy_hook before = executor_.watch_copies(copied);
    try {
      executor_.copy(now.next.table, now.next.sql);
    } catch (...) {
      executor_.watch_copies(std::move(before));
      throw;
    }
    executor_.watch_copies(std::move(before));
  }

  std::int64_t count_rows(const std::string& table) {
    const std::vector<text_row> answer =
        executor_.query(concat({"SELECT count(*) FROM ", quote_identifier(table)}));
    return audit::detail::number(audit::detail::required(answer.at(0), 0));
  }

  void take(const step& s) {
    if (s.kind == step_kind::statement) return executor_.execute(s.sql);
    if (s.kind == step_kind::copy) return executor_.copy(s.table, s.sql);
    if (s.kind == step_kind::keep) return executor_.keep(s);
    const std::vector<text_row> answer = executor_.query(s.sql);
    if (answer.size() == 1 && answer[0].size() == 1 && answer[0][0] &&
        (*answer[0][0] == "1" || *answer[0][0] == "t"))
      return;
    throw error(error_details{.code = errc::schema_mismatch,
                              .message = concat({"hewn: it was to hold that ", s.promise,
                                                 ", and it does not, so everything was rolled "
                                                 "back; please report this"}),
                              .table = s.table,
                              .sql = s.sql});
  }

  // Which table refers in vain to which. The row itself may have got another number.
  static std::string without_row(std::string_view line) {
    const std::size_t rowid = std::min(line.rfind(" rowid "), line.rfind(" has a row "));
    const std::size_t target = std::min(line.rfind(" refers to "), line.size());
    return concat({line.substr(0, std::min(rowid, target)), line.substr(target)});
  }

  static std::vector<std::string> without_rows(const std::vector<std::string>& broken) {
    std::vector<std::string> out;
    for (const std::string& line : broken) out.push_back(without_row(line));
    std::sort(out.begin(), out.end());
    return out;
  }

  // A key that cannot have a target keeps SQLite from looking at the others of its table.
  static bool was_unreadable(const std::vector<std::string>& before, std::string_view what) {
    for (const std::string& line : before) {
      const std::size_t end = line.rfind(": foreign key mismatch");
      if (end != line.npos && what.starts_with(line.substr(0, end)) &&
          what.substr(end).starts_with(" refers to "))
        return true;
    }
    return false;
  }

  void check_references(const std::vector<std::string>& before) {
    const std::vector<std::string> now = executor_.broken_references();
    const std::vector<std::string> known = without_rows(before);
    const std::vector<std::string> broken = without_rows(now);
    for (std::size_t i = 0, at = 0; i != broken.size();) {
      const std::string& what = broken[i];
      std::size_t count = 0;
      while (i + count != broken.size() && broken[i + count] == what) ++count;
      i += count;
      while (at != known.size() && known[at] < what) ++at;
      std::size_t allowed = 0;
      while (at + allowed != known.size() && known[at + allowed] == what) ++allowed;
      if (count > allowed && !was_unreadable(before, what)) throw_broken(before, now, what);
    }
  }

  [[noreturn]] HEWN_COLD static void throw_broken(const std::vector<std::string>& before,
                                                  const std::vector<std::string>& now,
                                                  std::string_view what) {
    for (const std::string& line : now)
      if (!contains_text(before, line)) {
        what = line;
        break;
      }
    throw error(error_details{
        .code = errc::foreign_key,
        .message = concat({"hewn: the change would leave a reference without its target, so it was "
                           "rolled back: ",
                           what, "; mend that row first"})});
  }

  void check_outcome(const std::vector<std::string>& broken_before,
                     const std::vector<std::string>& uncompiled_before) {
    if (fresh_->moves_rows()) check_references(broken_before);
    for (const std::string& line : executor_.broken_objects())
      if (!contains_text(uncompiled_before, line))
        throw error(
            error_details{.code = errc::schema_mismatch,
                          .message = concat({"hewn: the change would break ", line,
                                             ", so it was rolled back; change that as well"})});
    plan rest = planner(executor_, without_once(proposed_.wanted()), options_.policy).make();
    // Of the same tables as the promise, those that are gone or have another name included.
    const hewn::dialect d = fresh_->dialect();
    if (rest.empty() &&
        fingerprint(part_of(rest.before(), fresh_->managed(), d), d) == fresh_->to())
      return;
    throw_with_report(errc::schema_mismatch, rest,
                      "hewn: the schema still differs after all steps, so they were rolled back; "
                      "please report this");
  }

  schema_executor& executor_;
  const plan& proposed_;
  const sync_options& options_;
  std::optional<plan> fresh_;
  std::optional<row_proof> proof_;
  std::string backup_;
  bool begun_ = false;  // whether a step was taken
};

}  // namespace detail

#if HEWN_DEFINES_CORE

HEWN_API applied apply(schema_executor& executor, const plan& proposed, const sync_options& options,
                       call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  return detail::application(executor, proposed, options).run();
}

#endif

}  // namespace hewn
