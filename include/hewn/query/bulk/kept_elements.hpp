// hewn/query/bulk/kept_elements.hpp - rows of a batch that a later element may push out.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/tenancy.hpp>
#include <hewn/query/rows/kept_rows.hpp>
#include <hewn/query/type_erasure/row_type.hpp>
#include <hewn/query/type_erasure/row_writer.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace hewn::detail {

/// What elements of a batch have stored in tables that may lose rows, as long as nothing came after
/// them that removes or changes rows at the program's own wish.
template <class Driver>
class kept_elements {
 public:
  /// `inserted`: no other element may have the row; an upsert may be of a row that is there.
  template <class T>
  void add(const T& stored, stored_place place, bool inserted, std::size_t element,
           call_site site) {
    if constexpr (owns_values<T>)
      rows_.push_back({std::make_shared<T>(stored),
                       &find<T>,
                       &table_of<T>,
                       place,
                       {},
                       inserted,
                       element,
                       site});
  }

  void forget() noexcept { rows_.clear(); }

  /// Throws: skipped, after `at(element)` of the row that is gone.
  template <class At>
  HEWN_COLD void check(connection<Driver>& c, At at) {
    if (rows_.empty()) return;
    // They are found by their keys, and the guards under which they were stored may have ended.
    const tenant_frame unasked(c.tenants(), tenant_value{tenant_value::scope::unasked});
    for (kept& row : rows_) {
      at(row.element);
      row.identity = row.find(c, row);
    }
    std::sort(rows_.begin(), rows_.end(),
              [](const kept& a, const kept& b) { return a.order() < b.order(); });
    for (std::size_t i = 1; i < rows_.size(); ++i) {
      const kept& before = rows_[i - 1];
      if (!rows_[i].inserted || before.table != rows_[i].table || rows_[i].identity.empty() ||
          before.identity != rows_[i].identity)
        continue;
      at(before.element);
      error_details d = lost_row(*before.table);
      d.site = before.site;
      throw error(std::move(d));
    }
  }

 private:
  struct kept {
    std::shared_ptr<void> row;
    std::string (*find)(connection<Driver>&, const kept&);
    const table_info* table;
    stored_place place;
    std::string identity;  // by the look at the end
    bool inserted;
    std::size_t element;
    call_site site;

    auto order() const { return std::tie(table->name, identity, element); }
  };

  template <class T>
  static std::string find(connection<Driver>& c, const kept& row) {
    return row_writer<Driver>::find_stored(c, row_type_of<T, Driver>, row.row.get(), row.place,
                                           row.site);
  }

  std::vector<kept> rows_;
};

}  // namespace hewn::detail
