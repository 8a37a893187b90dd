// hewn/query/verbs/returning_many.hpp - the verbs of many rows that return what returning() names.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/bulk/returned_arrays.hpp>
#include <hewn/query/rows/arguments.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/other_key.hpp>
#include <hewn/query/statements/returning.hpp>
#include <hewn/query/statements/update_text.hpp>
#include <hewn/query/verbs/query_writes.hpp>

#include <initializer_list>
#include <type_traits>
#include <vector>

namespace hewn {
namespace detail {

/// What follows a row and is neither what to return of it nor the line of the call.
template <class Value>
concept loose_row = loose_value<Value> && !is_returning<Value>;

}  // namespace detail

/// The part of a session that writes ranges of rows and returns what hewn::returning(), the last
/// argument, names of each. Order: that of the range, with one result for each row. The rows keep
/// their values. Throws: as the verb for one row, with the number of the row in element(); then no
/// row is written. One thread at a time.
template <class Driver>
class returning_many : public query_writes<Driver> {
  using write = detail::row_write;

 public:
  /// As insert(row) for every row, with what is named of it as it is stored.
  template <class Range, class R, class... E>
  std::vector<R> insert_many(Range&& rows, const returning_clause<R, E...>& returned,
                             call_site site = call_site::current()) const {
    return write_rows<write::insert>(rows, returned, site);
  }
  template <class T, class R, class... E>
  std::vector<R> insert_many(std::initializer_list<T> rows,
                             const returning_clause<R, E...>& returned,
                             call_site site = call_site::current()) const {
    return write_rows<write::insert>(rows, returned, site);
  }

  /// As update(row) for every row, with what is named of it as it is afterwards.
  template <class Range, class R, class... E>
  std::vector<R> update_many(Range&& rows, const returning_clause<R, E...>& returned,
                             call_site site = call_site::current()) const {
    return write_rows<write::update>(rows, returned, site);
  }
  template <class T, class R, class... E>
  std::vector<R> update_many(std::initializer_list<T> rows,
                             const returning_clause<R, E...>& returned,
                             call_site site = call_site::current()) const {
    return write_rows<write::update>(rows, returned, site);
  }

  /// As upsert(row) for every row, with what is named of it as it is stored.
  template <auto... Members, class Range, class R, class... E>
  std::vector<R> upsert_many(Range&& rows, const returning_clause<R, E...>& returned,
                             call_site site = call_site::current()) const {
    return write_rows<write::upsert, Members...>(rows, returned, site);
  }
  template <auto... Members, class T, class R, class... E>
  std::vector<R> upsert_many(std::initializer_list<T> rows,
                             const returning_clause<R, E...>& returned,
                             call_site site = call_site::current()) const {
    return write_rows<write::upsert, Members...>(rows, returned, site);
  }

  /// As remove(row) for every row, with what is named of it as it was.
  template <class Range, class R, class... E>
  std::vector<R> remove_many(Range&& rows, const returning_clause<R, E...>& returned,
                             call_site site = call_site::current()) const {
    return write_rows<write::remove>(rows, returned, site);
  }
  template <class T, class R, class... E>
  std::vector<R> remove_many(std::initializer_list<T> rows,
                             const returning_clause<R, E...>& returned,
                             call_site site = call_site::current()) const {
    return write_rows<write::remove>(rows, returned, site);
  }

 protected:
  using query_writes<Driver>::query_writes;

 private:
  template <write Kind, class T, auto... Members>
  static consteval bool explain_rows() {
    if constexpr (Kind == write::insert)
      return detail::explain_insertable<T>() && detail::explain_key<T>();
    else if constexpr (Kind == write::upsert)
      return detail::explain_upsert<T, Members...>();
    else if constexpr (!detail::explain_table<T>() || !detail::explain_key<T>())
      return false;
    else if constexpr (Kind == write::update)
      return detail::explain_updatable<T>();
    else
      return true;
  }

  template <write Kind, auto... Members, class Range, class R, class... E>
  std::vector<R> write_rows(Range& rows, const returning_clause<R, E...>& returned,
                            call_site site) const {
    if constexpr (detail::explain_range<Range>()) {
      using T = std::remove_cvref_t<decltype(*rows.begin())>;
      if constexpr (explain_rows<Kind, T, Members...>() &&
                    detail::explain_returning<T, returning_clause<R, E...>>())
        return detail::write_returning<Kind, T, Members...>(this->connection(site), rows, returned,
                                                            site);
    }
    return {};
  }
};

}  // namespace hewn
