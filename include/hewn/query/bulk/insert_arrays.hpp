// hewn/query/bulk/insert_arrays.hpp - rows as the arrays of one insert.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/dialect/write/bulk_insert.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/statement_texts.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>
#include <hewn/schema/visit_columns.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// What is known of a range before its first row is read.
struct range_facts {
  std::size_t expected = 0;  // the number of rows; 0: not known
  bool ready = false;        // all lie in memory, so that nothing runs between one and the next
};

/// The names of the types of the columns that are written.
using element_types = std::vector<std::string_view>;

template <class Driver, class T, row_write Kind, bool Returns>
struct insert_arrays_text {
  static constexpr const table_info* table = &table_of<T>;
  HEWN_COLD static std::string render(const void* types, dialect) {
    return insert_arrays_sql(table_of<T>, Kind, *static_cast<const element_types*>(types), Returns);
  }

  static lease<Driver> take(connection<Driver>& c, const element_types& types, call_site site) {
    return lease<Driver>(
        c.acquire(statement_slot<insert_arrays_text>::get(), &render, &types, site, table));
  }
};

/// Whether rows of these columns can go as arrays. `copied`: in the form of COPY, in which an array
/// is no text.
HEWN_RARE HEWN_API bool fits_arrays(const table_info& table, row_write kind,
                                    const element_types& types, bool copied);

// A statement that is taken for what is known of it, not to be run.
template <class Text, class Driver>
lease<Driver> take_unreported(connection<Driver>& c, call_site site) {
  lease<Driver> taken = take_statement<Text>(c, site);
  taken->reported = true;
  return taken;
}

template <class Text, row_write Kind, class Driver, class Buffer, class T>
void encode_row(connection<Driver>& c, call_site site, Buffer& buffer, const T& value) {
  row_binder<T, Buffer> binder{buffer, Kind};
  visit_columns(value, binder);
  if (buffer.problem() != value_problem::none) [[unlikely]]
    fail_bind(take_unreported<Text>(c, site), table_of<T>, Kind, buffer);
  buffer.add_row();
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API bool fits_arrays(const table_info& table, row_write kind, const element_types& types,
                          bool copied) {
  std::size_t i = 0;
  for (const column_info& c : table.columns) {
    if (!is_written(c, kind)) continue;
    const bool as_text = !c.enum_type.empty() || (is_array(c.type) && !copied);
    if ((types[i++].empty() || is_array(c.type)) && !as_text) return false;
  }
  return i != 0;
}

}  // namespace hewn::detail

#endif
