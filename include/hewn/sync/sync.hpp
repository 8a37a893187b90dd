// hewn/sync/sync.hpp - planning and applying on a live database, whatever its driver is.
// SPDX-License-Identifier: BSL-1.0
//
// Order: make_plan, look at it, apply. apply takes the lock, reads the schema again, plans again if
// it moved, runs the steps, and commits only if nothing is left to do.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/dialect.hpp>
#include <hewn/schema/model.hpp>
#include <hewn/sync/check_names.hpp>
#include <hewn/sync/plan.hpp>
#include <hewn/sync/report.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace hewn {

/// What sync needs from a database. `introspect` reads the live schema; `normalise` returns a
/// wanted schema as introspect would report it once it were created; `execute` runs one statement.
/// An executor may also have `transaction(action)`, which calls `action()` holding the write lock
/// from the start, commits when it returns and rolls back when it throws.
template <class T>
concept schema_executor = requires(T& executor, const schema::database& wanted,
                                   std::string_view sql) {
  { executor.dialect() } -> std::same_as<dialect>;
  { executor.introspect() } -> std::same_as<schema::database>;
  { executor.normalise(wanted) } -> std::same_as<schema::database>;
  executor.execute(sql);
};

namespace detail {

[[noreturn]] HEWN_COLD inline void throw_approval_required(const plan& p) {
  const change& first = p.pending().front();
  std::string message = "hewn: the schema of table ";
  message += first.table;
  message +=
      " differs from its declaration in a way that needs a decision; "
      "follow a repair below\n";
  message += report(p);
  while (message.back() == '\n') message.pop_back();
  throw error(error_details{
      .code = errc::approval_required, .message = std::move(message), .table = first.table});
}

[[noreturn]] HEWN_COLD inline void throw_not_converged(const plan& rest) {
  const change& first = rest.changes().front();
  std::string message = "hewn: the schema of table ";
  message += first.table;
  message += " still differs after all steps, so they were rolled back; please report this\n";
  message += report(rest);
  while (message.back() == '\n') message.pop_back();
  throw error(error_details{
      .code = errc::schema_mismatch, .message = std::move(message), .table = first.table});
}

template <schema_executor Executor, class Action>
void in_transaction(Executor& executor, Action action) {
  if constexpr (requires { executor.transaction(action); }) {
    executor.transaction(action);
  } else {
    executor.execute(executor.dialect() == dialect::sqlite ? "BEGIN IMMEDIATE" : "BEGIN");
    try {
      action();
      executor.execute("COMMIT");
    } catch (...) {
      try {
        executor.execute("ROLLBACK");
      } catch (const error&) {
        // The database has rolled back already; the first error says why.
      }
      throw;
    }
  }
}

}  // namespace detail

/// Compares the live schema with `wanted`. Reads only.
/// Throws: errc::usage for impossible names, errc::syntax when the database does not accept
/// `wanted`, and what reading throws.
template <schema_executor Executor>
plan make_plan(Executor& executor, const schema::database& wanted) {
  check_names(wanted, executor.dialect());
  schema::database normalised = executor.normalise(wanted);
  return plan(executor.introspect(), std::move(normalised), executor.dialect());
}

/// Applies `proposed` as a whole or not at all, and returns the plan that was applied: another one
/// when the schema changed in between, an empty one when somebody else did the same work. An empty
/// plan writes nothing and takes no lock.
/// Throws: errc::approval_required with the report when a change waits; nothing is applied then.
template <schema_executor Executor>
plan apply(Executor& executor, const plan& proposed) {
  if (!proposed.pending().empty()) detail::throw_approval_required(proposed);
  if (proposed.empty()) return proposed;
  std::optional<plan> applied;
  detail::in_transaction(executor, [&] {
    // Under the lock the schema cannot move any more; before, it could.
    applied.emplace(executor.introspect(), proposed.wanted(), proposed.dialect());
    if (!applied->pending().empty()) detail::throw_approval_required(*applied);
    if (applied->empty()) return;
    for (const std::string& step : applied->steps()) executor.execute(step);
    const plan rest(executor.introspect(), proposed.wanted(), proposed.dialect());
    if (!rest.empty()) detail::throw_not_converged(rest);
  });
  return *std::move(applied);
}

}  // namespace hewn
