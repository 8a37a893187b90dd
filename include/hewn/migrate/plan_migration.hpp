// hewn/migrate/plan_migration.hpp - a plan as a migration, with the way back.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/migrate/files/folder.hpp>
#include <hewn/sync/model/database_executor.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/plan/make_plan.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <string>
#include <utility>

#if HEWN_DEFINES_MIGRATE
#  include <hewn/base/error.hpp>
#  include <hewn/dialect/text/quote.hpp>
#  include <hewn/sync/approval/approval.hpp>
#  include <hewn/sync/model/canonical_text.hpp>
#  include <hewn/sync/model/change.hpp>
#  include <hewn/sync/model/fact.hpp>
#  include <hewn/sync/model/intent.hpp>
#  include <hewn/sync/model/step.hpp>
#  include <hewn/sync/plan/without_rows.hpp>

#  include <algorithm>
#  include <string_view>
#  include <vector>
#endif

namespace hewn {

/// `p` as a migration called `name`. Its way back is the plan that undoes it; where there is none,
/// it is declared irreversible, with the reason: that is tried out on a private database with rows
/// that are made up, see schema_executor::with_samples. What takes values away is declared
/// destructive: whoever runs it is asked for an approval where there are any. The database of
/// `executor` is of the kind that the plan is for; nothing in it is read or written. PostgreSQL: in
/// a transaction that is rolled back, for which the role needs CREATE on the database. Throws:
/// errc::usage for a plan that is empty or blocked.
HEWN_API migration_draft draft_of(schema_executor& executor, const plan& p, std::string name,
                                  call_site site = call_site::current());

/// Writes `p` as the next migration of the folder, and returns its path. Nothing is applied.
/// Throws: as draft_of and write_migration.
HEWN_API std::string write_migration(schema_executor& executor, const std::string& folder,
                                     const plan& p, std::string name,
                                     migration_numbering numbering = migration_numbering::as_before,
                                     call_site site = call_site::current());

/// As above, for a plan of this database.
template <synced_database Database>
std::string write_migration(const Database& db, const std::string& folder, const plan& p,
                            std::string name,
                            migration_numbering numbering = migration_numbering::as_before,
                            call_site site = call_site::current()) {
  const detail::call_scope at(site);
  return write_migration(*detail::executor_of(db), folder, p, std::move(name), numbering);
}

#if HEWN_DEFINES_MIGRATE

namespace detail {

/// Whether the change takes values away in some database, though perhaps not in this one.
inline bool may_lose(const change& c) {
  return c.kind == change_kind::drop_table || c.kind == change_kind::drop_column ||
         c.risk.effect == data_effect::lossy ||
         std::any_of(c.facts.begin(), c.facts.end(),
                     [](const fact& f) { return is_loss(f.question.kind); });
}

/// Whether the change adds a column that no row would have a value for.
inline bool needs_value(const change& c) {
  return c.kind == change_kind::add_column &&
         std::any_of(c.facts.begin(), c.facts.end(),
                     [](const fact& f) { return f.question.kind == fact_kind::no_value; });
}

inline std::string one_line(std::string text) {
  for (char& c : text)
    if (c == '\n' || c == '\r') c = ' ';
  return text;
}

/// "drop column customer.fax, drop table notes": those of the changes that `counts` is true of.
template <class Counts>
std::string subjects_of(const plan& p, Counts counts) {
  std::string out;
  for (const change& c : p.changes())
    if (counts(c)) out += (out.empty() ? "" : ", ") + subject_of(c);
  return one_line(std::move(out));
}

/// The statements of the plan. What it expects in between is not there: a migration is tried out,
/// and its losses are counted, before it runs.
inline std::vector<std::string> statements_of(const plan& p) {
  std::vector<std::string> out;
  for (const step& s : p.steps())
    if (s.kind != step_kind::expect && s.kind != step_kind::keep) out.push_back(s.sql);
  return out;
}

/// What an error says between its subject and its repair.
inline std::string reason_in(const error& failure) {
  std::string_view text = failure.what();
  if (text.starts_with("hewn: ")) text.remove_prefix(6);
  return std::string(text.substr(0, text.rfind("; ")));
}

/// Why the changes of `p` cannot be undone by `back`, made without rows; empty: they can.
inline std::string why_irreversible(const plan& p, const plan& back) {
  for (const change& c : p.changes()) {
    if (c.kind != change_kind::change_type) continue;
    const bool converted =
        std::any_of(p.wanted().intents.begin(), p.wanted().intents.end(), [&](const intent& i) {
          return i.kind == intent_kind::convert && i.table == c.table && i.column == c.object;
        });
    if (converted || c.counted(fact_kind::values_changed) != 0)
      return subject_of(c) + " makes other values of those that are there";
  }
  for (const change& c : back.changes()) {
    if (c.verdict == verdict::blocked) return "to " + subject_of(c) + " again: " + c.reason;
    if (needs_value(c)) return "no row has a value for " + c.table + "." + c.object + " any more";
  }
  if (!back.problems().empty()) return back.problems().front();
  return {};
}

/// Why a change of the way back is impossible where there are rows.
inline std::string why_blocked(const change& c) {
  std::string reason = c.reason;
  for (const fact& f : c.facts) {
    if (!is_obstacle(f.question.kind) || f.count == 0) continue;
    // Of rows that were made up neither the number nor the keys say anything.
    if (f.question.kind == fact_kind::no_value)
      return "no row has a value for " + c.table + "." + c.object + " any more";
    reason = f.question.kind == fact_kind::violations   ? "rows that are there then violate it"
             : f.question.kind == fact_kind::orphans    ? "what rows refer to is gone then"
             : f.question.kind == fact_kind::duplicates ? "rows have the same value then"
                                                        : "rows that are there then are in the way";
  }
  return "to " + subject_of(c) + " again: " + reason;
}

/// Takes the statements of a plan as a migration does.
inline void take_steps(schema_executor& executor, const plan& p) {
  executor.transaction({.moves_rows = p.moves_rows()}, [&] {
    for (const std::string& sql : statements_of(p)) executor.execute(sql);
  });
}

inline bool is_of_rows(errc code) {
  return code == errc::check || code == errc::not_null || code == errc::conflict ||
         code == errc::foreign_key;
}

/// Why the way back fails behind `p` in a database that has rows, as tried out on rows that are
/// made up; empty: it does not, or nobody can tell.
inline std::string why_back_fails(schema_executor& like, const plan& p, const plan& back) {
  const auto tried = like.with_samples(p.before(), true);
  if (!tried) return {};
  try {
    take_steps(*tried, p);
    for (const change& c : plan_undo(*tried, p).changes())
      if (c.verdict == verdict::blocked) return why_blocked(c);
  } catch (const error&) {
    return {};  // the rows that were made up do not even take the way there
  }
  const std::vector<std::string> broken = tried->broken_references();
  try {
    take_steps(*tried, back);
  } catch (const error& failure) {
    return is_of_rows(failure.code()) ? "with rows it fails: " + reason_in(failure) : std::string();
  }
  return tried->broken_references().size() > broken.size() ? "what rows refer to is gone then" : "";
}

/// The way back from `p` where there are no rows.
inline plan plan_back(schema_executor& executor, const plan& p) {
  if (executor.dialect() == dialect::sqlite) {
    schema_without_rows after(executor, executor.rehearse(p.before(), p.steps()).after);
    return plan_undo(after, p);
  }
  // PostgreSQL tries steps on copies of what is there, and there it is not.
  const auto tried = executor.with_samples(p.before(), false);
  take_steps(*tried, p);
  return plan_undo(*tried, p);
}

}  // namespace detail

HEWN_API migration_draft draft_of(schema_executor& executor, const plan& p, std::string name,
                                  call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  if (p.empty())
    throw error(errc::usage, "hewn: a plan without changes makes no migration; plan first");
  if (p.blocked())
    throw error(errc::usage,
                "hewn: a plan that is blocked cannot be written as a migration; follow the repairs "
                "in its report");
  migration_draft out{.name = std::move(name), .up = detail::statements_of(p)};
  out.destructive_up = detail::subjects_of(p, &detail::may_lose);
  const std::string unfilled = detail::subjects_of(p, [&](const change& c) {
    return detail::needs_value(c) && !detail::find_intent(p.wanted().intents, intent_kind::backfill,
                                                          c.table, c.object, p.dialect());
  });
  if (!unfilled.empty())
    out.note_up = "fails where the table has rows, which would have no value: " + unfilled;
  const plan back = detail::plan_back(executor, p);
  out.irreversible = detail::one_line(detail::why_irreversible(p, back));
  if (out.irreversible.empty())
    out.irreversible = detail::one_line(detail::why_back_fails(executor, p, back));
  out.foreign_keys_off = p.moves_rows() || (out.irreversible.empty() && back.moves_rows());
  if (!out.irreversible.empty()) return out;
  out.down = detail::statements_of(back);
  // plan_undo leaves types, which others may use by now. A migration is undone when nobody does.
  for (const change& c : p.changes())
    if (c.kind == change_kind::create_type)
      out.down.push_back("DROP TYPE " + quote_identifier(c.object, p.dialect()));
  out.destructive_down = detail::subjects_of(back, &detail::may_lose);
  const std::string gone = detail::subjects_of(p, [](const change& c) {
    return c.risk.undo != reversibility::exact && c.kind != change_kind::add_column;
  });
  if (!gone.empty()) out.note_down = "brings back the schema, not the values: " + gone;
  return out;
}

HEWN_API std::string write_migration(schema_executor& executor, const std::string& folder,
                                     const plan& p, std::string name, migration_numbering numbering,
                                     call_site site) {
  const detail::call_scope at(detail::outer_call(site));
  return write_migration(folder, draft_of(executor, p, std::move(name)), numbering);
}

#endif

}  // namespace hewn

#if HEWN_DEFINES_CORE
#  include <hewn/sync/plan/undo.hpp>
#endif
