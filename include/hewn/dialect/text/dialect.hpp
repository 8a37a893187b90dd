// hewn/dialect/text/dialect.hpp - which database the SQL text is for.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdint>

namespace hewn {

/// The databases hewn writes SQL for. Everything that depends on it is an ordinary function that
/// takes it as an argument, so that SQL text can be tested without a database.
enum class dialect : std::uint8_t { sqlite, postgres };

}  // namespace hewn
