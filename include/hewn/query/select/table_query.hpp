// hewn/query/select/table_query.hpp - which rows of a table, in which order.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/query/expressions/column.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/expressions/if_given.hpp>
#include <hewn/query/expressions/sort_choices.hpp>
#include <hewn/query/pieces/sql_writer.hpp>
#include <hewn/query/select/condition_check.hpp>
#include <hewn/query/select/orderings.hpp>
#include <hewn/query/select/projection.hpp>
#include <hewn/query/select/row_lock.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

/// The same query, as one to which tables and other results can be added.
template <class Query>
HEWN_INLINE constexpr auto as_joined(const Query& query);

}  // namespace detail

/// A query over the rows of `T`. A value: every function returns a new query, so a query can be
/// kept and extended. Lifetime: text compared with an lvalue is referred to, not copied.
template <class T, class Where = detail::no_condition, class Orders = detail::order_list<>,
          bool Limited = false, bool Skipping = false, bool WithRemoved = false>
class table_query {
 public:
  using record_type = std::remove_cvref_t<T>;
  using where_type = Where;

  static_assert(std::is_same_v<T, record_type>,
                "hewn: a row is of a plain type; remove the reference, const or volatile");

  static constexpr bool has_chosen_order = std::is_same_v<Orders, detail::chosen_order>;
  static constexpr bool is_dynamic = detail::is_dynamic<Where>() || has_chosen_order;
  static constexpr bool has_condition = !std::is_same_v<Where, detail::no_condition>;
  static constexpr bool is_limited = Limited || Skipping;
  static constexpr bool shows_removed = WithRemoved;

  constexpr table_query() = default;
  constexpr table_query(Where where, Orders order, std::int64_t limit, std::int64_t offset,
                        call_site site)
      : where_(std::move(where)),
        orders_(std::move(order)),
        limit_(limit),
        offset_(offset),
        site_(site) {}

  template <class... Given>
  constexpr table_query operator()(const Given&...) const {
    static_assert(sizeof(table_query) == 0,
                  "hewn: hewn::from<T> is a value and no function; remove the parentheses, and "
                  "write hewn::from<T>.where(...) for a condition");
    return *this;
  }

  /// Only rows for which the condition is true; a second call narrows further.
  template <class Condition>
  constexpr auto where(Condition&& condition, call_site site = call_site::current()) const {
    using condition_type = std::remove_cvref_t<Condition>;
    if constexpr (!detail::explain_truth<condition_type>()) {
      return *this;
    } else if constexpr (!detail::explain_condition<condition_type, record_type>()) {
      return *this;
    } else if constexpr (detail::is_dynamic<condition_type>() &&
                         !std::is_same_v<condition_type, hewn::condition<record_type>>) {
      return where(hewn::condition<record_type>(condition), site);
    } else if constexpr (has_condition) {
      // The operator rather than its node: a hewn::condition may be empty, and joins differently.
      return with(where_ && std::forward<Condition>(condition), site);
    } else {
      return with(condition_type(std::forward<Condition>(condition)), site);
    }
  }

  /// As where() if `given`; without it the condition disappears from the text. Cost: such a query
  /// is found by its text.
  template <class Condition>
  auto where_if(bool given, const Condition& condition,
                call_site site = call_site::current()) const {
    if constexpr (!detail::explain_truth<Condition>())
      return *this;
    else if constexpr (!detail::explain_condition<Condition, record_type>())
      return *this;
    else
      return where(given ? hewn::condition<record_type>(condition) : hewn::condition<record_type>(),
                   site);
  }

  /// As where() with the condition that `make` makes of the value, if there is one:
  /// `where_if(pattern, [](auto p) { return col<&agent::name>.like(p); })`. A text comes as an
  /// std::string_view.
  template <class V, class Make>
  auto where_if(const std::optional<V>& value, const Make& make,
                call_site site = call_site::current()) const {
    using made = detail::made_condition<V, Make>;
    if constexpr (std::is_same_v<made, detail::no_expression>)
      return *this;
    else if constexpr (!detail::explain_truth<made>())
      return *this;
    else if constexpr (!detail::explain_condition<made, record_type>())
      return *this;
    else
      return where(detail::condition_if<record_type>(value, make), site);
  }

  /// Sorts by columns, `hewn::asc<>` and `hewn::desc<>`, the first being the most important. NULLs
  /// come before all values, and last in descending order, unless `col<&T::f>.asc().nulls_last()`
  /// and its like say otherwise.
  template <class... Orderings>
  constexpr auto order_by(Orderings... orderings) const {
    if constexpr (!(detail::sortable<Orderings> && ...) && (detail::sorts<Orderings> && ...))
      return detail::as_joined(*this).order_by(orderings...);
    else if constexpr (detail::explain_orderings<Orderings...>())
      return ordered(detail::order_list<decltype(detail::as_ordering(orderings))...>{});
    else
      return *this;
  }

