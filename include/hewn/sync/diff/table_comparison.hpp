// hewn/sync/diff/table_comparison.hpp - two forms of one table, and what is found between them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/make_change.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// What the comparisons of a table's parts share. `complete`: what is not declared goes.
class table_comparison {
 protected:
  table_comparison(const schema::table& live, const schema::table& wanted, bool complete, dialect d)
      : live_(live), wanted_(wanted), complete_(complete), dialect_(d) {}

  /// Enters a change of the table where found_in() has said.
  change& add(change_kind kind, std::string_view object, std::string before, std::string after,
              bool tightens = false) {
    return add(make_change(kind, live_.name, object, std::move(before), std::move(after), tightens,
                           dialect_));
  }
  change& add(change c) {
    changes_->push_back(std::move(c));
    return changes_->back();
  }

  void found_in(std::vector<change>& out) { changes_ = &out; }

  const schema::table& live_;
  const schema::table& wanted_;
  bool complete_;
  dialect dialect_;

 private:
  std::vector<change>* changes_ = nullptr;
};

}  // namespace hewn::detail
