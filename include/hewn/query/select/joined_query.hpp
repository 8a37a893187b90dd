// hewn/query/select/joined_query.hpp - a query over several tables, step by step.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/aggregate.hpp>
#include <hewn/query/expressions/alias.hpp>
#include <hewn/query/expressions/condition.hpp>
#include <hewn/query/expressions/sql_piece.hpp>
#include <hewn/query/select/held_value.hpp>
#include <hewn/query/select/projection.hpp>
#include <hewn/query/select/query_plan.hpp>
#include <hewn/query/select/reference.hpp>
#include <hewn/query/select/table_query.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

template <class... S>
struct source_list {};

/// One expression of ORDER BY. `Null`: it can be NULL.
template <class E, bool Descending, null_place Nulls, bool Null>
struct sorted_expression : around<E> {
  using around<E>::around;

  static constexpr void write_pieces(piece_recorder& out) {
    constexpr std::string_view sqlite = order_suffix(dialect::sqlite, Descending, Nulls, Null);
    constexpr std::string_view server = order_suffix(dialect::postgres, Descending, Nulls, Null);
    E::write_pieces(out);
    if constexpr (sqlite == server) {
      out.text(server);
    } else {
      out.only(dialect::sqlite, sqlite);
      out.only(dialect::postgres, server);
    }
  }
};

/// The number of limit() or offset().
struct row_count : bound<std::int64_t> {
  using bound::bound;

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    binder.count(held);
  }
};

template <class... E>
struct group_list {};

/// Finds the statement of a query by what its text follows from. By its tables too, for two files
/// may have structs of one name in unnamed namespaces.
template <query_id Id, class... Sources>
inline constinit std::atomic<unsigned> slot_of_id{0};

/// Whether an aggregate in it is NULL where there is no row at all.
constexpr bool is_null_of_none(std::span<const sql_piece> pieces) {
  for (const sql_piece& p : pieces)
    if (p.what == sql_piece::kind::end_aggregate) return true;
  return false;
}

constexpr bool same_piece(const sql_piece& a, const sql_piece& b) {
  return a.what == b.what && a.field == b.field && a.text == b.text &&
         (a.source == nullptr) == (b.source == nullptr) &&
         (a.source == nullptr || a.source->signature == b.source->signature);
}

constexpr bool starts_with(std::span<const sql_piece> all, std::span<const sql_piece> start) {
  if (start.empty() || all.size() < start.size()) return false;
  for (std::size_t i = 0; i != start.size(); ++i)
    if (!same_piece(all[i], start[i])) return false;
  return true;
}

using piece_lists = std::span<const std::span<const sql_piece>>;

/// Whether all columns of a table's key are grouped.
constexpr bool has_grouped_key(piece_lists groups, std::string_view signature,
                               std::span<const std::uint8_t> key) {
  for (const std::uint8_t k : key) {
    bool found = false;
    for (const auto& group : groups)
      found |= group.size() == 1 && group[0].what == sql_piece::kind::column &&
               group[0].field == k && group[0].source->signature == signature;
    if (!found) return false;
  }
  return !key.empty();
}

/// Whether every column stands in an aggregate, in one of the grouped expressions, or in a table
/// whose key is grouped.
constexpr bool is_grouped(std::span<const sql_piece> pieces, piece_lists groups,
                          std::span<const std::string_view> whole) {
  int depth = 0;
  while (!pieces.empty()) {
    const sql_piece& p = pieces.front();
    std::size_t skip = 1;
    if (p.what == sql_piece::kind::begin_aggregate) {
      ++depth;
    } else if (p.what == sql_piece::kind::end_aggregate || p.what == sql_piece::kind::end_count) {
      --depth;
    } else if (depth == 0) {
      bool found = p.what != sql_piece::kind::column;
      for (const auto& group : groups)
        if (starts_with(pieces, group)) found = true, skip = group.size();
      if (!found)
        for (const std::string_view signature : whole) found |= signature == p.source->signature;
      if (!found) return false;
    }
    pieces = pieces.subspan(skip);
  }
  return true;
}

// One mistake often makes others, so that only the first is explained.
constexpr std::size_t first_false(std::initializer_list<bool> values) {
  std::size_t i = 0;
  for (const bool value : values) {
    if (!value) break;
    ++i;
  }
  return i;
}

/// Whether an expression names the tables of the query alone.
template <class E, class... S>
consteval bool is_known() {
  if constexpr (is_dynamic<E>())
    return E::template within<typename S::source...>();
  else
    return names_only(pieces_of<E>, signatures_of<typename S::source...>);
}

