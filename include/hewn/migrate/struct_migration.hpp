// hewn/migrate/struct_migration.hpp - the next migration, from structs and the ones that are there.
// SPDX-License-Identifier: BSL-1.0
//
//     hewn::write_migration<user, team>("migrations", {.name = "teams"}, lite, server);
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/migrate/files/folder.hpp>
#include <hewn/migrate/files/write_drafts.hpp>
#include <hewn/migrate/run/migrator.hpp>
#include <hewn/query/database.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/intent.hpp>
#include <hewn/sync/sync_structs.hpp>

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#if HEWN_DEFINES_MIGRATE
#  include <hewn/base/error.hpp>
#  include <hewn/migrate/plan_migration.hpp>
#  include <hewn/sync/approval/policy.hpp>
#  include <hewn/sync/plan/plan.hpp>

#  include <filesystem>
#  include <optional>
#  include <system_error>
#  include <utility>
#endif

namespace hewn {

/// What write_migration<...>() is to write.
struct migration_request {
  std::string name;
  /// What is meant in this migration alone, beside what the declarations say: a table that goes.
  std::vector<intent> intents = {};
  migration_numbering numbering = migration_numbering::as_before;
};

/// What a database gives to write_migration<...>(): a database or a connection of a pool, for which
/// the migrations are those of the folder; or a migrator, which has its own.
template <class T>
concept migration_source = requires(const T& source) {
  []<class Driver>(const transactional<Driver>&) {}(source);
}
|| requires(const T& source) {
  []<class Driver>(const migrator<Driver>&) {}(source);
};

namespace detail {

/// As migrations_in, for a folder that may be empty or not there yet.
HEWN_API std::vector<migration_file> migrations_if_any(const std::string& folder);

/// Adds what leads from the schema of `executor` to the tables. Throws: usage where nothing does,
/// and for a second database of one kind.
HEWN_API void add_draft(migration_drafts& to, schema_executor& executor,
                        std::span<const table_info* const> tables,
                        const migration_request& request);

template <class Driver>
void add_draft_of(migration_drafts& to, const std::string&, const migrator<Driver>& migrations,
                  std::span<const table_info* const> tables, const migration_request& request) {
  to.after = std::max(to.after, migrations.newest_version());
  migrations.on_empty_database(
      [&](schema_executor& executor) { add_draft(to, executor, tables, request); });
}

template <class Driver>
void add_draft_of(migration_drafts& to, const std::string& folder, transactional<Driver>& db,
                  std::span<const table_info* const> tables, const migration_request& request) {
  add_draft_of(to, folder, migrator<Driver>(db, migrations_if_any(folder)), tables, request);
}

template <class... Tables, class... Sources>
migration_drafts drafts_of(const std::string& folder, const migration_request& request,
                           Sources&... sources) {
  static_assert(sizeof...(Tables) > 0,
                "hewn: a migration from structs needs the structs; write "
                "write_migration<user, team>(folder, {.name = \"teams\"}, db)");
  migration_drafts out;
  (add_draft_of(out, folder, sources, tables_of<Tables...>(), request), ...);
  return out;
}

}  // namespace detail

/// The migration that leads from what those of the folder make to what the structs declare, and its
/// way back. The folder's migrations are run on an empty private database (see
/// migrator::on_empty_database); what is in the database at hand, and whether it is migrated, does
/// not matter. Tables that no struct describes stay. Empty: the structs are what the folder makes.
/// Throws: as draft_of, for a change that is blocked with its report; what a migration ends in.
template <class... Tables, migration_source Source>
migration_drafts draft_migration(const std::string& folder, const migration_request& request,
                                 Source& source, call_site site = call_site::current()) {
  const detail::call_scope at(site);
  return detail::drafts_of<Tables...>(folder, request, source);
}

/// The same for both databases, one of SQLite and one of PostgreSQL in any order.
template <class... Tables, migration_source First, migration_source Second>
migration_drafts draft_migration(const std::string& folder, const migration_request& request,
                                 First& first, Second& second,
                                 call_site site = call_site::current()) {
  const detail::call_scope at(site);
  return detail::drafts_of<Tables...>(folder, request, first, second);
}

/// Writes that migration into the folder with the next number, and returns the paths of its files,
/// none when there is nothing to do. With one database they are for that one alone; the other has
/// no such version. Throws: as draft_migration and write_drafts, and then the folder is as it was.
template <class... Tables, migration_source Source>
std::vector<std::string> write_migration(const std::string& folder,
                                         const migration_request& request, Source& source,
                                         call_site site = call_site::current()) {
  const detail::call_scope at(site);
  return write_drafts(folder, detail::drafts_of<Tables...>(folder, request, source),
                      request.numbering);
}

/// The same for both databases: one file where both get the same, else files for each.
template <class... Tables, migration_source First, migration_source Second>
std::vector<std::string> write_migration(const std::string& folder,
                                         const migration_request& request, First& first,
                                         Second& second, call_site site = call_site::current()) {
  const detail::call_scope at(site);
  return write_drafts(folder, detail::drafts_of<Tables...>(folder, request, first, second),
                      request.numbering);
}

#if HEWN_DEFINES_MIGRATE

HEWN_API std::vector<migration_file> detail::migrations_if_any(const std::string& folder) {
  std::error_code problem;
  if (!std::filesystem::exists(folder, problem) && !problem) return {};
  return sql_files_in(folder).empty() ? std::vector<migration_file>() : migrations_in(folder);
}

HEWN_API void detail::add_draft(migration_drafts& to, schema_executor& executor,
                                std::span<const table_info* const> tables,
                                const migration_request& request) {
  const bool lite = executor.dialect() == dialect::sqlite;
  const std::string name = lite ? "SQLite" : "PostgreSQL";
  std::optional<migration_draft>& own = lite ? to.sqlite : to.postgres;
  const plan p =
      plan_tables(executor, tables, {.policy = policy::standard(), .intents = request.intents});
  if (p.blocked()) {
    std::string message =
        "hewn: no migration on " + name +
        " leads from those that are there to the structs; follow the repairs in its report\n" +
        report(p);
    while (message.back() == '\n') message.pop_back();
    throw error(errc::usage, std::move(message));
  }
  if (p.empty()) return;
  if (own)
    throw error(errc::usage, "hewn: a migration from structs was given two databases of " + name +
                                 "; give one of each kind");
  own = draft_of(executor, p, request.name);
}

#endif

}  // namespace hewn