  /// Sorts by what was chosen at run time, see hewn::sort_choices; the key decides what it leaves
  /// open. Cost: such a query is found by its text.
  template <class... Tables>
  auto order_by(const sort_order<Tables...>& order) const {
    if constexpr (detail::explain_chosen_order<(std::is_same_v<Tables, record_type> && ...)>())
      return table_query<T, Where, detail::chosen_order, Limited, Skipping, WithRemoved>(
          where_, {order.terms()}, limit_, offset_, site_);
    else
      return *this;
  }

  /// At most `count` rows. Negative counts are an error when the query runs.
  constexpr auto limit(std::int64_t count) const {
    return table_query<T, Where, Orders, true, Skipping, WithRemoved>(where_, orders_, count,
                                                                      offset_, site_);
  }

  /// Without the first `count` rows.
  constexpr auto offset(std::int64_t count) const {
    return table_query<T, Where, Orders, Limited, true, WithRemoved>(where_, orders_, limit_, count,
                                                                     site_);
  }

  /// Also rows that are removed, of a table with soft_delete<>. Queries inside this one say so for
  /// themselves.
  constexpr auto with_removed() const {
    return table_query<T, Where, Orders, Limited, Skipping, true>(where_, orders_, limit_, offset_,
                                                                  site_);
  }

  /// Locks the rows that it reads against changes, until the transaction ends: see locked_query.
  constexpr auto for_update() const {
    return locked_query<table_query, detail::row_lock::update>(*this);
  }

  /// The same, sharing the lock with others who only read. SQLite has no such lock, and takes the
  /// one for writing.
  constexpr auto for_share() const {
    return locked_query<table_query, detail::row_lock::share>(*this);
  }

  // ---------------------------------------------------------------- several tables, other results

  // What these return is in query/select/joined_query.hpp, as are their contracts.
  template <class U, class... On>
  HEWN_INLINE constexpr auto join(const On&... on) const {
    return detail::as_joined(*this).template join<U>(on...);
  }
  template <class U, class... On>
  HEWN_INLINE constexpr auto left_join(const On&... on) const {
    return detail::as_joined(*this).template left_join<U>(on...);
  }
  template <class U, class... On>
  HEWN_INLINE constexpr auto right_join(const On&... on) const {
    return detail::as_joined(*this).template right_join<U>(on...);
  }
  template <class U, class... On>
  HEWN_INLINE constexpr auto full_join(const On&... on) const {
    return detail::as_joined(*this).template full_join<U>(on...);
  }
  template <class U>
  HEWN_INLINE constexpr auto cross_join() const {
    return detail::as_joined(*this).template cross_join<U>();
  }
  template <class U, class... On>
  auto join_if(bool joined, const On&... on) const {
    return detail::as_joined(*this).template join_if<U>(joined, on...);
  }
  template <class U, class... On>
  auto left_join_if(bool joined, const On&... on) const {
    return detail::as_joined(*this).template left_join_if<U>(joined, on...);
  }
  template <detail::result_query Query, class On>
  HEWN_INLINE constexpr auto join(const Query& query, const On& on) const {
    return detail::as_joined(*this).join(query, on);
  }
  template <detail::result_query Query, class On>
  HEWN_INLINE constexpr auto left_join(const Query& query, const On& on) const {
    return detail::as_joined(*this).left_join(query, on);
  }
  template <detail::result_query Query, class On>
  HEWN_INLINE constexpr auto right_join(const Query& query, const On& on) const {
    return detail::as_joined(*this).right_join(query, on);
  }
  template <detail::result_query Query, class On>
  HEWN_INLINE constexpr auto full_join(const Query& query, const On& on) const {
    return detail::as_joined(*this).full_join(query, on);
  }
  template <detail::result_query Query, class On>
  auto join_if(bool joined, const Query& query, const On& on) const {
    return detail::as_joined(*this).join_if(joined, query, on);
  }
  template <detail::result_query Query, class On>
  auto left_join_if(bool joined, const Query& query, const On& on) const {
    return detail::as_joined(*this).left_join_if(joined, query, on);
  }
  template <class U, class... On>
  HEWN_INLINE constexpr auto correlate(const On&... on) const {
    return detail::as_joined(*this).template correlate<U>(on...);
  }
  template <class... E>
  HEWN_INLINE constexpr auto group_by(const E&... e) const {
    return detail::as_joined(*this).group_by(e...);
  }
  HEWN_INLINE constexpr auto distinct() const { return detail::as_joined(*this).distinct(); }
  template <class R = detail::deduced_result, class... E>
  HEWN_INLINE constexpr auto select(const E&... e) const {
    return detail::as_joined(*this).template select<R>(e...);
  }

  // ---- for the library