// `E` is there to be printed.
template <class E, class... S>
consteval bool explain_joined_expression() {
  constexpr bool known = is_known<E, S...>();
  static_assert(known,
                "hewn: the query does not read the table of a column that it names; join that "
                "table first, by its alias where it has one");
  return known;
}

}  // namespace detail

/// A query over several tables, before select() says what it returns. A value: every function
/// returns a new one. Lifetime: text compared with an lvalue is referred to, not copied.
template <class Sources, class Groups, class Data, detail::query_id Id, bool Dynamic>
class joined_query;

template <class... S, class... G, class Data, detail::query_id Id, bool Dynamic>
class joined_query<detail::source_list<S...>, detail::group_list<G...>, Data, Id, Dynamic> {
  using word = detail::query_word;
  using same_sources = detail::source_list<S...>;
  using same_groups = detail::group_list<G...>;
  using condition_type = detail::joined_condition<Dynamic>;
  template <class T>
  using added = detail::joined_source<T, false>;
  template <class T>
  using missing = detail::joined_source<T, true>;

 public:
  // ---------------------------------------------------------------- tables

  /// Adds a table along the one declared reference between it and those before it, or by a
  /// condition: `join<agent>(col<&agent::id> == col<&run::agent_id>)`.
  template <class T, class... On>
  HEWN_INLINE constexpr auto join(const On&... on) const {
    return joined<word::join, T, detail::source_list<S..., added<T>>>(on...);
  }

  /// The same, keeping rows for which the added table has none.
  template <class T, class... On>
  HEWN_INLINE constexpr auto left_join(const On&... on) const {
    return joined<word::left_join, T, detail::source_list<S..., missing<T>>>(on...);
  }

  /// The same, keeping rows of the added table for which those before it have none. SQLite knows it
  /// from 3.39 on.
  template <class T, class... On>
  HEWN_INLINE constexpr auto right_join(const On&... on) const {
    return joined<word::right_join, T,
                  detail::source_list<missing<typename S::source>..., added<T>>>(on...);
  }

  /// The same, keeping the rows of both sides. SQLite knows it from 3.39 on.
  template <class T, class... On>
  HEWN_INLINE constexpr auto full_join(const On&... on) const {
    return joined<word::full_join, T,
                  detail::source_list<missing<typename S::source>..., missing<T>>>(on...);
  }

  /// Every row with every row of the added table.
  template <class T>
  HEWN_INLINE constexpr auto cross_join() const {
    return next<detail::source_list<S..., added<T>>, same_groups, word::cross_join,
                &detail::source_of<T>>(detail::whole_row{});
  }

  // ---------------------------------------------------------------- rows

  /// Only rows for which the condition is true; a second call narrows further.
  template <class E>
  HEWN_INLINE constexpr auto where(const E& e) const {
    if constexpr (!explain_condition<E>()) {
      return *this;
    } else if constexpr (detail::is_dynamic<E>()) {
      return joined_query<same_sources, same_groups, Data, Id, true>(data_,
                                                                     condition_.with(e.parts()));
    } else if constexpr (detail::explain_rows<E>()) {
      return next<same_sources, same_groups, word::where, nullptr>(e);
    } else {
      return *this;
    }
  }

  /// One row of the result for all rows in which these expressions are the same.
  template <class... E>
  HEWN_INLINE constexpr auto group_by(const E&... e) const {
    if constexpr (((detail::explain_joined_expression<E, S...>() && detail::explain_group<E>()) &&
                   ...))
      return next<same_sources, detail::group_list<G..., E...>, word::group_by, nullptr>(e...);
    else
      return *this;
  }

  /// Only groups for which the condition is true.
  template <class E>
  HEWN_INLINE constexpr auto having(const E& e) const {
    constexpr bool groups = sizeof...(G) != 0;
    static_assert(
        groups,
        "hewn: having() chooses among groups, and there are none; write group_by() before "
        "it, or choose rows by where()");
    if constexpr (!groups)
      return *this;
    else if constexpr (explain_condition<E>() && explain_groups<E>() && detail::explain_early<E>())
      return next<same_sources, same_groups, word::having, nullptr>(e);
    else
      return *this;
  }

  /// Sorts by columns and expressions, the first being the most important: `col<&T::f>`,
  /// `hewn::desc<&T::f>`, `hewn::count().desc()`, `col<&T::f>.asc().nulls_last()`.
  template <class... E>
  HEWN_INLINE constexpr auto order_by(const E&... e) const {
    constexpr bool columns = (detail::sorts<E> && ...);
    static_assert(columns,
                  "hewn: order_by() takes columns and expressions; write col<&T::field>, "
                  "hewn::desc<&T::field> or hewn::count().desc()");
    if constexpr (!columns)
      return *this;
    else if constexpr (knows<decltype(sorted(e))...>() && explain_order<decltype(sorted(e))...>())
      return next<same_sources, same_groups, word::order_by, nullptr>(sorted(e)...);
    else
      return *this;
  }

