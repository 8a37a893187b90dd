// hewn/sync/kept/purge.hpp - giving up what was kept, under an approval.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/digest.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/sync/apply/apply_record.hpp>
#include <hewn/sync/approval/audit_chain.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/kept/kept_entries.hpp>
#include <hewn/sync/kept/kept_item.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/fact.hpp>
#include <hewn/sync/model/obstacle.hpp>
#include <hewn/sync/plan/check_approvals.hpp>
#include <hewn/sync/plan/plan.hpp>
#include <hewn/sync/plan/report.hpp>
#include <hewn/sync/plan/verdicts.hpp>

#include <cstdint>
#include <exception>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

/// How a change of a purge names its table: `schema.name`.
inline std::string purged_name(const kept_entry& e) { return concat({e.schema, ".", e.name}); }

/// What is dropped for good, with its rows as they are now. Only a person can allow that, whatever
/// the policy says; it may forbid it.
HEWN_COLD inline change purge_of(schema_executor& in, const kept_entry& e,
                                 const sync_policy& policy) {
  change c{.kind = change_kind::drop_table,
           .table = purged_name(e),
           .before = concat({std::to_string(e.id), " ", words_of(e)}),
           .risk = risk_of(change_kind::drop_table, false, dialect::postgres)};
  c.risk.breaks = compatibility::none;
  c.risk.undo = reversibility::none;
  fact rows{.question = {.kind = fact_kind::rows_lost,
                         .count = concat({"SELECT count(*) FROM ", e.place})}};
  rows.count = audit::detail::number(in.query(rows.question.count).at(0).at(0).value_or(""));
  c.reason = concat({counted_sentence(rows.count, to_string(fact_kind::rows_lost)), ", which are ",
                     words_of(e), " and kept until ", to_text(e.until).view(), " UTC"});
  c.facts.push_back(std::move(rows));
  decision decided{};
  in.call_out([&] { decided = policy.decide(c); });
  if (decided == decision::deny) {
    block(c, concat({c.reason, ", which the policy ", policy.name, " forbids"}),
          "plan it under another policy");
    return c;
  }
  c.verdict = verdict::needs_approval;
  c.repair = concat({"approve change ", c.id(), ", or restore it"});
  return c;
}

HEWN_COLD inline plan purge_plan(schema_executor& in, const std::vector<kept_entry>& all,
                                 const sync_policy& policy) {
  plan_content content{.dialect = in.dialect(), .database_version = in.version(), .purges = true};
  std::string what = "hewn-purge:1";
  for (const kept_entry& e : all) {
    content.changes.push_back(purge_of(in, e, policy));
    content.managed.push_back(purged_name(e));
    content.steps.push_back({.sql = concat({"DROP TABLE ", e.place}), .table = purged_name(e)});
    append_counted(what, content.changes.back().before);
    append_counted(what, e.plan);
  }
  // Names what is given up as the fingerprint of a schema does.
  content.from = content.to = sha256_hex(what);
  plan made(content);
  if (!made.blocked()) return made;
  content.steps.clear();
  return plan(std::move(content));
}

/// One call of purge_kept. Order: run.
class purge {
 public:
  purge(schema_executor& executor, const plan& proposed, const sync_options& options)
      : executor_(executor), proposed_(proposed), options_(options) {}

  HEWN_COLD std::vector<kept_item> run() {
    if (proposed_.empty()) return {};
    if (!proposed_.purges())
      throw error(errc::usage, "hewn: this plan is not one of a purge; make one with plan_purge()");
    std::vector<kept_item> out;
    try {
      executor_.transaction({}, [&] { out = purge_locked(); });
    } catch (...) {
      record_refusal(std::current_exception());
      throw;
    }
    return out;
  }

