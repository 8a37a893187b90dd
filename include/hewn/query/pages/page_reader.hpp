// hewn/query/pages/page_reader.hpp - the rows of a page, and where they stand in the order.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/pages/position.hpp>
#include <hewn/query/plan/whole_order.hpp>
#include <hewn/query/rows/result_row.hpp>
#include <hewn/query/rows/results.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/select/as_joined.hpp>
#include <hewn/query/select/joined_query.hpp>
#include <hewn/query/select/projection.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/type_erasure/plan_opener.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn::detail {

/// A query whose rows can be read as pages.
template <class Q>
concept paged_query = query<Q> || result_query<Q> || row_query<Q>;

template <class Query>
struct page_rows {
  using type = typename Query::record_type;
};
template <row_query Query>
struct page_rows<Query> {
  using type = typename decltype(std::declval<const Query&>().select_rows())::record_type;
};

/// What a page of the query has; where it has no select(), all columns of its tables.
template <class Query>
using row_of_page = typename page_rows<std::remove_cvref_t<Query>>::type;

template <class Query>
consteval bool explain_paged() {
  constexpr bool whole = [] {
    if constexpr (query<Query>)
      return !Query::is_limited;
    else
      return true;
  }();
  static_assert(whole,
                "hewn: the query of a page has a limit or offset of its own; leave it out, for the "
                "page has a size");
  return whole;
}

/// The query as one that is plain data.
template <class Query>
auto source_of_page(const Query& q) {
  if constexpr (query<Query>)
    return as_joined(q).template select<std::tuple<typename Query::record_type>>(
        row_of<typename Query::record_type>);
  else if constexpr (row_query<Query>)
    return q.select_rows();
  else
    return q;
}

/// How rows are read, as plain data.
template <class Driver>
struct row_form_of_page {
  const table_info* table;  // nullptr: of a query with select()
  result_type<Driver> result;
  void* (*add)(void* rows);
};

template <class R>
void* add_row(void* rows) {
  return &static_cast<std::vector<R>*>(rows)->emplace_back();
}

template <class Query, class Driver>
constexpr row_form_of_page<Driver> form_of_page() {
  using R = row_of_page<Query>;
  if constexpr (query<Query>)
    return {&table_of<R>, {table_of<R>.columns, reader_of<R, Driver>()}, &add_row<R>};
  else
    return {nullptr, one_row_of<R, Driver>, &add_row<R>};
}

/// What is to be read.
struct page_walk {
  const row_position* from = nullptr;  // nullptr: from the start
  bool backwards = false;
  std::int64_t size = 0;
  bool every_position = false;
};

struct page_end {
  bool more = false;  // rows behind those that were read
  /// Of the first row read and of the last, or of all; the last only where there are more.
  std::vector<row_position> positions{};
};

/// Compiled once for each driver.
template <class Driver>
struct page_reader {
  static page_end read(connection<Driver>& c, const query_plan& plan, const whole_order& order,
                       const page_walk& walk, const row_form_of_page<Driver>& form, void* rows,
                       const call_site& site);

  /// At most `size` rows, or all where it is negative. Whether there are more.
  static bool rows(connection<Driver>& c, const query_plan& plan, std::int64_t size,
                   const row_form_of_page<Driver>& form, void* rows, const call_site& site);

 private:
  static void check(const lease<Driver>& row, const row_form_of_page<Driver>& form);
  static row_position position_of(const lease<Driver>& row, const whole_order& order,
                                  std::size_t at);
};

template <class Statement>
bool read_value(Statement& s, int i, column_type t, condition_value& out) {
  out.what = condition_value::kind::null;
  if (s.is_null(i)) return true;
  out.what = kind_of(t);
  switch (out.what) {
    case condition_value::kind::boolean: {
      bool value = false;
      const bool read = s.read(i, value);
      out.integer = value;
      return read;
    }
    case condition_value::kind::real:
      return s.read(i, out.real);
    case condition_value::kind::text: {
      std::string_view value;
      const bool read = s.read(i, value);
      out.text = value;
      return read;
    }
    case condition_value::kind::blob: {
      bytes_view value;
      const bool read = s.read(i, value);
      out.blob.assign(value.begin(), value.end());
      return read;
    }
    case condition_value::kind::instant: {
      timestamp value;
      const bool read = s.read(i, value);
      out.integer = value.time_since_epoch().count();
      return read;
    }
    case condition_value::kind::day: {
      date value;
      const bool read = s.read(i, value);
      out.integer = value.time_since_epoch().count();
      return read;
    }
    case condition_value::kind::uuid:
      return s.read(i, out.uuid);
    default:
      return s.read(i, out.integer);
  }
}

template <class Driver>
row_position page_reader<Driver>::position_of(const lease<Driver>& row, const whole_order& order,
                                              std::size_t at) {
  row_position values(order.terms.size());
  for (std::size_t i = 0; i != values.size(); ++i) {
    if (!read_value(row.statement(), static_cast<int>(at + i), order.terms[i].type, values[i])) {
      column_info column;
      column.name = "a value of the order";
      fail_row(row, "", column, row.statement().problem());
    }
  }
  return values;
}

template <class Driver>
page_end page_reader<Driver>::read(connection<Driver>& c, const query_plan& plan,
                                   const whole_order& order, const page_walk& walk,
                                   const row_form_of_page<Driver>& form, void* rows,
                                   const call_site& site) {
  auto opened = plan_opener<Driver>::open(c, plan, nullptr, false, site);
  bool found = opened.step();
  check(opened, form);
  page_end end;
  for (std::int64_t i = 0; found && i != walk.size; ++i) {
    form.result.read(opened, form.add(rows));
    if (walk.every_position || i == 0 || i + 1 == walk.size)
      end.positions.push_back(position_of(opened, order, form.result.columns.size()));
    found = opened.step();
  }
  end.more = found;
  return end;
}

template <class Driver>
bool page_reader<Driver>::rows(connection<Driver>& c, const query_plan& plan, std::int64_t size,
                               const row_form_of_page<Driver>& form, void* rows,
                               const call_site& site) {
  auto opened = plan_opener<Driver>::open(c, plan, nullptr, false, site);
  bool found = opened.step();
  check(opened, form);
  for (std::int64_t i = 0; found && i != size; ++i) {
    form.result.read(opened, form.add(rows));
    found = opened.step();
  }
  return found;
}

template <class Driver>
void page_reader<Driver>::check(const lease<Driver>& row, const row_form_of_page<Driver>& form) {
  if (form.table != nullptr)
    check_table_row(row, *form.table);
  else
    check_result(row, form.result.columns);
}

}  // namespace hewn::detail
