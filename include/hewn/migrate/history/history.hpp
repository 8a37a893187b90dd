// hewn/migrate/history/history.hpp - what has been done to a database, as it is recorded in it.
// SPDX-License-Identifier: BSL-1.0
//
// The history is a list of events that only grows: what holds of a version follows from the last
// event of each kind. Nothing is ever updated, so that it also tells what was undone and repaired.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/schema/table_declaration.hpp>
#include <hewn/schema/types.hpp>
#include <hewn/version.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

/// A row of `hewn_migrations`.
struct migration_event {
  std::int64_t id = 0;
  std::int64_t version = 0;
  std::string name;
  std::string event;  ///< applied, reverted, baseline, adopted, repaired or forgotten
  std::string checksum;
  std::string algorithm;
  timestamp at = {};
  std::int64_t duration_us = 0;
  bool out_of_order = false;  ///< a newer version had been applied before
  std::string library;        ///< the version of hewn
  std::string reason = {};    ///< who wanted it and why; empty where nobody was asked
  std::string schema = {};    ///< fingerprint of the schema afterwards; of a baseline only

  static consteval auto table() { return hewn::table("hewn_migrations").autoincrement(); }
};

/// A row of `hewn_migration_steps`: how far a migration is that cannot run in one transaction.
struct migration_step {
  std::int64_t version = 0;
  std::string direction;
  std::int64_t step = 0;       ///< counted from 1
  std::string checksum;        ///< of the statement
  bool done = false;           ///< false: begun, and perhaps interrupted
  std::int64_t watermark = 0;  ///< of a batched migration: the last key that is done
  std::int64_t rows = 0;       ///< of a batched migration: how many rows are done
  timestamp at = {};

  static consteval auto table() {
    return hewn::table("hewn_migration_steps")
        .primary_key<&migration_step::version, &migration_step::direction, &migration_step::step>();
  }
};

namespace detail {

/// What holds of one version.
struct version_record {
  std::string name;
  std::string checksum;
  std::string algorithm;
  std::string reason;
  timestamp at = {};
  std::int64_t duration_us = 0;
  std::int64_t order = 0;  // id of the event that applied it
  bool applied = false;
  bool baseline = false;
  bool out_of_order = false;
  bool forgotten = false;
};

/// The history as a table by version, and the migrations that were interrupted.
struct migration_history {
  std::map<std::int64_t, version_record> versions;
  std::vector<migration_step> steps;
  std::int64_t last_event = 0;  // everything up to this id is in

  const version_record* find(std::int64_t version) const {
    const auto found = versions.find(version);
    return found == versions.end() ? nullptr : &found->second;
  }

  bool applied(std::int64_t version) const {
    const version_record* r = find(version);
    return r != nullptr && r->applied;
  }

  /// How many of these are applied.
  std::size_t applied_of(const std::vector<std::int64_t>& list) const {
    std::size_t n = 0;
    for (const std::int64_t version : list) n += applied(version) ? 1u : 0u;
    return n;
  }

  bool interrupted(std::int64_t version, migration_direction d) const {
    for (const migration_step& s : steps)
      if (s.version == version && s.direction == to_string(d)) return true;
    return false;
  }

  /// 0: nothing is applied.
  std::int64_t newest_applied() const {
    for (auto i = versions.rbegin(); i != versions.rend(); ++i)
      if (i->second.applied) return i->first;
    return 0;
  }
};

/// Order: by the ids of the events.
inline void add_event(migration_history& h, const migration_event& e) {
  h.last_event = e.id;
  version_record& r = h.versions[e.version];
  r.reason = e.reason;
  if (e.event == "repaired") {
    r.checksum = e.checksum;
    r.algorithm = e.algorithm;
  } else if (e.event == "forgotten") {
    r.forgotten = true;
  } else if (e.event == "reverted") {
    r.applied = false;
    r.at = e.at;
    r.duration_us = e.duration_us;
  } else if (e.event == "applied" || e.event == "baseline" || e.event == "adopted") {
    r = {.name = e.name,
         .checksum = e.checksum,
         .algorithm = e.algorithm,
         .reason = e.reason,
         .at = e.at,
         .duration_us = e.duration_us,
         .order = e.id,
         .applied = true,
         .baseline = e.event == "baseline",
         .out_of_order = e.out_of_order};
  } else {
    throw error(errc::schema_mismatch,
                "hewn: the migration history holds an event that this version of hewn does not "
                "know; run a program built with the newer hewn");
  }
}

inline migration_event make_event(const migration_info& m, std::string_view event, timestamp at) {
  return {.version = m.version,
          .name = m.name,
          .event = std::string(event),
          .checksum = m.checksum,
          .algorithm = m.algorithm,
          .at = at,
          .library = std::to_string(version_major) + "." + std::to_string(version_minor) + "." +
                     std::to_string(version_patch)};
}

/// The tables that hewn keeps for itself.
inline bool is_history_table(std::string_view name) {
  return name == "hewn_migrations" || name == "hewn_migration_steps";
}

}  // namespace detail
}  // namespace hewn
