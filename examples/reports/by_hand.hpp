// examples/reports/by_hand.hpp - a report as SQL that somebody wrote.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "model.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace reports {

/// One text that both databases take, or its beginning for each and what is the same.
struct by_hand {
  std::string_view common;
  std::string_view sqlite = {};
  std::string_view postgres = {};

  template <class R>
  std::vector<R> rows(const session& db) const {
    std::string text(db.connection().spoken() == hewn::dialect::sqlite ? sqlite : postgres);
    text += common;
    return db.all<R>(hewn::dynamic_sql(text));
  }
};

}  // namespace reports
