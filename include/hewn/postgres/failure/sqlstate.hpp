// hewn/postgres/failure/sqlstate.hpp - PostgreSQL's error codes as numbers.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace hewn::postgres {

/// The five characters of an SQLSTATE as the number that native() is: six bits each, the first
/// lowest. Source: MAKE_SQLSTATE in PostgreSQL's elog.h.
constexpr int pack_sqlstate(std::string_view state) noexcept {
  int packed = 0;
  for (std::size_t i = 0; i != 5 && i < state.size(); ++i)
    packed |= ((state[i] - '0') & 0x3f) << (6 * i);
  return packed;
}

/// The SQLSTATE of an error, "23505"; empty when the server reported none.
inline std::string sqlstate(const error& e) {
  if (e.native() <= 0) return {};
  std::string state(5, '0');
  for (std::size_t i = 0; i != 5; ++i)
    state[i] = static_cast<char>('0' + ((e.native() >> (6 * i)) & 0x3f));
  return state;
}

/// Failures that the client notices, in the place of an SQLSTATE.
namespace client_failure {
inline constexpr int not_one_statement = -1;
inline constexpr int has_nul = -2;
inline constexpr int connection_lost = -3;
inline constexpr int commit_rolled_back = -4;
inline constexpr int out_of_memory = -5;
inline constexpr int copy_in_script = -6;
inline constexpr int not_sent = -7;  // the connection was known to be lost before
inline constexpr int controls_in_script = -8;
inline constexpr int types_changed = -20;
inline constexpr int statement_pooling = -21;  // a proxy that knows no transactions hung up
}  // namespace client_failure

}  // namespace hewn::postgres
