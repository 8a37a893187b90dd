// hewn/query/statements/returning.hpp - what a write returns of the rows that it changes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/quote.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/pieces/value_binder.hpp>
#include <hewn/query/rows/results.hpp>
#include <hewn/query/select/query_check.hpp>
#include <hewn/query/select/result_fit.hpp>
#include <hewn/query/select/sources.hpp>
#include <hewn/query/statements/removal_text.hpp>
#include <hewn/schema/table_of.hpp>
#include <hewn/schema/types.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hewn {

/// What a write returns of each row that it changes: made by hewn::returning().
template <class R, class... E>
class returning_clause {
 public:
  using record_type = R;

  constexpr explicit returning_clause(const E&... items) : items_(items...) {}

  // ---- for the library

  /// It was refused already.
  static constexpr bool is_refused = sizeof...(E) == 0;

  /// Whether it names columns of the table of `T` alone.
  template <class T>
  static consteval bool explain() {
    constexpr bool own = (detail::is_within<E, T>() && ...);
    static_assert(own,
                  "hewn: returning() names a column of a table that the statement does not write; "
                  "use columns of the table whose rows it changes");
    return own;
  }

  /// ` RETURNING ...`
  void write(detail::sql_writer& out) const { write_items(out, " RETURNING "); }

  // A place is no value of the column that was named before.
  void write_items(detail::sql_writer& out, std::string_view before) const {
    const bool qualified = std::exchange(out.qualified, false);
    ((out.out += std::exchange(before, ", "), out.forget_column(), out.write(detail::pieces_of<E>)),
     ...);
    out.qualified = qualified;
  }

  template <class Binder>
  void bind(Binder& binder) const {
    std::apply([&](const auto&... each) { (each.bind(binder), ...); }, items_);
  }

 private:
  std::tuple<E...> items_;
};

namespace detail {

template <class C>
inline constexpr bool is_returning = false;
template <class R, class... E>
inline constexpr bool is_returning<returning_clause<R, E...>> = true;

template <class... E>
consteval bool explain_returned() {
  static_assert(sizeof...(E) != 0,
                "hewn: returning() names nothing; give it columns, or leave it out");
  constexpr bool columns = (selectable<E> && ...);
  static_assert(columns,
                "hewn: returning() takes columns, expressions and hewn::row_of<T>; write "
                "col<&T::field>");
  if constexpr (sizeof...(E) != 0 && columns) {
    constexpr bool plain = ((!has_aggregate(pieces_of<E>) && !has_window(pieces_of<E>)) && ...);
    static_assert(plain,
                  "hewn: returning() is computed of each row by itself and takes no aggregate or "
                  "window function; select() that in a query of its own");
    constexpr bool alone = !plain || (!has_query(pieces_of<E>) && ...);
    static_assert(alone,
                  "hewn: returning() takes no query inside an expression, which the databases "
                  "would run at different moments; ask it afterwards, in the same transaction");
    return plain && alone;
  } else {
    return false;
  }
}

template <class R>
struct kept_result {
  using type = R;
};
template <>
struct kept_result<deduced_result> {
  using type = std::int64_t;
};

/// What a misuse of returning() becomes, so that no second error follows from it.
template <class R>
using refused_returning = returning_clause<typename kept_result<R>::type>;

/// What a verb that writes rows of `T` asks of what it returns.
template <class T, class Clause>
consteval bool explain_returning() {
  if constexpr (Clause::is_refused)
    return false;
  else if constexpr (!explain_owning<typename Clause::record_type>())
    return false;
  else
    return Clause::template explain<T>();
}

template <class... Set>
using last_returning = std::tuple_element_t<sizeof...(Set) - 1, std::tuple<Set...>>;

template <class... Set>
consteval bool is_last_returning() {
  if constexpr (sizeof...(Set) == 0)
    return false;
  else
    return is_returning<last_returning<Set...>>;
}

/// Assignments, and behind them what is returned.
template <class... Set>
concept ends_in_returning = is_last_returning<Set...>();

/// Calls `use(returned, assignments...)`.
template <class Use, class... Set>
constexpr auto split_returning(Use use, const Set&... set) {
  const std::tuple<const Set&...> all(set...);
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return use(std::get<sizeof...(Set) - 1>(all), std::get<I>(all)...);
  }
  (std::make_index_sequence<sizeof...(Set) - 1>{});
}

/// The functions of a clause by its address.
template <class Clause>
HEWN_COLD void write_returned(const void* clause, sql_writer& out) {
  static_cast<const Clause*>(clause)->write(out);
}
template <class Clause, class Statement>
void bind_returned(const void* clause, value_binder<Statement>& to) {
  static_cast<const Clause*>(clause)->bind(to);
}

/// A write with what it returns.
template <class Request, class Clause>
struct returning_request {
  using record_type = typename Request::record_type;
  static constexpr bool is_dynamic = Request::is_dynamic;

  const Request& request;
  const Clause& returned;

  void write(sql_writer& out) const {
    request.write(out);
    returned.write(out);
  }

  template <class Binder>
  void bind(Binder& binder) const {
    request.bind(binder);
    returned.bind(binder);
  }
};

/// The removal of the rows of a condition, of a table that keeps none of them.
template <class Where>
struct deletion_request {
  using record_type = typename Where::record_type;
  static constexpr bool is_dynamic = Where::is_dynamic;

  const Where& where;

  void write(sql_writer& out) const {
    out.out += "DELETE FROM ";
    append_identifier(out.out, table_of<record_type>.name);
    where.write_where(out);
  }

  template <class Binder>
  void bind(Binder& binder) const {
    where.bind_where(binder);
  }
};

/// The same of any table. `now`: of the removal.
template <class Where>
auto removal_request(const Where& where, timestamp now) {
  if constexpr (table_of<typename Where::record_type>.keeps_removed())
    return kept_removal_request<Where, removal_step::remove>{where, now};
  else
    return deletion_request<Where>{where};
}

}  // namespace detail

/// The last argument of a verb that writes: which columns and expressions of each changed row it
/// returns, read into the fields of `R` in their order. They are those of the row as it is
/// afterwards, of a removed row as it was. Without `R` the result is the one value, or a std::tuple
/// of the values. Lifetime: text of an lvalue is referred to, not copied.
template <class R = detail::deduced_result, class... E>
constexpr auto returning(const E&... e) {
  if constexpr (!detail::explain_returned<E...>()) {
    return detail::refused_returning<R>();
  } else if constexpr (std::is_same_v<R, detail::deduced_result>) {
    using row = typename detail::deduced_row<detail::deduced_field<
        detail::selected_type<E>, detail::is_null_in<E, false, detail::source_list<>>>...>::type;
    return returning_clause<row, E...>(e...);
  } else if constexpr (detail::explain_result_fields<false, E...>(
                           detail::fields_of_result<R, E...>{}, detail::source_list<>{})) {
    return returning_clause<R, E...>(e...);
  } else {
    return detail::refused_returning<R>();
  }
}

}  // namespace hewn
