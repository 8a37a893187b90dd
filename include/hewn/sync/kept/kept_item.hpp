// hewn/sync/kept/kept_item.hpp - what sync has kept instead of losing it, put back or given up.
// SPDX-License-Identifier: BSL-1.0
//
// Declarations. The definitions are in kept_entries.hpp, restoration.hpp and purge.hpp; with
// HEWN_SEPARATE_COMPILATION they are compiled in one unit of the program.
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/schema/types.hpp>
#include <hewn/sync/apply/apply_plan.hpp>
#include <hewn/sync/approval/policy.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/plan/plan.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

/// A table that was dropped with rows, or the values of a column that were dropped or changed.
struct kept_item {
  std::int64_t id = 0;        ///< 1, 2, 3, ... in this schema
  std::string plan = {};      ///< plan::fingerprint() of the apply that dropped it
  std::string table = {};     ///< its name then
  std::string column = {};    ///< empty: the whole table
  std::string place = {};     ///< where it is now: `"schema"."table"`
  std::int64_t rows = 0;      ///< rows of the table, or values of the column, when it was dropped
  std::string approver = {};  ///< who approved that; empty: nobody had to
  timestamp since = {};       ///< by the clock of the database
  timestamp until = {};       ///< since and sync_policy::retention; it may be purged from then on
  bool expired = false;       ///< by the clock of the database
  std::string obstacle = {};  ///< why restore_dropped() would refuse it now; empty: it would not

  bool restorable() const { return obstacle.empty(); }
  bool operator==(const kept_item&) const = default;
};

/// How something is put back.
struct restore_options {
  /// Values also take the place of others. Otherwise only of NULL and of a constant default.
  bool overwrite = false;
  /// A table comes back without its references to other tables, whose rows may be gone.
  bool without_foreign_keys = false;
  std::string actor = {};  ///< who does it, for the audit; may be empty
};

/// What became of an item that was put back. Of a column, `rows`, `gone`, `occupied` and `unfit`
/// are all of its values.
struct restored_item {
  std::int64_t id = 0;
  std::string table = {};
  std::string column = {};    ///< empty: the whole table
  std::int64_t rows = 0;      ///< in the table, or values that are in their rows now
  std::int64_t gone = 0;      ///< values whose rows are not there any more
  std::int64_t occupied = 0;  ///< values whose rows have another one, which was left alone
  std::int64_t unfit = 0;     ///< values that the column's type of today does not hold
  std::vector<std::string> unfit_keys = {};  ///< of some of these, such as `id=7`

  bool operator==(const restored_item&) const = default;
};

/// Which items are purged: those of `ids`, or of `plan`; by default those that are expired.
struct purge_selection {
  std::vector<std::int64_t> ids = {};
  std::string plan = {};  ///< plan::fingerprint(), or its first 8 digits or more
};

/// What is kept in the current schema, the oldest first. Reads only. SQLite keeps nothing in the
/// database, see applied::backup: always empty.
[[nodiscard]] HEWN_API std::vector<kept_item> kept(schema_executor& executor,
                                                   call_site site = call_site::current());

/// Puts back what an apply dropped: all of it, or the item `id`; as a whole or not at all. A table
/// returns under its name with its rows, indexes, sequences, privileges and references to other
/// tables. Values return to the rows from which they came, found by their keys, and only where a
/// row has none; triggers and rules of the table sleep meanwhile. What was left out is counted in
/// the result, and the item then stays restorable. Values stay kept until they are purged.
/// `plan`: plan::fingerprint(), or its first 8 digits or more.
/// Throws: errc::not_found for what is not kept; errc::usage with the reason where something is in
/// the way, and on SQLite, where it names the backup; what the database reports.
[[nodiscard]] HEWN_API std::vector<restored_item> restore_dropped(
    schema_executor& executor, std::string_view plan, const restore_options& options = {},
    call_site site = call_site::current());
[[nodiscard]] HEWN_API restored_item restore_dropped(schema_executor& executor, std::int64_t id,
                                                     const restore_options& options = {},
                                                     call_site site = call_site::current());

/// The plan that gives up what is kept for good: a change for each item, with its rows counted now,
/// all of which wait for an approval. It is approved by approve() and carried out by purge_kept().
/// Empty when nothing is expired, and on SQLite. Reads only.
/// Throws: errc::not_found for an id or a plan of which nothing is kept.
[[nodiscard]] HEWN_API plan plan_purge(schema_executor& executor, const purge_selection& what = {},
                                       const sync_policy& policy = policy::standard(),
                                       call_site site = call_site::current());

/// Carries out a plan of plan_purge() as a whole or not at all, and returns what is gone now. Its
/// rows are counted again under the lock. Of `options`, intents and progress have no meaning.
/// Throws: errc::approval_required with every reason why the approvals do not hold;
/// errc::schema_mismatch when an item was restored or purged meanwhile; errc::usage for another
/// plan.
HEWN_API std::vector<kept_item> purge_kept(schema_executor& executor, const plan& proposed,
                                           const sync_options& options = {},
                                           call_site site = call_site::current());

}  // namespace hewn
