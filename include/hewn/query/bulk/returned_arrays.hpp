// hewn/query/bulk/returned_arrays.hpp - rows that go as arrays for what is returned of each.
// SPDX-License-Identifier: BSL-1.0
//
// What is returned of a row has its key behind it, by which the row is known, so it does not matter
// in which order the rows of one statement come back. Where a row is refused, only the statement of
// one row tells which it was: so arrays that fail are undone, and their rows go one by one.
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/transaction.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/bulk_insert.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/bulk/bulk.hpp>
#include <hewn/query/bulk/insert_arrays.hpp>
#include <hewn/query/bulk/returned_rows.hpp>
#include <hewn/query/bulk/row_arrays.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/pieces/value_binder.hpp>
#include <hewn/query/rows/result_row.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/query/statements/returning.hpp>
#include <hewn/query/statements/take_statement.hpp>
#include <hewn/query/type_erasure/row_type.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

/// What comes back of rows for a clause: its items, and the key behind them.
template <class Driver, class T, row_write Kind, class Clause>
struct clause_of_rows {
  using R = typename Clause::record_type;
  using arrays = insert_arrays_text<Driver, T, Kind, false>;

  const Clause& clause;
  std::vector<R>& results;

  lease<Driver> take(connection<Driver>& c, const element_types& types, const drawn_key& drawn,
                     call_site site) const {
    std::string text = insert_arrays_sql(table_of<T>, Kind, types, false, drawn);
    sql_writer out{text, dialect::postgres,
                   static_cast<int>(types.size()) + (drawn.type.empty() ? 0 : 1)};
    clause.write(out);
    for (const std::size_t k : table_of<T>.key)
      append_identifier(text += ", ", table_of<T>.columns[k].name);
    return lease<Driver>(c.acquire(text, site, &table_of<T>));
  }

  void bind_behind(const lease<Driver>& row, std::size_t parameters) const {
    value_binder<typename Driver::statement> binder{row.statement(), false,
                                                    static_cast<int>(parameters)};
    clause.bind(binder);
    check_parameters(row);
  }

  void check(const lease<Driver>& row) const { check_returned(row, result_columns<R>); }

  static int column_of_key(std::size_t part) {
    return static_cast<int>(result_columns<R>.size() + part);
  }

  void read(const lease<Driver>& row, const std::vector<std::size_t>& sent,
            const std::vector<T*>&) const {
    std::vector<R> came;
    read_result_rows<R>(row, &came);
    const std::size_t first = results.size();
    results.resize(first + came.size());
    for (std::size_t i = 0; i != came.size(); ++i) results[first + sent[i]] = std::move(came[i]);
  }

  void insert_few(connection<Driver>& c, const std::vector<T*>& rows, call_site site) const {
    insert_in_pipeline(c, rows, site);
  }

  void insert_in_pipeline(connection<Driver>& c, const std::vector<T*>& rows,
                          call_site site) const {
    std::vector<T> each;
    for (const T* row : rows) each.push_back(*row);
    write_each_returning<row_write::insert, T>(c, each, clause, results, site, std::nullopt);
  }
};

/// Fewer rows go one by one in a pipeline, which takes fewer messages than to ask for the keys, to
/// draw them and to be able to undo the arrays alone. Source:
/// docs/decisions/0037-rows-are-told-apart-by-their-keys.md.
inline constexpr std::size_t fewest_rows_to_return_by_arrays = 100;

/// How many rows there are, or 0 where the range does not tell.
template <class Range>
std::size_t told_size(Range& rows) {
  if constexpr (requires { static_cast<std::size_t>(rows.size()); })
    return static_cast<std::size_t>(rows.size());
  else
    return 0;
}

/// Whether it may be about one row of several.
HEWN_RARE HEWN_API bool is_about_a_row(errc code);

/// Inserts rows whose times and UUID keys are filled, those with a key and those without one in
/// their order.
template <class Driver, class T, class Clause>
class clause_inserter {
 public:
  clause_inserter(connection<Driver>& c, const Clause& clause,
                  std::vector<typename Clause::record_type>& results, call_site site,
                  std::size_t expected)
      : connection_(c), clause_(clause), results_(results), site_(site), expected_(expected) {}