  /// The line of where(): verbs that end in a pack of assignments cannot see their own.
  constexpr call_site site() const { return site_; }
  constexpr table_query called_at(const call_site& site) const {
    return table_query(where_, orders_, limit_, offset_, site);
  }

  constexpr bool counts_valid() const { return limit_ >= 0 && offset_ >= 0; }

  constexpr const Where& condition() const { return where_; }
  constexpr const Orders& order() const { return orders_; }
  constexpr std::int64_t row_limit() const { return limit_; }
  constexpr std::int64_t row_offset() const { return offset_; }
  static constexpr bool has_limit = Limited;
  static constexpr bool has_offset = Skipping;
  using orders = Orders;

  /// Whether the query has a condition that turned out to restrict nothing.
  bool condition_empty() const {
    if constexpr (requires { where_.empty(); })
      return where_.empty();
    else
      return false;
  }

  /// Room to reserve before reading: the limit, unless it only means "no limit".
  constexpr std::size_t expected_rows() const {
    return Limited && limit_ <= 4096 ? static_cast<std::size_t>(limit_) : 0;
  }

  /// `WHERE ... ORDER BY ... LIMIT ...`
  void write_tail(detail::sql_writer& out) const {
    write_where(out);
    write_order(out);
    write_limit(out);
  }

  void write_order(detail::sql_writer& out) const {
    if constexpr (has_chosen_order)
      detail::write_chosen_order(out, orders_.terms, table_of<record_type>);
    else
      write_orders(out, Orders{});
  }

  static void write_limit([[maybe_unused]] detail::sql_writer& out) {
    if constexpr (Limited) {
      out.text(" LIMIT ");
      out.count();
    } else if constexpr (Skipping) {
      // SQLite has no OFFSET of its own.
      if (out.dialect == dialect::sqlite) out.text(" LIMIT -1");
    }
    if constexpr (Skipping) {
      out.text(" OFFSET ");
      out.count();
    }
  }

  void write_where(detail::sql_writer& out) const {
    [[maybe_unused]] const std::size_t start = out.out.size();
    if constexpr (has_condition) {
      out.text(" WHERE ");
      const std::size_t body = out.out.size();
      if constexpr (detail::is_dynamic<Where>()) {
        out.inner = where_.parts().steps.data();
        out.write(where_.parts().pieces);
      } else {
        out.write_expression(where_);
      }
      if (out.out.size() == body) out.out.resize(start);  // a dynamic condition may be empty
    }
    if constexpr (table_of<record_type>.is_narrowed())
      detail::write_presence(out, start, table_of<record_type>, WithRemoved);
  }

  template <class Binder>
  void bind_tail(Binder& binder) const {
    where_.bind(binder);
    if constexpr (Limited) binder.value(limit_);
    if constexpr (Skipping) binder.value(offset_);
  }

  template <class Binder>
  void bind_where(Binder& binder) const {
    where_.bind(binder);
  }

 private:
  template <class... Orderings>
  constexpr auto ordered(detail::order_list<Orderings...>) const {
    static_assert((detail::one_of<typename Orderings::record, T> && ...),
                  "hewn: order_by() names a column of a table that this query does not read; use a "
                  "column of its own table");
    return table_query<T, Where, detail::order_list<Orderings...>, Limited, Skipping, WithRemoved>(
        where_, {}, limit_, offset_, site_);
  }

  template <class Condition>
  constexpr auto with(Condition condition, const call_site& site) const {
    return table_query<T, Condition, Orders, Limited, Skipping, WithRemoved>(
        std::move(condition), orders_, limit_, offset_, site);
  }

  template <class... Orderings>
  static void write_orders(detail::sql_writer& out, detail::order_list<Orderings...>) {
    [[maybe_unused]] bool first = true;
    ((detail::write_ordering<Orderings>(out, first), first = false), ...);
  }

  [[no_unique_address]] Where where_{};
  [[no_unique_address]] Orders orders_{};
  std::int64_t limit_ = 0;
  std::int64_t offset_ = 0;
  call_site site_{};
};

/// All rows of `T`: the start of every query, `hewn::from<agent>.where(...)`.
template <class T>
inline constexpr table_query<T> from{};

namespace detail {

template <class Q>
inline constexpr bool is_table_query = false;
template <class T, class W, class O, bool L, bool S, bool R>
inline constexpr bool is_table_query<table_query<T, W, O, L, S, R>> = true;

template <class Q>
concept query = is_table_query<std::remove_cvref_t<Q>>;

/// A query whose rows are read.
template <class Q>
concept rows_query = query<Q> || is_locked_query<std::remove_cvref_t<Q>>;

template <class Condition>
consteval void refuse_bare_condition() {
  static_assert(sizeof(Condition) == 0,
                "hewn: a condition alone is no query; write hewn::from<T>.where(condition)");
}

}  // namespace detail
}  // namespace hewn
