// hewn/migrate/run/broken_objects.hpp - the views and triggers that a migration breaks.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace hewn::detail {

/// Those that do not compile, in words; none where the driver does not look.
template <class Executor>
std::vector<std::string> broken_objects(const Executor& executor) {
  if constexpr (requires { executor.broken_objects(); })
    return executor.broken_objects();
  else
    return {};
}

template <class Executor>
std::vector<std::string> newly_broken(const Executor& executor,
                                      const std::vector<std::string>& before) {
  std::vector<std::string> out = broken_objects(executor);
  std::erase_if(out, [&](const std::string& line) {
    return std::find(before.begin(), before.end(), line) != before.end();
  });
  return out;
}

}  // namespace hewn::detail
