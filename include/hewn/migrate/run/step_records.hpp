// hewn/migrate/run/step_records.hpp - what the journal says of the steps of a migration.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/digest.hpp>
#include <hewn/base/error.hpp>
#include <hewn/migrate/files/checksum.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/files/sql_statement.hpp>
#include <hewn/migrate/history/history.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace hewn::detail {

inline std::string step_checksum(const sql_statement& s) {
  return sha256_hex(canonical_text(s.text));
}

/// The checksum of every step of a migration in this direction.
template <class Driver>
std::vector<std::string> step_checksums(const runnable<Driver>& m, migration_direction d) {
  std::vector<std::string> out;
  for (const sql_statement& s : m.statements(d)) out.push_back(step_checksum(s));
  if (m.code(d) || m.is_batched(d)) out.push_back(m.info.checksum);
  return out;
}

inline std::vector<migration_step> journal_of(const migration_history& h, std::int64_t version,
                                              migration_direction d) {
  std::vector<migration_step> out;
  for (const migration_step& s : h.steps)
    if (s.version == version && s.direction == to_string(d)) out.push_back(s);
  return out;
}

/// Refuses to go on when a step that is done is no longer what was done. Throws: errc::checksum.
inline void check_journal(const migration_info& m, const std::vector<migration_step>& journal,
                          const std::vector<std::string>& checksums) {
  for (const migration_step& s : journal) {
    const auto i = static_cast<std::size_t>(s.step) - 1;
    if (!s.done || (i < checksums.size() && checksums[i] == s.checksum)) continue;
    throw error(errc::checksum, "hewn: migration " + label_of(m) + " was interrupted after step " +
                                    std::to_string(s.step) +
                                    ", which has changed since; restore it, or accept the change "
                                    "with repair()");
  }
}

inline bool step_done(const std::vector<migration_step>& journal, std::int64_t step) {
  return std::any_of(journal.begin(), journal.end(),
                     [&](const migration_step& s) { return s.step == step && s.done; });
}

}  // namespace hewn::detail