 private:
  HEWN_COLD std::vector<kept_item> purge_locked() {
    const std::vector<kept_entry> found = find();
    for (const kept_entry& e : found)
      executor_.execute(concat({"LOCK TABLE ", e.place, " IN ACCESS EXCLUSIVE MODE"}));
    all_rows_seen(executor_,
                  [&] { fresh_.emplace(purge_plan(executor_, found, options_.policy)); });
    if (fresh_->blocked() || options_.approvals.empty())
      throw_with_report(errc::approval_required, *fresh_,
                        "hewn: what is kept is given up only when somebody approves it; follow a "
                        "repair below");
    if (fresh_->fingerprint() != proposed_.fingerprint())
      throw_with_report(errc::schema_mismatch, *fresh_,
                        "hewn: what is kept is not what it was when the purge was planned; look at "
                        "what follows, and approve that");
    audit::detail::check_recording(executor_);
    check_consent(executor_, *fresh_, options_.approvals, options_.policy);
    std::vector<kept_item> out;
    for (const kept_entry& e : found) {
      begun_ = true;
      // Not by execute(), which would keep it.
      executor_.query(concat({"DROP TABLE ", e.place}));
      set_state(executor_, e, "purged");
      out.push_back(e);
    }
    for (const kept_entry& e : found) drop_empty_schema(executor_, e);
    for (const approval& a : options_.approvals) audit::append(executor_, audit::use_of(a));
    audit::entry done = entry();
    done.detail = report(*fresh_);
    done.outcome = "applied";
    audit::append(executor_, std::move(done));
    return out;
  }

  // The rows of what the plan names.
  HEWN_COLD std::vector<kept_entry> find() {
    std::vector<kept_entry> out;
    const std::vector<kept_entry> all = kept_entries(executor_);
    for (const change& c : proposed_.changes()) {
      const kept_entry* found = nullptr;
      for (const kept_entry& e : all)
        if (purged_name(e) == c.table &&
            c.before == concat({std::to_string(e.id), " ", words_of(e)}))
          found = &e;
      if (!found) throw_not_kept(c.table);
      if (!found->is_kept() || kept_columns(executor_, *found).empty())
        throw error(error_details{
            .code = errc::schema_mismatch,
            .message = concat({"hewn: ", words_of(*found), " was ",
                               found->is_kept() ? "moved or dropped" : found->state,
                               " since the purge was planned, so nothing was purged; plan it "
                               "again"}),
            .table = found->table});
      out.push_back(*found);
    }
    return out;
  }

  audit::entry entry() const {
    const plan& p = fresh_ ? *fresh_ : proposed_;
    return {.actor = options_.actor,
            .event = "purge",
            .plan = p.fingerprint(),
            .from = p.from(),
            .to = p.to()};
  }

  void record_refusal(const std::exception_ptr& thrown) noexcept {
    const errc code = code_of(thrown);
    if (!options_.policy.audit || !can_record(code)) return;
    try {
      audit::entry e = entry();
      e.detail = words_of(thrown);
      e.outcome = begun_ ? "failed" : "refused";
      audit::append(executor_, std::move(e));
    } catch (...) {
    }
  }

  schema_executor& executor_;
  const plan& proposed_;
  const sync_options& options_;
  std::optional<plan> fresh_;
  bool begun_ = false;  // whether something was dropped
};

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn {

HEWN_API plan plan_purge(schema_executor& executor, const purge_selection& what,
                         const sync_policy& policy, call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  if (executor.dialect() != dialect::postgres)
    return plan(detail::plan_content{.dialect = executor.dialect()});
  const std::vector<detail::kept_entry> all = detail::kept_entries(executor);
  std::vector<detail::kept_entry> chosen;
  const auto take = [&](const detail::kept_entry& e) {
    if (!e.is_kept() || detail::kept_columns(executor, e).empty()) return false;
    for (const detail::kept_entry& other : chosen)
      if (other.id == e.id) return true;
    chosen.push_back(e);
    return true;
  };
  for (const std::int64_t id : what.ids)
    if (!take(detail::entry_of(all, id)))
      detail::throw_not_kept(detail::concat({"the id ", std::to_string(id), " any more"}));
  if (!what.plan.empty()) {
    bool any = false;
    for (const detail::kept_entry& e : detail::entries_of(all, what.plan)) any = take(e) || any;
    if (!any) detail::throw_not_kept("that plan any more");
  }
  if (what.ids.empty() && what.plan.empty())
    for (const detail::kept_entry& e : all)
      if (e.expired) take(e);
  plan made = detail::purge_plan(executor, chosen, policy);
  return made;
}

HEWN_API std::vector<kept_item> purge_kept(schema_executor& executor, const plan& proposed,
                                           const sync_options& options, call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  return detail::purge(executor, proposed, options).run();
}

}  // namespace hewn

#endif
