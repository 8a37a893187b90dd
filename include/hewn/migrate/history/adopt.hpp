// hewn/migrate/history/adopt.hpp - the history that another migration tool has left in a database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/migrate/files/file_name.hpp>
#include <hewn/migrate/files/migration_info.hpp>
#include <hewn/query/database.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/types.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// A row of another tool's history, as text.
struct foreign_row {
  std::string key;
  std::string at;
  std::string checksum;
};

/// A row of another tool's history, and the migration that it means.
struct adopted {
  std::size_t index = 0;
  std::string at;
  std::string checksum;
};

/// The statement that reads such a history. Known layouts: (version, applied_at) and
/// (id, applied_at, checksum). Throws: errc::schema_mismatch for another one.
inline std::string foreign_history_sql(std::string_view table,
                                       const std::vector<std::string>& columns) {
  const auto has = [&](std::string_view name) {
    return std::any_of(columns.begin(), columns.end(),
                       [&](const std::string& c) { return same_word(c, name); });
  };
  const bool checksums = has("id") && has("checksum");
  if (!has("applied_at") || (!has("version") && !checksums))
    throw error(errc::schema_mismatch,
                "hewn: " + std::string(table) +
                    " is no migration history that can be adopted; it needs the columns version "
                    "and applied_at, or id, applied_at and checksum");
  const auto text = [](std::string_view column) {
    return "COALESCE(CAST(" + std::string(column) + " AS TEXT), '')";
  };
  std::string sql = "SELECT " + text(has("version") ? "version" : "id") + " AS \"key\", " +
                    text("applied_at") + " AS \"at\", " +
                    (checksums ? text("checksum") : std::string("''")) + " AS \"checksum\" FROM ";
  append_identifier(sql, table);
  return sql;
}

/// The migration that a key means: by its number (3, 0003_add_users, V3__add_users), or by name.
inline std::optional<std::size_t> find_adopted(std::span<const migration_info> known,
                                               std::string_view key) {
  std::string_view number = key;
  if (number.starts_with('V') || number.starts_with('v')) number.remove_prefix(1);
  const std::int64_t version = leading_number(number);
  for (std::size_t i = 0; i != known.size(); ++i)
    if (version != 0 ? known[i].version == version : known[i].name == key) return i;
  return std::nullopt;
}

/// Maps every row; all that mean nothing known are named. Throws: errc::schema_mismatch.
inline std::vector<adopted> map_history(std::span<const migration_info> known,
                                        const std::vector<foreign_row>& rows,
                                        std::string_view table) {
  std::vector<adopted> out;
  std::string unknown;
  for (const foreign_row& r : rows) {
    if (const auto i = find_adopted(known, r.key)) {
      out.push_back({*i, r.at, r.checksum});
    } else {
      unknown += (unknown.empty() ? "" : ", ") + r.key;
    }
  }
  if (!unknown.empty())
    throw error(errc::schema_mismatch, "hewn: " + std::string(table) +
                                           " records migrations that are not there (" + unknown +
                                           "); add their files before adopting it");
  std::sort(out.begin(), out.end(),
            [](const adopted& a, const adopted& b) { return a.index < b.index; });
  return out;
}

/// A time as such tools write it: text, or seconds since 1970. Nothing when it is neither.
inline std::optional<timestamp> foreign_time(std::string_view text) {
  if (!text.empty() && text.find_first_not_of("0123456789") == text.npos && text.size() < 12)
    return timestamp(std::chrono::seconds(leading_number(text)));
  return parse_timestamp(text);
}

template <class Driver>
std::vector<adopted> read_foreign_history(const transactional<Driver>& db, std::string_view table,
                                          std::span<const migration_info> known) {
  const std::vector<std::string> columns = db.connection().native().column_names(table);
  if (columns.empty())
    throw error(errc::schema_mismatch,
                "hewn: there is no table " + std::string(table) +
                    " to adopt; name the table in which the other tool kept its history");
  const std::string sql = foreign_history_sql(table, columns);
  return map_history(known, db.template all<foreign_row>({dynamic_sql(sql), running_call()}),
                     table);
}

}  // namespace hewn::detail
