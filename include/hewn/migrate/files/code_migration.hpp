// hewn/migrate/files/code_migration.hpp - one migration written in C++.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/fwd.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/files/migration_key.hpp>
#include <hewn/migrate/files/sql_statement.hpp>
#include <hewn/query/database.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace hewn {

/// A step of a migration. It gets a session in the transaction of the migration, and may begin
/// transactions in it, which are savepoints.
template <class Driver>
using migration_function = std::function<void(const transactional<Driver>&)>;

/// The change of many rows, a batch at a time, each in a transaction of its own. It goes on where
/// it stopped. Batches follow the key upwards, so rows that come meanwhile with lower keys are
/// missed.
template <class Driver>
struct batched {
  std::string table;
  std::string key = "id";                 ///< an integer column with an index; SQLite: also rowid
  std::int64_t size = 1000;               ///< rows of a batch
  std::chrono::milliseconds throttle{0};  ///< pause between batches, so that others can write
  /// How long a batch shall take: `size` is that of the first one, and the others follow. 0: all
  /// have `size` rows.
  std::chrono::milliseconds batch_time{0};
  std::int64_t rows_per_second = 0;  ///< at most so many; 0: as many as it goes
  /// PostgreSQL: no batch begins while a replica has not replayed what was written so long ago. The
  /// role needs pg_monitor, or the right to read pg_stat_replication. 0: nobody looks.
  std::chrono::milliseconds max_replica_lag{0};
  /// No batch begins while this is true. The connection of the migration refuses its statements.
  std::function<bool()> pause_while = {};
  /// How long a batch waits for a replica or for `pause_while` before the migration gives up.
  std::chrono::milliseconds patience{600'000};
  /// Does the rows whose keys lie between `first` and `last`, both included.
  std::function<void(const transactional<Driver>&, std::int64_t first, std::int64_t last)> change;
};

/// A migration in C++. `id` stands for its content, as the checksum of a file does: give it another
/// value when the migration is no longer the same. It may be run on a copy of the database first,
/// on PostgreSQL twice in its transaction, so it must have no effect outside the database.
template <class Driver>
struct basic_migration {
  std::int64_t version = 0;
  std::string name;
  std::string id;
  std::string source_hash = {};  ///< optional: joins `id` in the checksum
  migration_function<Driver> up = {};
  migration_function<Driver> down = {};
  std::optional<hewn::batched<Driver>> batches = {};  ///< instead of `up`
  std::vector<migration_key> needs = {};              ///< must be applied before: versions or names
  std::vector<migration_key> after = {};     ///< it was written behind: as `-- after:` of a file
  std::vector<migration_key> replaces = {};  ///< versions that this one does at once
  std::string destructive = {};              ///< why up loses data
  std::string destructive_down = {};         ///< why down loses data
  std::vector<std::string> overwrites = {};  ///< `table.column`: up puts other values there
  std::vector<std::string> overwrites_down = {};  ///< likewise down
  std::string irreversible = {};                  ///< why there is no `down`
  bool in_transaction = true;                     ///< false: must bear to be run again
  bool foreign_keys_off = false;
  /// Whether it is tried out first. Without it, nobody notices what it destroys.
  bool rehearsed = true;
};

namespace detail {

/// A migration as the runner sees it, whatever it is written in.
template <class Driver>
struct runnable {
  migration_info info = {};
  std::vector<sql_statement> up = {};
  std::vector<sql_statement> down = {};
  migration_function<Driver> up_code = {};
  migration_function<Driver> down_code = {};
  std::optional<batched<Driver>> batches = {};

  const std::vector<sql_statement>& statements(migration_direction d) const {
    return d == migration_direction::up ? up : down;
  }
  const migration_function<Driver>& code(migration_direction d) const {
    return d == migration_direction::up ? up_code : down_code;
  }
  bool is_batched(migration_direction d) const {
    return batches.has_value() && d == migration_direction::up;
  }
  /// Whether a step of it is committed before the next.
  bool in_steps(migration_direction d) const { return !info.in_transaction || is_batched(d); }
};

}  // namespace detail
}  // namespace hewn
