// hewn/query/shapes/key_lists.hpp - the keys of rows as parameters of a statement.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/db/values/field.hpp>
#include <hewn/fwd.hpp>
#include <hewn/query/expressions/in_list.hpp>
#include <hewn/schema/codec.hpp>

#include <cstddef>
#include <string>
#include <utility>

namespace hewn::detail {

/// Keys as JSON, each a parameter: a list of values; of several columns a list of lists on SQLite,
/// and a list for each column on PostgreSQL, which has arrays for them.
template <std::size_t Columns>
struct key_lists {
  std::string json[Columns];

  template <class Binder>
  void bind(Binder& binder) const {
    for (const std::string& list : json)
      if (!list.empty()) binder.list(list);
  }
};

template <std::size_t Columns>
class key_list_writer {
 public:
  explicit key_list_writer(dialect spoken) : by_column_(spoken == dialect::postgres) {
    for (std::size_t i = 0; i != (by_column_ ? Columns : 1); ++i) lists_.json[i] = "[";
  }

  /// No field is NULL.
  template <class... F>
  void add(const F&... fields) {
    std::size_t column = 0;
    (add_value(column++, fields), ...);
  }

  key_lists<Columns> finish() {
    for (std::string& list : lists_.json)
      if (!list.empty()) list += ']';
    return std::move(lists_);
  }

 private:
  template <class F>
  void add_value(std::size_t column, const F& field) {
    const bool apart = Columns == 1 || by_column_;
    std::string& list = lists_.json[apart ? column : 0];
    if (apart ? list.size() > 1 : column != 0) list += ',';
    if (!apart && column == 0) list += list.size() > 1 ? ",[" : "[";
    json_collector collector{list};
    if constexpr (is_optional<F>)
      bind_field(collector, 1, *field, false);
    else
      bind_field(collector, 1, field, false);
    if (!apart && column + 1 == Columns) list += ']';
  }

  key_lists<Columns> lists_;
  bool by_column_;
};

}  // namespace hewn::detail
