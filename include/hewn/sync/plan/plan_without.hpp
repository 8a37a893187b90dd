// hewn/sync/plan/plan_without.hpp - a plan without some of its changes.
// SPDX-License-Identifier: BSL-1.0
//
// A plan is never carried out in part. Leaving a change out means to want another schema, for which
// another plan is made, with a fingerprint of its own; what depends on the change shows up there.
#pragma once

#include <hewn/base/error.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/model/make_change.hpp>
#include <hewn/sync/plan/make_plan.hpp>
#include <hewn/sync/plan/plan.hpp>
#include <hewn/sync/plan/planner.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn {

namespace detail {

/// Takes changes back out of a wanted schema, one by one.
class withholder {
 public:
  explicit withholder(const plan& p) : plan_(p), wanted_(p.wanted()) {}

  void leave_out(const change& c) {
    const schema::table* live = find_table(plan_.before(), c.table, plan_.dialect());
    schema::table* wanted = mutable_table(c.table);
    switch (c.kind) {
      case change_kind::create_table:
        std::erase_if(wanted_.schema.tables, [&](const schema::table& t) {
          return same_name(plan_.dialect(), t.name, c.table);
        });
        return;
      case change_kind::drop_table:
        if (live) wanted_.schema.tables.push_back(*live);
        return;
      default:
        break;
    }
    if (!live || !wanted) refuse(c);
    if (!leave_column(c, *live, *wanted) && !leave_constraint(c, *live, *wanted)) refuse(c);
  }

  wanted_schema result() && { return std::move(wanted_); }

  [[noreturn]] static void refuse(const change& c) {
    throw error(error_details{
        .code = errc::usage,
        .message = "hewn: " + std::string(to_string(c.kind)) + " of " + c.table +
                   " cannot be left out, because the rest of the plan builds on it; approve it, or "
                   "change the declaration",
        .table = c.table});
  }

 private:
  schema::table* mutable_table(std::string_view name) {
    for (schema::table& t : wanted_.schema.tables)
      if (same_name(plan_.dialect(), t.name, name)) return &t;
    return nullptr;
  }

  bool leave_column(const change& c, const schema::table& live, schema::table& wanted) {
    const schema::column* before = find_column(live, c.object, plan_.dialect());
    schema::column* after = nullptr;
    for (schema::column& each : wanted.columns)
      if (same_name(plan_.dialect(), each.name, c.object)) after = &each;
    switch (c.kind) {
      case change_kind::add_column:
        std::erase_if(wanted.columns, [&](const schema::column& each) {
          return same_name(plan_.dialect(), each.name, c.object);
        });
        // They come with the column and are no changes by themselves.
        std::erase_if(wanted.checks, [&](const schema::check& k) {
          return mentions(k.text, c.object, plan_.dialect());
        });
        std::erase_if(wanted.foreign_keys, [&](const schema::foreign_key& k) {
          return k.columns.size() == 1 && same_name(plan_.dialect(), k.columns[0], c.object);
        });
        std::erase_if(wanted.time_triggers, [&](const schema::time_trigger& t) {
          return mentions(t.sql, c.object, plan_.dialect());
        });
        return true;
      case change_kind::drop_column:
        if (before) wanted.columns.push_back(*before);
        return before != nullptr;
      case change_kind::change_type:
        return before && after && (after->type = before->type, true);
      case change_kind::fill_column:
      case change_kind::change_nullability:
        return before && after && (after->not_null = before->not_null, true);
      case change_kind::change_default:
        return before && after && (after->default_text = before->default_text, true);
      case change_kind::change_collation:
        return before && after && (after->collation = before->collation, true);
      case change_kind::change_autoincrement:
        return before && after && (after->autoincrement = before->autoincrement, true);
      case change_kind::change_generated:
        if (!before || !after) return false;
        after->generated = before->generated;
        after->generated_text = before->generated_text;
        after->default_text = before->default_text;
        return true;
      default:
        return false;
    }
  }

  template <class Item, class Text>
  static void restore(std::vector<Item>& wanted, const std::vector<Item>& live, const change& c,
                      const Text& text) {
    if (!c.after.empty()) std::erase_if(wanted, [&](const Item& i) { return text(i) == c.after; });
    if (!c.before.empty())
      for (const Item& i : live)
        if (text(i) == c.before) wanted.push_back(i);
  }

  bool leave_constraint(const change& c, const schema::table& live, schema::table& wanted) {
    const dialect d = plan_.dialect();
    switch (c.kind) {
      case change_kind::add_unique:
      case change_kind::drop_unique:
        restore(wanted.unique_keys, live.unique_keys, c,
                [d](const schema::unique_key& k) { return unique_text(k, d); });
        return true;
      case change_kind::add_check:
      case change_kind::drop_check:
      case change_kind::change_check:
        restore(wanted.checks, live.checks, c,
                [](const schema::check& k) { return check_text(k); });
        return true;
      case change_kind::add_foreign_key:
      case change_kind::drop_foreign_key:
      case change_kind::change_foreign_key:
        restore(wanted.foreign_keys, live.foreign_keys, c,
                [d](const schema::foreign_key& k) { return reference_text(k, d); });
        return true;
      case change_kind::create_index:
      case change_kind::drop_index:
      case change_kind::change_index:
        restore(wanted.indexes, live.indexes, c,
                [&](const schema::index& i) { return index_text(i, live.name, d); });
        return true;
      case change_kind::rename_index:
        for (schema::index& i : wanted.indexes)
          if (same_name(d, i.name, c.object)) i.name = unquoted(tokenize(c.before).front());
        return true;
      case change_kind::create_trigger:
      case change_kind::drop_trigger:
      case change_kind::change_trigger:
        if (!is_time_trigger(c.object) || wanted_.complete) return false;
        restore(wanted.time_triggers, live.time_triggers, c,
                [](const schema::time_trigger& t) { return time_trigger_text(t); });
        return true;
      default:
        return false;
    }
  }

  const plan& plan_;
  wanted_schema wanted_;
};

inline plan plan_rest(schema_executor& executor, wanted_schema rest, const sync_policy& policy) {
  // Then the database is asked whether it is a schema at all.
  if (!rest.complete) rest.schema.sources.clear();
  try {
    return make_plan(executor, std::move(rest), policy);
  } catch (const error& failure) {
    if (failure.code() != errc::syntax) throw;
    throw error(error_details{
        .code = errc::usage,
        .message = "hewn: the rest of the plan builds on what was to be left out, because " +
                   without_frame(failure.what()) + "; leave that out as well, or nothing",
        .table = failure.table()});
  }
}

}  // namespace detail

#if HEWN_DEFINES_CORE

HEWN_API plan plan_without(schema_executor& executor, const plan& whole,
                           const std::vector<std::string>& change_ids, const sync_policy& policy,
                           call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  detail::withholder rest(whole);
  for (const std::string& id : change_ids) {
    const auto found = std::find_if(whole.changes().begin(), whole.changes().end(),
                                    [&](const change& c) { return c.id() == id; });
    if (found == whole.changes().end())
      throw error(errc::usage, "hewn: the plan has no change " + id.substr(0, 16) +
                                   "; take the id from its report");
    rest.leave_out(*found);
  }
  plan part = detail::plan_rest(executor, std::move(rest).result(), policy);
  // What comes and what goes may look alike, as a reference to a primary key that changes.
  for (const change& c : part.changes())
    if (std::find(change_ids.begin(), change_ids.end(), c.id()) != change_ids.end())
      detail::withholder::refuse(c);
  return part;
}

#endif

}  // namespace hewn