  void insert(std::vector<T>& rows) {
    const std::size_t before = results_.size();
    if (rows.size() < fewest_rows_to_return_by_arrays) return insert_each(rows, before);
    try {
      transaction_scope<Driver> all(connection_, transaction_mode::immediate, site_);
      for (T& row : rows) add(row);
      flush();
      all.commit();
      return;
    } catch (const error& failure) {
      if (!is_about_a_row(failure.code())) throw;
    }
    keyed_.reset();
    keyless_.reset();
    results_.resize(before);
    insert_each(rows, before);
  }

 private:
  void insert_each(const std::vector<T>& rows, std::size_t before) {
    write_each_returning<row_write::insert, T>(connection_, rows, clause_, results_, site_, before);
  }

  template <row_write Kind>
  using way = row_array_inserter<Driver, T, Kind, clause_of_rows<Driver, T, Kind, Clause>>;

  void add(T& row) {
    check_limits(row, site_);
    if constexpr (leaves_key_out<Driver, T>) {
      if (has_no_key(row)) {
        if (keyed_) keyed_->flush();
        return to(keyless_).add(row);
      }
      if (keyless_) keyless_->flush();
    }
    to(keyed_).add(row);
  }

  void flush() {
    if (keyed_) keyed_->flush();
    if (keyless_) keyless_->flush();
  }

  template <row_write Kind>
  way<Kind>& to(std::optional<way<Kind>>& inserter) {
    if (!inserter)
      inserter.emplace(connection_, site_, range_facts{.expected = expected_},
                       clause_of_rows<Driver, T, Kind, Clause>{clause_, results_});
    return *inserter;
  }

  connection<Driver>& connection_;
  const Clause& clause_;
  std::vector<typename Clause::record_type>& results_;
  call_site site_;
  std::size_t expected_;
  std::optional<way<row_write::insert>> keyed_;
  std::optional<way<row_write::insert_keyed_by_database>> keyless_;
};

/// As write_returning, of new rows, a thousand at a time.
template <class T, class Driver, class Range, class Clause, class R>
void insert_arrays_returning(connection<Driver>& c, Range& rows, const Clause& clause,
                             std::vector<R>& results, call_site site) {
  constexpr std::size_t most = 1000;
  transaction_scope<Driver> all(c, transaction_mode::immediate, site);
  std::vector<T> copies;
  clause_inserter<Driver, T, Clause> inserter(c, clause, results, site, told_size(rows));
  for_each_row(rows, [&](const T& row) {
    all.check_turn();
    row_stamp_of(c, true, site).apply(copies.emplace_back(row));
    if (copies.size() != most) return;
    inserter.insert(copies);
    copies.clear();
  });
  all.check_turn();
  if (!copies.empty()) inserter.insert(copies);
  all.commit();
}

/// Writes every row of the range, all or none, and returns what `clause` names of each, in the
/// order of the range. The rows keep their values.
template <row_write Kind, class T, auto... Members, class Driver, class Range, class Clause>
auto write_returning(connection<Driver>& c, Range& rows, const Clause& clause, call_site site) {
  std::vector<typename Clause::record_type> results;
  const std::size_t count = told_size(rows);
  results.reserve(count);
  if constexpr (Kind == row_write::insert && bulk_driver<Driver> && owns_values<T> &&
                is_guardable<T> &&
                has_written_columns<T>(leaves_key_out<Driver, T>
                                           ? row_write::insert_keyed_by_database
                                           : row_write::insert)) {
    const bool few = count != 0 && count < fewest_rows_to_return_by_arrays;
    if (!few && c.spoken() == dialect::postgres &&
        find_guard(c, table_of<T>, Kind) == row_guard::none) {
      insert_arrays_returning<T>(c, rows, clause, results, site);
      return results;
    }
  }
  write_each_returning<Kind, T, Members...>(c, rows, clause, results, site);
  return results;
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API bool is_about_a_row(errc code) {
  return code == errc::conflict || code == errc::foreign_key || code == errc::check ||
         code == errc::not_null || code == errc::invalid_data || code == errc::schema_mismatch ||
         code == errc::skipped;
}

}  // namespace hewn::detail

#endif
