// hewn/migrate/losses/excess.hpp - what a migration destroys beyond what it did on a copy.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/sync/model/loss.hpp>

#include <algorithm>
#include <cstddef>
#include <string>
#include <vector>

namespace hewn::detail {

/// The one of `all` that is about the same as `l`; nullptr: none is.
inline const loss* counterpart(const std::vector<loss>& all, const loss& l) {
  const auto found = std::find_if(all.begin(), all.end(), [&](const loss& other) {
    return other.kind == l.kind && other.table == l.table && other.column == l.column &&
           other.reason == l.reason;
  });
  return found == all.end() ? nullptr : &*found;
}

/// Those of `real` that `tried` has not, or has less of.
inline std::vector<loss> beyond(const std::vector<loss>& real, const std::vector<loss>& tried) {
  std::vector<loss> out;
  for (const loss& l : real)
    if (const loss* same = counterpart(tried, l); same == nullptr || same->count < l.count)
      out.push_back(l);
  return out;
}

/// The losses of both, of each the higher count.
inline std::vector<loss> of_both(const std::vector<loss>& real, std::vector<loss> tried) {
  for (const loss& l : beyond(real, tried)) {
    const loss* const same = counterpart(tried, l);
    if (same == nullptr) {
      tried.push_back(l);
    } else {
      tried[static_cast<std::size_t>(same - tried.data())].count = l.count;
    }
  }
  return tried;
}

/// Whether one is a loss of who knows what, so that there is nothing to hold the others against.
inline bool is_blind(const std::vector<loss>& losses) {
  return std::any_of(losses.begin(), losses.end(),
                     [](const loss& l) { return l.kind == loss_kind::unknown && l.table.empty(); });
}

/// The message about `more`, those of the losses that go beyond `tried`. `happened`: `was rolled
/// back`; `otherwise`: another repair than to make it the same.
inline std::string excess_text(const std::string& subject, const std::string& happened,
                               const std::string& otherwise, const std::vector<loss>& more,
                               const std::vector<loss>& tried) {
  std::string out = "hewn: " + subject +
                    " destroyed more in earnest than when tried out on a copy, and " + happened +
                    "; make what it does depend on the rows alone, not on random numbers, the "
                    "clock or the connection, or " +
                    otherwise;
  for (const loss& l : more) {
    const loss* const same = counterpart(tried, l);
    out += "\n  " + to_string(l) + ", on the copy " +
           (same == nullptr ? std::string("none") : std::to_string(same->count));
  }
  return out;
}

}  // namespace hewn::detail
