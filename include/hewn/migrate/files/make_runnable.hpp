// hewn/migrate/files/make_runnable.hpp - a file or a C++ migration as the runner takes it.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/digest.hpp>
#include <hewn/base/error.hpp>
#include <hewn/migrate/files/checksum.hpp>
#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/files/migration_file.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/migrate/files/migration_key.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::detail {

template <class Driver>
runnable<Driver> to_runnable(migration_file m) {
  return {.info = std::move(m.info), .up = std::move(m.up), .down = std::move(m.down)};
}

HEWN_COLD inline void check_code_migration(const migration_info& m, bool has_id, bool one_body) {
  const auto fail = [&](std::string_view problem) {
    throw error(errc::usage, "hewn: the C++ migration " + label_of(m) + " " + std::string(problem));
  };
  if (m.version <= 0 || m.version > 999'999'999'999'999'999)
    fail("has no usable version; give it a number from 1 to 18 digits");
  if (m.name.empty()) fail("has no name; give it one");
  if (!has_id) fail("has no id; give it one, and another whenever its content changes");
  for (const auto* list : {&m.needs, &m.parents, &m.replaced})
    for (const migration_key& key : *list)
      if (key == migration_key()) fail("names an empty migration; write a version or a name");
  for (const migration_key& key : m.replaced)
    if (key.version == 0) fail("replaces a migration without its version; give that, too");
  if (!one_body) fail("needs either up or batches; give it exactly one");
  if (m.has_down && !m.irreversible.empty())
    fail("is declared irreversible and has down; keep one of them");
  if (!m.in_transaction && m.foreign_keys_off)
    fail("is declared both without transaction and with foreign keys off; keep one of them");
}

HEWN_COLD inline void check_batches(const migration_info& m, bool complete, bool sane) {
  const auto fail = [&](std::string_view problem) {
    throw error(errc::usage, "hewn: the C++ migration " + label_of(m) + " " + std::string(problem));
  };
  if (!complete)
    fail("has unusable batches; give them a table, a key, a size above zero and a function");
  if (!sane) fail("has a limit of batches that is below zero; give it none, or one above");
}

template <class Driver>
runnable<Driver> to_runnable(basic_migration<Driver> m) {
  runnable<Driver> out;
  out.info = {.version = m.version,
              .name = std::move(m.name),
              .origin = "C++",
              .checksum = sha256_hex(m.id + '\n' + m.source_hash),
              .algorithm = std::string(code_checksum),
              .needs = std::move(m.needs),
              .parents = std::move(m.after),
              .replaced = std::move(m.replaces),
              .destructive_up = std::move(m.destructive),
              .destructive_down = std::move(m.destructive_down),
              .overwrites_up = std::move(m.overwrites),
              .overwrites_down = std::move(m.overwrites_down),
              .irreversible = std::move(m.irreversible),
              .has_down = static_cast<bool>(m.down),
              .in_transaction = m.in_transaction,
              .foreign_keys_off = m.foreign_keys_off,
              .rehearsed = m.rehearsed};
  for (const migration_key& key : out.info.replaced) out.info.replaces.push_back(key.version);
  check_code_migration(out.info, !m.id.empty(), static_cast<bool>(m.up) != m.batches.has_value());
  if (const auto& b = m.batches)
    check_batches(out.info, b->size > 0 && !b->table.empty() && !b->key.empty() && b->change,
                  b->rows_per_second >= 0 &&
                      std::min({b->throttle, b->batch_time, b->max_replica_lag, b->patience}) >=
                          std::chrono::milliseconds(0));
  out.up_code = std::move(m.up);
  out.down_code = std::move(m.down);
  out.batches = std::move(m.batches);
  return out;
}

}  // namespace hewn::detail