  /// At most `count` rows. Negative counts are an error when the query runs.
  HEWN_INLINE constexpr auto limit(std::int64_t count) const {
    return next<same_sources, same_groups, word::limit, nullptr>(detail::row_count(count));
  }

  /// Without the first `count` rows.
  HEWN_INLINE constexpr auto offset(std::int64_t count) const {
    return next<same_sources, same_groups, word::offset, nullptr>(detail::row_count(count));
  }

  /// Rows that are alike count as one.
  HEWN_INLINE constexpr auto distinct() const {
    return next<same_sources, same_groups, word::distinct, nullptr>(detail::whole_row{});
  }

  // ---------------------------------------------------------------- result

  /// The columns and expressions of the result, read into the fields of `R` in their order.
  template <class R, class... E>
  HEWN_INLINE constexpr auto select(const E&... e) const {
    constexpr bool columns = (detail::selectable<E> && ...);
    static_assert(columns,
                  "hewn: select() takes columns, expressions and hewn::row_of<T>; write "
                  "col<&T::field>");
    if constexpr (!columns) {
      return projection<R, Data, false>();
    } else if constexpr (knows<E...>() && explain_groups<E...>() &&
                         explain_result<E...>(typename detail::result_fields<R>::types{})) {
      constexpr const detail::query_step& step = detail::step_of<word::value, nullptr, E...>;
      const auto data = extended<step>(e...);
      return projection<R, decltype(data), Dynamic>(data, condition_,
                                                    slot<detail::mix(Id, step)>());
    } else {
      return projection<R, Data, false>();
    }
  }

  // ---- for the library

  constexpr joined_query(const Data& data, const condition_type& condition)
      : data_(data), condition_(condition) {}

 private:
  template <const detail::query_step& Step, class... E>
  HEWN_INLINE constexpr auto extended(const E&... e) const {
    constexpr std::size_t values = detail::count_values(Step);
    auto data = data_.template with<values, detail::count_texts(Step)>(Step);
    if constexpr (values != 0) {
      detail::value_taker taker{data.values + Data::value_count, data.texts,
                                static_cast<std::uint8_t>(Data::text_count)};
      (e.bind(taker), ...);
    }
    return data;
  }

  /// The query with one step more.
  template <class Sources, class Groups, detail::query_word Word, const detail::source_ref* Source,
            class... E>
  HEWN_INLINE constexpr auto next(const E&... e) const {
    constexpr const detail::query_step& step = detail::step_of<Word, Source, E...>;
    const auto data = extended<step>(e...);
    return joined_query<Sources, Groups, std::remove_const_t<decltype(data)>, detail::mix(Id, step),
                        Dynamic>(data, condition_);
  }

  template <detail::query_word Word, class T, class Sources>
  HEWN_INLINE constexpr auto joined() const {
    if constexpr (detail::explain_reference<T, typename S::source...>())
      return next<Sources, same_groups, Word, &detail::source_of<T>>(
          detail::reference_condition<T, typename S::source...>{});
    else
      return next<Sources, same_groups, Word, &detail::source_of<T>>(detail::whole_row{});
  }
  template <detail::query_word Word, class T, class Sources, class On>
  HEWN_INLINE constexpr auto joined(const On& on) const {
    if constexpr (!detail::explain_truth<On>())
      return next<Sources, same_groups, Word, &detail::source_of<T>>(detail::whole_row{});
    else if constexpr (detail::explain_joined_expression<On, S..., added<T>>() &&
                       detail::explain_rows<On>())
      return next<Sources, same_groups, Word, &detail::source_of<T>>(on);
    else
      return next<Sources, same_groups, Word, &detail::source_of<T>>(detail::whole_row{});
  }

  template <class E>
  HEWN_INLINE static constexpr auto sorted(const E& e) {
    if constexpr (requires { E::is_descending; }) {
      using key = std::remove_cvref_t<decltype(e.expression)>;
      return detail::sorted_expression<key, E::is_descending, E::nulls, is_null_here<key>()>(
          e.expression);
    } else {
      return detail::sorted_expression<E, false, detail::null_place::smallest, is_null_here<E>()>(
          e);
    }
  }

  template <detail::query_id Whole>
  static constexpr std::atomic<unsigned>* slot() {
    if constexpr (Dynamic)
      return nullptr;
    else
      return &detail::slot_of_id<Whole, typename S::source...>;
  }

  template <class... E>
  static consteval bool knows() {
    if constexpr ((detail::is_known<E, S...>() && ...))
      return true;
    else
      return detail::explain_joined_expression<
          std::tuple_element_t<detail::first_false({detail::is_known<E, S...>()...}),
                               std::tuple<E...>>,
          S...>();
  }

