// hewn/query/select/selected_query.hpp - a query that can stand inside another.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/pieces/query_step.hpp>
#include <hewn/query/select/lock_check.hpp>
#include <hewn/query/select/projection.hpp>
#include <hewn/query/select/row_lock.hpp>
#include <hewn/query/select/sources.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

/// How many rows a query returns, as far as its type tells.
enum class row_number : std::uint8_t { any, one, limited };

/// Whether a row of a query may have none of this table.
template <class Table, class... Sources>
inline constexpr bool is_missing_in = (is_missing<Table, Sources> || ...);

/// What the type of a query tells beyond its rows. `Read`: a source_list of the tables that it
/// reads itself; `Outer`: tables of the query around it.
template <query_id Id, row_number Rows, class Read, class... Outer>
struct query_form {
  using read = Read;
  static constexpr query_id id = Id;
  static constexpr row_number rows = Rows;
  static constexpr bool is_correlated = sizeof...(Outer) != 0;
  static constexpr std::array<query_id, sizeof...(Outer)> outer{source_of<Outer>.id...};

  /// Whether a table of the query around it, which has these, may be missing there.
  template <class... Sources>
  static constexpr bool has_missing = (is_missing_in<Outer, Sources...> || ...);

  /// With another text.
  template <query_id Next>
  using next = query_form<Next, row_number::limited, Read, Outer...>;
  /// Of a query around this one and another.
  template <query_id Next, class Other>
  using both = typename Other::template after<Next, Read, Outer...>;
  template <query_id Next, class ReadBefore, class... More>
  using after =
      query_form<Next, row_number::limited, joined_sources<ReadBefore, Read>, More..., Outer...>;
};

/// The row as verbs see it: one that cannot be read by itself says so.
template <class R, class Form>
using row_of_form = std::conditional_t<Form::is_correlated, correlated<R>, R>;

/// Finds the statement of a query by what its text follows from.
template <query_id Id>
inline constinit std::atomic<unsigned> slot_of_id{0};

template <class Data, class Form, auto Write>
inline constexpr inner_query inner_query_of{Form::id,         Data::step_count, Data::value_count,
                                            Data::text_count, Form::outer,      Write};

template <class Data, class Form, auto Write>
inline constexpr source_ref source_of_query{
    Form::id, {}, nullptr, {}, &inner_query_of<Data, Form, Write>};

/// A query among the pieces of an expression, without what stands around it.
template <class Data, class Form, auto Write = &write_inner_query>
struct nested_query : expression_base {
  Data data;

  constexpr explicit nested_query(const Data& d) : data(d) {}

  template <class...>
  static constexpr bool nullable = false;

  static constexpr void write_pieces(piece_recorder& out) {
    out.put(sql_piece::kind::query, source_of_query<Data, Form, Write>);
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    binder.query(data);
  }
};

/// `value IN (SELECT ...)`.
template <bool Negated, class L, class Nested, bool Null>
struct query_test : around<L> {
  [[no_unique_address]] Nested query;

  constexpr query_test(L l, Nested q) : around<L>(std::move(l)), query(std::move(q)) {}

  template <class... Outer>
  static constexpr bool nullable = Null || is_nullable<L, Outer...>;

  static constexpr void write_pieces(piece_recorder& out) {
    write_operand<L>(out);
    out.text(Negated ? " NOT IN (" : " IN (");
    Nested::write_pieces(out);
    out.text(")");
  }

  template <class Binder>
  constexpr void bind(Binder& binder) const {
    around<L>::bind(binder);
    query.bind(binder);
  }
};

// One assertion per cause.
template <class Query>
consteval bool explain_nested() {
  static_assert(
      !locks_rows<Query>,
      "hewn: a query that locks its rows stands in no other; leave for_update() out here, "
      "or run it by itself");
  constexpr bool is_query = locks_rows<Query> || result_query<Query>;
  static_assert(is_query,
                "hewn: a query stands here; say what it returns by select(), or write "
                "hewn::from<T> for all of a table");
  if constexpr (is_query && !locks_rows<Query>) {
    constexpr bool is_static = !Query::is_dynamic_query;
    static_assert(is_static,
                  "hewn: a query with a hewn::condition has no fixed text and cannot stand inside "
                  "another; write its condition as an expression");
    return is_static;
  }
  return false;
}

