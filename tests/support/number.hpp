// tests/support/number.hpp - a number that a database answers with.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/sql.hpp>

#include <cstdint>
#include <string_view>

namespace support {

template <class Database>
std::int64_t number(const Database& db, std::string_view sql) {
  return db.template one<std::int64_t>(hewn::dynamic_sql(sql));
}

}  // namespace support
