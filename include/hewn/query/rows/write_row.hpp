// hewn/query/rows/write_row.hpp - a struct into the parameters of a statement.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/tenancy.hpp>
#include <hewn/db/values/field.hpp>
#include <hewn/db/values/kept_texts.hpp>
#include <hewn/dialect/write/dml.hpp>
#include <hewn/query/rows/row_check.hpp>
#include <hewn/query/rows/row_tenant.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/record.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>
#include <hewn/schema/visit_columns.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

// Boost's generator is declared here and defined where <hewn/uuid.hpp> includes it.
namespace boost::uuids {
class time_generator_v7;
}

namespace hewn::detail {

template <class Uuid, class Generator = boost::uuids::time_generator_v7>
Uuid new_uuid() {
  // One generator per thread: it counts within a millisecond, so keys of a thread are in order.
  static thread_local Generator generator;
  return generator();
}

template <class F>
inline constexpr bool is_uuid = false;
template <class F>
requires requires { codec<F>::encode(std::declval<const F&>()); }
inline constexpr bool is_uuid<F> = std::same_as<encoded<F>, uuid_bytes>;

template <class... F>
consteval bool has_uuid_key(const table_info& table, field_types<F...>) {
  const bool uuids[] = {is_uuid<F>..., false};
  for (const std::size_t k : table.key)
    if (uuids[k]) return true;
  return false;
}

template <class T>
consteval bool has_uuid_key() {
  return has_uuid_key(table_of<T>, column_types_of<T>{});
}

/// Asked by the verbs that insert, so that the sentence comes without the way to the generator.
template <class T, class Generator = boost::uuids::time_generator_v7>
consteval bool explain_generator() {
  if constexpr (has_uuid_key<T>()) {
    constexpr bool included = complete<Generator>;
    static_assert(included,
                  "hewn: a UUID key is generated when it is nil, which needs Boost's generator; "
                  "include <hewn/uuid.hpp>");
    return included;
  }
  return true;
}

[[noreturn]] HEWN_RARE HEWN_API void refuse_clock();

/// The time of the clock as a created<> or updated<> field of type F holds it, rounded down.
template <class F>
auto time_of_clock(timestamp t) {
  using duration = typename unwrapped<F>::duration;
  using rep = typename duration::rep;
  if constexpr (sizeof(rep) < 8 || !std::is_signed_v<rep>) {  // seconds in 32 bits end in 2038
    using wide = std::chrono::duration<std::int64_t, typename duration::period>;
    const std::int64_t count = std::chrono::floor<wide>(t).time_since_epoch().count();
    if (!std::in_range<rep>(count)) refuse_clock();
  }
  return std::chrono::floor<duration>(t);
}

/// Fills what the library fills before a write: times, UUID keys that are nil, and the tenant.
struct row_stamp {
  timestamp now;
  bool inserting;
  const tenant_value* tenant;  // of the session; nullptr: nobody has said it
  const call_site& site;

  template <class T>
  void apply(T& row) {
    if constexpr (needs_stamp<T>()) visit_columns(row, stamper<T>{*this});
  }

  template <class T>
  static consteval bool needs_stamp() {
    return table_of<T>.has_timestamps || has_uuid_key<T>() || table_of<T>.has_tenant();
  }

 private:
  template <class T>
  struct stamper {
    row_stamp& stamp;

    template <class F, std::size_t I>
    void operator()(F& field, std::integral_constant<std::size_t, I>) {
      constexpr const column_info& c = table_of<T>.columns[I];
      if constexpr (c.tenant) {
        stamp_tenant(field, stamp.tenant, table_of<T>, stamp.site);
      } else if constexpr (c.created) {
        if (stamp.inserting && is_unset(field)) field = F(time_of_clock<F>(stamp.now));
      } else if constexpr (c.updated) {
        field = F(time_of_clock<F>(stamp.now));
      } else if constexpr (c.key && is_uuid<F>) {
        if (stamp.inserting && field == F{}) field = new_uuid<F>();
      }
    }

    template <class F>
    static bool is_unset(const F& field) {
      return field == F{};
    }
  };
};

template <class Driver>
row_stamp row_stamp_of(connection<Driver>& c, bool inserting, const call_site& site) {
  return {c.native().now(), inserting, c.tenants().current(), site};
}

/// Binds the columns that a write of this kind gives values. The kind is a value, so that one
/// function binds a row for every statement that writes it.
template <class T, class Statement>
struct row_binder {
  Statement& statement;
  const row_write kind;
  int next = 1;