/// Whether a row of these values can be looked for among those of a query.
template <class... V, class... F>
consteval bool explain_contained(field_types<F...>) {
  constexpr bool count = sizeof...(V) == sizeof...(F);
  static_assert(count,
                "hewn: in() looks for a row of another length than the query selects; let both "
                "have as many values");
  if constexpr (count)
    return (explain_comparison<V, unwrapped<F>>() && ...);
  else
    return false;
}

template <class... E>
consteval void refuse_after_select() {
  static_assert(sizeof...(E) == ~std::size_t{0},
                "hewn: select() ends a query; write where(), order_by() and limit() before it");
}

template <class Left, class Right>
consteval bool explain_same_rows() {
  constexpr bool same = std::is_same_v<Left, Right>;
  static_assert(same,
                "hewn: the two sides of a set operation return unlike rows; let both select() the "
                "same type");
  return same;
}

}  // namespace detail

/// A query with rows of type `R` that can be read, joined with others by set operations, and used
/// inside another query: `col<&T::f>.in(query)`, hewn::exists(), hewn::scalar(), hewn::with().
template <class R, class Data, bool Dynamic, class Form>
class selected_query : public projection<detail::row_of_form<R, Form>, Data, Dynamic> {
  using base = projection<detail::row_of_form<R, Form>, Data, Dynamic>;

 public:
  using form = Form;
  using row_type = R;
  static constexpr bool is_dynamic_query = Dynamic;

  constexpr selected_query() = default;
  HEWN_INLINE constexpr selected_query(const Data& data,
                                       const typename base::condition_type& chosen,
                                       std::atomic<unsigned>* slot)
      : base(data, chosen, slot) {}

  /// The rows of both queries, equal ones as often as they are there. Both sides return the same
  /// type. SQL's UNION ALL.
  template <class Query>
  constexpr auto union_all(const Query& other) const {
    return combined<detail::query_word::union_all>(other);
  }
  /// The rows of both, equal ones once, NULL being equal to NULL. SQL's UNION.
  template <class Query>
  constexpr auto union_distinct(const Query& other) const {
    return combined<detail::query_word::union_distinct>(other);
  }
  /// The rows that both return, each once. SQL's INTERSECT.
  template <class Query>
  constexpr auto intersect(const Query& other) const {
    return combined<detail::query_word::intersect>(other);
  }
  /// The rows of this query that the other has not, each once. SQL's EXCEPT.
  template <class Query>
  constexpr auto except(const Query& other) const {
    return combined<detail::query_word::except>(other);
  }

  // Told here, because SQL is written the other way round.
  template <class... E>
  constexpr auto where(const E&...) const {
    return detail::refuse_after_select<E...>(), *this;
  }
  template <class... E>
  constexpr auto order_by(const E&...) const {
    return detail::refuse_after_select<E...>(), *this;
  }
  template <class Count>
  constexpr auto limit(const Count&) const {
    return detail::refuse_after_select<Count>(), *this;
  }

  template <class... Tables>
  constexpr auto for_update() const {
    return detail::refuse_late_lock<Tables...>(), *this;
  }
  template <class... Tables>
  constexpr auto for_share() const {
    return detail::refuse_late_lock<Tables...>(), *this;
  }

  // ---- for the library

  template <auto Write = &detail::write_inner_query>
  constexpr auto nested() const {
    return detail::nested_query<Data, Form, Write>(this->data());
  }

  template <bool Negated, class... V, class L>
  constexpr auto contains_row(L left) const {
    static_cast<void>(detail::explain_nested<selected_query>() &&
                      detail::explain_contained<V...>(typename detail::result_fields<R>::types{}));
    return detail::query_test<Negated, L, decltype(nested()), true>(std::move(left), nested());
  }

  template <bool Negated, class L>
  constexpr auto contains(L left) const {
    constexpr bool single = detail::column_value<detail::unwrapped<R>>;
    static_assert(single,
                  "hewn: in() compares with the one value of each row; let the query select() a "
                  "single value");
    if constexpr (!single || !detail::explain_nested<selected_query>()) {
      return left.is_null();
    } else {
      static_cast<void>(detail::explain_comparison<detail::value_of<L>, detail::unwrapped<R>>());
      return detail::query_test<Negated, L, decltype(nested()), detail::is_optional<R>>(
          std::move(left), nested());
    }
  }

 private:
  template <detail::query_word Word, class Query>
  constexpr auto combined(const Query& other) const;
};

}  // namespace hewn
