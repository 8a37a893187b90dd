// hewn/query/select/common_table.hpp - queries that another names as tables.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/select/as_joined.hpp>

#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

/// `first UNION ALL step`, the second of which names the result of both, up to a number of rows.
template <class First, class Step, bool Distinct>
struct recursion : expression_base {
  First first;
  Step step;
  std::int64_t rows;

  constexpr recursion(First f, Step s, std::int64_t n)
      : first(std::move(f)), step(std::move(s)), rows(n) {}

  template <class...>
  static constexpr bool nullable = false;

  static constexpr void write_pieces(piece_recorder& out) {
    First::write_pieces(out);
    out.text(Distinct ? " UNION " : " UNION ALL ");
    Step::write_pieces(out);
    out.put(sql_piece::kind::row_limit);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    first.bind(binder);
    step.bind(binder);
    binder.count(rows);
  }
};

template <class First, class Step>
consteval bool explain_recursion() {
  if constexpr (!explain_common_table<First>() || !explain_common_table<Step, true>()) {
    return false;
  } else {
    return explain_same_rows<typename First::row_type, typename Step::row_type>();
  }
}

template <class Row, class... Before>
consteval bool explain_other_name() {
  constexpr bool other = ((table_of<Row>.name != table_of<Before>.name) && ...);
  static_assert(other,
                "hewn: two queries that stand for tables have one name; let one of them select() a "
                "struct of its own");
  return other;
}

}  // namespace detail

/// Queries that come before another, each named by the struct that it selects: these.
template <class Data, detail::query_id Id, class... Row>
class common_tables {
 public:
  /// The query itself, of one of these tables or any other.
  template <class T>
  constexpr auto from() const {
    constexpr const detail::query_step& step =
        detail::step_of<detail::query_word::from, &detail::source_of<T>, detail::whole_row>;
    const auto data = detail::with_step<detail::query_word::from, &detail::source_of<T>>(
        data_, detail::whole_row{});
    return joined_query<detail::source_list<detail::joined_source<T, false>>, detail::piece_list<>,
                        detail::piece_list<>, std::remove_const_t<decltype(data)>,
                        detail::mix(Id, step), detail::no_flag>{data, 0, 0, {}};
  }

  /// One more, which may name those before it.
  template <class Query>
  constexpr auto with(const Query& query) const {
    if constexpr (!detail::explain_common_table<Query>())
      return *this;
    else if constexpr (!detail::explain_other_name<typename Query::row_type, Row...>())
      return *this;
    else
      return added<detail::query_word::with, typename Query::row_type>(query.nested());
  }

  /// One more that may name itself, see hewn::with_recursive().
  template <class First, class Step>
  constexpr auto with_recursive(const First& first, const Step& step, std::int64_t rows) const {
    return recursive<false>(first, step, rows);
  }
  template <class First, class Step>
  constexpr auto with_recursive_distinct(const First& first, const Step& step,
                                         std::int64_t rows) const {
    return recursive<true>(first, step, rows);
  }

  // ---- for the library

  constexpr common_tables() = default;
  constexpr explicit common_tables(const Data& data) : data_(data) {}

 private:
  template <detail::query_word Word, class Next, class E>
  constexpr auto added(const E& e) const {
    constexpr const detail::query_step& step = detail::step_of<Word, &detail::source_of<Next>, E>;
    const auto data = detail::with_step<Word, &detail::source_of<Next>>(data_, e);
    return common_tables<std::remove_const_t<decltype(data)>,
                         detail::mix_all(detail::mix(Id, step), detail::table_id<Next>), Row...,
                         Next>(data);
  }

  template <bool Distinct, class First, class Step>
  constexpr auto recursive(const First& first, const Step& step, std::int64_t rows) const {
    if constexpr (!detail::explain_recursion<First, Step>()) {
      return *this;
    } else if constexpr (!detail::explain_other_name<typename First::row_type, Row...>()) {
      return *this;
    } else {
      const auto start = first.template nested<&detail::write_side_query>();
      const auto again = step.template nested<&detail::write_side_query>();
      return added<detail::query_word::with_recursive, typename First::row_type>(
          detail::recursion<std::remove_const_t<decltype(start)>,
                            std::remove_const_t<decltype(again)>, Distinct>(start, again, rows));
    }
  }

  Data data_{};
};

/// One row of values of no table: `hewn::select<day>(hewn::value(first))`, such as the first row of
/// a recursive query.
template <class R = detail::deduced_result, class... E>
constexpr auto select(const E&... e) {
  using nothing = joined_query<detail::source_list<>, detail::piece_list<>, detail::piece_list<>,
                               detail::query_data<0, 0, 0>, 0, detail::no_flag>;
  return nothing{{}, 0, 0, {}}.template select<R>(e...);
}

/// A query that those behind it name as a table, by the struct that it selects:
///
///     hewn::with(hewn::from<run>.group_by(...).select<total>(...)).from<agent>().join<total>(...)
template <class Query>
constexpr auto with(const Query& query) {
  return common_tables<detail::query_data<0, 0, 0>, 0>().with(query);
}

/// A query that names itself: the rows of `first`, then the rows of `step` for those that came
/// last, until there are none. At most `rows` rows are returned, which ends a cycle. `step` reads
/// the struct of the rows as a table: `from<node>.join<edge>(...)`.
template <class First, class Step>
constexpr auto with_recursive(const First& first, const Step& step, std::int64_t rows) {
  return common_tables<detail::query_data<0, 0, 0>, 0>().with_recursive(first, step, rows);
}

/// The same without rows that are there already, so that a walk in a cycle ends by itself.
template <class First, class Step>
constexpr auto with_recursive_distinct(const First& first, const Step& step, std::int64_t rows) {
  return common_tables<detail::query_data<0, 0, 0>, 0>().with_recursive_distinct(first, step, rows);
}

}  // namespace hewn
