// hewn/query/statements/conflict_text.hpp - what becomes of a row that is there already, as SQL.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/dialect/write/tenant_mark.hpp>
#include <hewn/query/expressions/excluded.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/statements/assignment_list.hpp>
#include <hewn/query/statements/update_text.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

/// What an expression of `T` and of the row that was to be inserted names.
template <class T, class E>
inline constexpr bool is_within_upsert = is_within<E, T, excluded_row<T>>();

}  // namespace detail

/// What an upsert sets where the row is there already: made by hewn::set().
template <class Where, class... Set>
class set_clause {
 public:
  static constexpr bool is_dynamic = detail::is_dynamic<Where>();
  static constexpr bool has_condition = !std::is_same_v<Where, detail::no_condition>;

  constexpr set_clause(std::tuple<Set...> set, Where where)
      : set_(std::move(set)), where_(std::move(where)) {}

  /// Only where the condition is true for the row that is there; otherwise it stays as it is, and
  /// the verb returns nothing.
  template <class Condition>
  constexpr auto where(Condition&& condition) const {
    using condition_type = std::remove_cvref_t<Condition>;
    static_assert(!has_condition, "hewn: set() takes one where(); join the conditions by && or ||");
    if constexpr (!has_condition && detail::explain_truth<condition_type>())
      return set_clause<condition_type, Set...>(set_, std::forward<Condition>(condition));
    else
      return *this;
  }

  // ---- for the library

  /// What upsert() of a `T` asks of it.
  template <class T>
  static consteval bool explain() {
    if constexpr (!detail::explain_set<T, Set...>()) {
      return false;
    } else {
      constexpr bool own = has_own_values<T>() && has_own_condition<T>();
      static_assert(own,
                    "hewn: upsert() names a column of a table that it does not write; use "
                    "columns of the row's table and hewn::excluded<> of them");
      return own;
    }
  }

  /// ` DO UPDATE SET ... WHERE ...`. updated<> columns that are not assigned get the time of the
  /// row that was to be inserted.
  template <class T>
  void write(detail::sql_writer& out) const {
    std::string& text = out.out;
    detail::assignment_list list(out, table_of<T>, " DO UPDATE SET ");
    detail::write_assignments(list, set_);
    for (std::size_t i = 0; i != table_of<T>.columns.size(); ++i) {
      if (!table_of<T>.columns[i].updated || ((Set::field == i) || ...)) continue;
      list.name(i);
      text += "\"excluded\".";
      append_identifier(text, table_of<T>.columns[i].name);
    }
    if constexpr (table_of<T>.has_version) list.count_version();
    const bool narrowed = write_condition(out);
    // The row that is there may be another tenant's.
    detail::append_tenant(text, table_of<T>, narrowed ? " AND " : " WHERE ",
                          quote_identifier(table_of<T>.name) + '.');
  }

  template <class Binder>
  void bind(Binder& binder) const {
    std::apply([&](const auto&... each) { (each.value.bind(binder), ...); }, set_);
    where_.bind(binder);
  }

 private:
  // Returns whether it has one.
  bool write_condition([[maybe_unused]] detail::sql_writer& out) const {
    if constexpr (is_dynamic) {
      if (where_.empty()) return false;
      out.out += " WHERE ";
      out.inner = where_.parts().steps.data();
      out.write(where_.parts().pieces);
    } else if constexpr (has_condition) {
      out.out += " WHERE ";
      out.write_expression(where_);
    }
    return has_condition;
  }

  template <class T>
  static consteval bool has_own_values() {
    return (detail::is_within_upsert<T, decltype(Set::value)> && ...);
  }
  template <class T>
  static consteval bool has_own_condition() {
    if constexpr (has_condition)
      return detail::is_within_upsert<T, Where>;
    else
      return true;
  }

  std::tuple<Set...> set_;
  [[no_unique_address]] Where where_;
};

/// What upsert() sets where the row is there already: assignments, in which `col` is a column of
/// the row that is there and `excluded` of the one that was to be inserted. `excluded<&T::f>` alone
/// stands for `col<&T::f> = excluded<&T::f>`.
template <class... Set>
constexpr auto set(const Set&... values) {
  static_assert(sizeof...(values) > 0,
                "hewn: set() needs at least one col<&T::field> = value or hewn::excluded<>");
  using clause = set_clause<detail::no_condition, decltype(detail::as_assignment(values))...>;
  return clause({detail::as_assignment(values)...}, {});
}

}  // namespace hewn