  template <class F, std::size_t I>
  HEWN_INLINE void operator()(const F& field, std::integral_constant<std::size_t, I>) {
    constexpr const column_info& c = table_of<T>.columns[I];
    if constexpr (!c.generated) {
      if constexpr (c.key || c.created || c.removed || c.tenant || c.version)
        if (!is_written(c, kind)) return;
      if constexpr (c.key && table_of<T>.assigned_key) {
        if (field == 0) return statement.bind_null(next++);
      }
      bind_field(statement, next++, field, false);
    }
  }
};

/// Whether update() of a row has a column to write.
template <class T>
consteval bool is_updatable() {
  if constexpr (record<T>) {
    for (const column_info& c : table_of<T>.columns)
      if (is_written(c, row_write::update)) return true;
    return false;
  } else {
    return true;
  }
}

template <class T, class Statement>
struct key_binder {
  Statement& statement;
  int first;

  template <class F, std::size_t I>
  HEWN_INLINE void operator()(const F& field, std::integral_constant<std::size_t, I>) {
    if constexpr (table_of<T>.columns[I].key) {
      constexpr int position = position_in_key(I);
      bind_field(statement, first + position, field, false);
    }
  }

  static constexpr int position_in_key(std::size_t column) {
    int k = 0;
    while (key_of_table<T>[static_cast<std::size_t>(k)] != column) ++k;
    return k;
  }
};

/// Binds a row to the statement that writes it: its columns and, where the row is found by it, its
/// key, and the version that it is to have there.
template <class T, class Statement>
void bind_values(Statement& statement, const void* value, row_write kind) {
  const T& row = *static_cast<const T*>(value);
  int next = 1;
  if (kind < row_write::remove) {
    row_binder<T, Statement> binder{statement, kind};
    visit_columns(row, binder);
    if (kind != row_write::update) return;
    next = binder.next;
  }
  visit_columns(row, key_binder<T, Statement>{statement, next});
  if constexpr (table_of<T>.has_version) {
    if (kind == row_write::remove) return;
    next += static_cast<int>(table_of<T>.key.size());
    if (kind == row_write::remove_held) next += removal_values(table_of<T>);
    bind_field(statement, next, get_column<version_column(table_of<T>)>(row), false);
  }
}

/// The error for a text that its column would store as a number, where the problem is that.
template <class Driver>
HEWN_COLD void fail_number_text(const lease<Driver>& row) {
  if constexpr (requires { row.statement().kept_texts(); }) {
    if (row.statement().problem() != value_problem::becomes_number) return;
    const kept_texts& kept = *row.statement().kept_texts();
    const auto parameter = static_cast<std::size_t>(row.statement().problem_index()) - 1;
    const int field = kept.fields[parameter];
    const table_info& table = *kept.table;
    typename Driver::statement live;
    std::string declared;
    if (row->owner->native().prepare(select_sql(table), live) == 0)
      declared = live.declared_type(field);
    row->owner->fail_with(
        number_text(table, table.columns[static_cast<std::size_t>(field)].name, declared),
        *row.operator->());
  }
}

/// The error for a value of which its column would make another one, where the problem is that.
template <class Driver, class Statement>
HEWN_COLD void fail_unkept_value(const lease<Driver>& row, const Statement& bound) {
  if constexpr (requires { bound.narrow_columns(); }) {
    if (bound.problem() != value_problem::not_kept) return;
    const auto& narrow =
        bound.narrow_columns()[static_cast<std::size_t>(bound.problem_index()) - 1];
    row->owner->fail_with(unkept_value(*narrow.table, narrow.column->name, narrow.type_name()),
                          *row.operator->());
  }
}

/// Names the parameter of a condition, key or raw statement that could not be bound.
template <class Driver>
[[noreturn]] HEWN_COLD void fail_parameter(const lease<Driver>& row) {
  fail_number_text(row);
  fail_unkept_value(row, row.statement());
  row->owner->fail_with(
      unfit_bound("", "parameter " + std::to_string(row.statement().problem_index()),
                  row.statement()),
      *row.operator->());
}

/// Names the column behind the parameter that could not be bound.
template <class Driver, class Statement>
[[noreturn]] HEWN_COLD void fail_bind(const lease<Driver>& row, const table_info& table,
                                      row_write kind, const Statement& bound) {
  fail_number_text(row);
  fail_unkept_value(row, bound);
  const int parameter = bound.problem_index();
  int number = 0;
  std::string_view column;
  for (const column_info& c : table.columns)
    if (is_written(c, kind) && ++number == parameter) column = c.name;
  if (column.empty()) fail_parameter(row);  // of the key
  row->owner->fail_with(unfit_bound(table.name, column, bound), *row.operator->());
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API void refuse_clock() {
  throw error(errc::invalid_data,
              "hewn: the time of the clock does not fit a created<> or updated<> field; use "
              "hewn::timestamp");
}

}  // namespace hewn::detail

#endif