  static constexpr std::array<std::span<const detail::sql_piece>, sizeof...(G)> grouped_pieces{
      std::span<const detail::sql_piece>(detail::pieces_of<G>)...};

  /// The table's signature where its key is grouped, and so all of it.
  template <class Source>
  static consteval std::string_view whole_source() {
    constexpr std::string_view signature = detail::signature_of<Source>();
    const bool whole = detail::has_grouped_key(grouped_pieces, signature,
                                               table_of<detail::record_of_source<Source>>.key);
    return whole ? signature : std::string_view();
  }

  template <class... E>
  static consteval bool explain_groups() {
    constexpr bool together = [] {
      if (sizeof...(G) == 0 && !(detail::has_aggregate(detail::pieces_of<E>) || ...)) return true;
      const std::array<std::string_view, sizeof...(S)> whole{whole_source<typename S::source>()...};
      return (detail::is_grouped(detail::pieces_of<E>, grouped_pieces, whole) && ...);
    }();
    static_assert(together,
                  "hewn: a column beside an aggregate or outside the groups has no single value; "
                  "name it in group_by(), or take an aggregate of it");
    return together;
  }

  // What is selected is not known yet: without groups it may be rows or one value of all.
  template <class... E>
  static consteval bool explain_order() {
    if constexpr (sizeof...(G) == 0)
      return true;
    else
      return explain_groups<E...>();
  }

  template <class E>
  static consteval bool explain_condition() {
    if constexpr (detail::is_dynamic<E>())
      return detail::explain_joined_expression<E, S...>();
    else if constexpr (!detail::explain_truth<E>())
      return false;
    else
      return detail::explain_joined_expression<E, S...>();
  }

  /// Whether it can be NULL in a row of this query.
  template <class E>
  static consteval bool is_null_here() {
    if constexpr (sizeof...(G) == 0)
      if (detail::is_null_of_none(detail::pieces_of<E>)) return true;
    return detail::is_nullable<E, S...>;
  }

  template <class... E, class... F>
  static consteval std::size_t first_misfit(detail::field_types<F...>) {
    return detail::first_false({detail::fits_field<E, F>(is_null_here<E>())...});
  }

  template <class... E, class... F>
  static consteval bool explain_result(detail::field_types<F...>) {
    constexpr bool count = sizeof...(E) == sizeof...(F);
    static_assert(count,
                  "hewn: select() has another number of values than the result has fields; give "
                  "one value for each field");
    if constexpr (!count)
      return false;
    else if constexpr ((detail::fits_field<E, F>(is_null_here<E>()) && ...))
      return true;
    else
      return detail::explain_item<
          std::tuple_element_t<first_misfit<E...>(detail::field_types<F...>{}), std::tuple<E...>>,
          std::tuple_element_t<first_misfit<E...>(detail::field_types<F...>{}), std::tuple<F...>>,
          is_null_here<std::tuple_element_t<first_misfit<E...>(detail::field_types<F...>{}),
                                            std::tuple<E...>>>()>();
  }

  Data data_;
  [[no_unique_address]] condition_type condition_{};
};

namespace detail {

template <class T>
HEWN_INLINE constexpr auto start_query() {
  constexpr const query_step& step = step_of<query_word::from, &source_of<T>, whole_row>;
  using data = query_data<1, 0, 0>;
  return joined_query<source_list<joined_source<T, false>>, group_list<>, data,
                      mix(query_id(), step), false>(data{{}, {}, {&step}}, {});
}

template <class Query>
HEWN_INLINE constexpr auto filtered_query(const Query& query) {
  if constexpr (Query::has_condition)
    return start_query<typename Query::record_type>().where(query.condition());
  else
    return start_query<typename Query::record_type>();
}

template <class Joined, class... Orders>
HEWN_INLINE constexpr auto sorted_query(const Joined& joined, order_list<Orders...>) {
  if constexpr (sizeof...(Orders) == 0)
    return joined;
  else
    return joined.order_by(Orders{}...);
}

template <class Query, class Joined>
HEWN_INLINE constexpr auto limited_query(const Query& query, const Joined& joined) {
  if constexpr (Query::has_limit && Query::has_offset)
    return joined.limit(query.row_limit()).offset(query.row_offset());
  else if constexpr (Query::has_limit)
    return joined.limit(query.row_limit());
  else if constexpr (Query::has_offset)
    return joined.offset(query.row_offset());
  else
    return joined;
}

template <class Query>
HEWN_INLINE constexpr auto as_joined(const Query& query) {
  return limited_query(query, sorted_query(filtered_query(query), typename Query::orders{}));
}

}  // namespace detail
}  // namespace hewn
