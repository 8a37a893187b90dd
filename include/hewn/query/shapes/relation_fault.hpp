// hewn/query/shapes/relation_fault.hpp - what keeps a field of a shape from being read.
// SPDX-License-Identifier: BSL-1.0
//
// Faults are looked for as values and told at last, so that the compiler has few lines to show for
// one: a template that asserts names every one around it.
#pragma once

#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/query/rows/results.hpp>
#include <hewn/query/select/reference.hpp>
#include <hewn/query/select/shape_request.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/shapes/relation.hpp>
#include <hewn/query/shapes/relation_check.hpp>
#include <hewn/query/shapes/relation_path.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_of.hpp>
#include <hewn/schema/types.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace hewn::detail {

enum class relation_fault : std::uint8_t {
  none,
  // of an aggregate
  nothing_said,
  no_aggregate,
  other_value,
  limited_value,
  // of a query of rows
  other_rows,
  views,
  value_of_rows,
  linked_row,
  limited_row,
  chosen_row,
  // of the way from the root
  link,
  no_reference,
  other_reference,
  one_row_referred_to,
  several_rows_referring,
  several_references,
  optional_struct,
  key_type,
  collation,
  may_lack
};

template <class Value>
consteval bool counts_rows() {
  return pieces_of<Value>.back().what == sql_piece::kind::end_count;
}

/// Whether an expression is one aggregate and nothing around it, so that what it is of no rows is
/// known: 0 if it counts, otherwise NULL.
template <class Value, class Query>
consteval bool is_whole_aggregate() {
  if constexpr (has_value<Value> && query<Query>) {
    std::size_t aggregates = 0;
    for (const sql_piece& p : pieces_of<Value>)
      aggregates += p.what == sql_piece::kind::begin_aggregate;
    return aggregates == 1 && pieces_of<Value>.front().what == sql_piece::kind::begin_aggregate &&
           (counts_rows<Value>() ||
            pieces_of<Value>.back().what == sql_piece::kind::end_aggregate) &&
           is_within<Value, typename Query::record_type>();
  } else {
    return false;
  }
}

template <class Relation>
consteval relation_fault fault_of_value() {
  using value = typename Relation::value;
  if constexpr (std::is_same_v<value, no_part> || !query<typename Relation::query>) {
    return relation_fault::nothing_said;
  } else if constexpr (!is_whole_aggregate<value, typename Relation::query>()) {
    return relation_fault::no_aggregate;
  } else {
    using held =
        std::conditional_t<counts_rows<value>(), std::int64_t, std::optional<value_of<value>>>;
    if (!std::is_same_v<typename Relation::field, held>) return relation_fault::other_value;
    if (Relation::query::is_limited) return relation_fault::limited_value;
    return relation_fault::none;
  }
}

template <class T>
consteval bool is_owning() {
  using types = decltype(read_types<T>());
  if constexpr (std::is_void_v<types>)
    return false;
  else
    return owns_fields(types{});
}

template <class Relation>
consteval relation_fault fault_of_rows() {
  using asked = std::remove_cvref_t<decltype(queried_rows<typename Relation::query>::root(
      std::declval<const typename Relation::query&>()))>;
  constexpr bool many = Relation::form == relation_form::many;
  if (!std::is_same_v<typename Relation::element,
                      typename relation_field<typename Relation::field>::element>)
    return relation_fault::other_rows;
  if (!is_owning<root_of<typename Relation::element>>()) return relation_fault::views;
  if (!std::is_same_v<typename Relation::value, no_part>) return relation_fault::value_of_rows;
  if (Relation::is_linked && !many) return relation_fault::linked_row;
  if (asked::is_limited && !many) return relation_fault::limited_row;
  if (asked::has_condition && Relation::form == relation_form::one)
    return relation_fault::chosen_row;
  return relation_fault::none;
}

/// Why there is no way: a reference that the field does not fit is worth naming.
template <class Relation, class By>
consteval relation_fault fault_without_way() {
  using root = typename Relation::root;
  using related = typename By::related;
  const std::size_t onward =
      path_to_one(table_of<root>, signature_of<related>(), any_reference).found;
  const std::size_t back =
      path_to_many(signature_of<root>(), table_of<related>, any_reference, false).found;
  if (onward + back == 0) return relation_fault::no_reference;
  if (Relation::form == relation_form::many && back == 0)
    return relation_fault::one_row_referred_to;
  if (Relation::parts::along != any_reference) return relation_fault::other_reference;
  if (Relation::form == relation_form::one || Relation::form == relation_form::optional)
    return relation_fault::several_rows_referring;
  return relation_fault::no_reference;
}

template <class T>
consteval bool is_in_optional_struct(std::size_t column) {
  if constexpr (has_embedded<T>)
    return columns_that_may_lack<T>()[column];
  else
    return false;
}

/// Whether rows can be matched by these fields.
template <class T>
consteval relation_fault fault_of_end(const reference_fields& fields) {
  for (std::size_t i = 0; i != fields.size; ++i)
    if (is_in_optional_struct<T>(fields[i])) return relation_fault::optional_struct;
  for (std::size_t i = 0; i != fields.size; ++i) {
    const column_type type = table_of<T>.columns[fields[i]].type;
    if (type == column_type::blob || type == column_type::real || is_array(type))
      return relation_fault::key_type;
  }
  for (std::size_t i = 0; i != fields.size; ++i)
    if (!table_of<T>.columns[fields[i]].collation.empty()) return relation_fault::collation;
  return relation_fault::none;
}

template <class Relation, class By>
consteval relation_fault fault_of_way() {
  constexpr relation_path path = By::path;
  if (By::is_linked && (path.found != 1 || path.far_found != 1)) return relation_fault::link;
  if (path.found == 0) return fault_without_way<Relation, By>();
  if (path.found > 1) return relation_fault::several_references;
  constexpr relation_fault near = fault_of_end<typename Relation::root>(path.near);
  if (near != relation_fault::none) return near;
  constexpr relation_fault far = fault_of_end<typename By::related>(path.far);
  if (far != relation_fault::none) return far;
  if (Relation::form == relation_form::one && (!By::refers || By::near::may_lack))
    return relation_fault::may_lack;
  return relation_fault::none;
}

/// `Shown`: what the compiler prints beside the sentence.
template <relation_fault Kind, class Shown = void>
struct found_relation_fault {};

/// The fields of a table that refer to another.
template <class From, class To>
using referring_fields_of = decltype(list_references<From, To>(
    std::make_index_sequence<count_references<From>(signature_of<To>())>()));

template <class By, bool Refers = By::refers>
struct fields_on_way {
  using type = referring_fields_of<typename By::related, typename By::root>;
};
template <class By>
struct fields_on_way<By, true> {
  using type = referring_fields_of<typename By::root, typename By::related>;
};

template <relation_fault Kind, class Shown>
constexpr bool is_no_fault(found_relation_fault<Kind, Shown>) {
  return Kind == relation_fault::none;
}

template <class Query, std::size_t I = 1>
consteval auto fault_of_fields();

/// The first fault of field `I`, or of the fields of the shapes that it holds.
template <class Query, std::size_t I>
consteval auto fault_of_field() {
  using S = typename Query::shape_type;
  using part = std::remove_cvref_t<decltype(std::declval<const Query&>().template part<I>())>;
  using found = relation<S, I, part>;
  using field = referring_fields<named_field<S, I>()>;
  if constexpr (found::is_value) {
    if constexpr (fault_of_value<found>() != relation_fault::none)
      return found_relation_fault<fault_of_value<found>(), field>();
    else
      return found_relation_fault<fault_of_way<found, value_by<found>>(), field>();
  } else if constexpr (fault_of_rows<found>() == relation_fault::views) {
    return found_relation_fault<relation_fault::views, root_of<typename found::element>>();
  } else if constexpr (fault_of_rows<found>() != relation_fault::none) {
    return found_relation_fault<fault_of_rows<found>(), field>();
  } else {
    using by = rows_by<found>;
    constexpr relation_fault way = fault_of_way<found, by>();
    if constexpr (way == relation_fault::several_references)
      return found_relation_fault<way, typename fields_on_way<by>::type>();
    else if constexpr (way != relation_fault::none)
      return found_relation_fault<way, field>();
    else if constexpr (shape_request<typename found::query>)
      return fault_of_fields<typename found::query>();
    else
      return found_relation_fault<relation_fault::none>();
  }
}

/// The first fault of the fields from `I` on.
template <class Query, std::size_t I>
consteval auto fault_of_fields() {
  if constexpr (I == field_count<typename Query::shape_type>) {
    return found_relation_fault<relation_fault::none>();
  } else {
    using first = decltype(fault_of_field<Query, I>());
    if constexpr (is_no_fault(first{}))
      return fault_of_fields<Query, I + 1>();
    else
      return first();
  }
}

template <relation_fault Kind, class Shown>
consteval bool explain_relation(found_relation_fault<Kind, Shown>) {
  static_assert(Kind != relation_fault::nothing_said,
                "hewn: a field of this shape is neither a row, nor a std::optional or "
                "std::vector of rows; give it an aggregate, as in "
                "with<&S::field>(hewn::from<T>, hewn::count()), or remove it");
  static_assert(Kind != relation_fault::no_aggregate,
                "hewn: with<>() computes a field of a shape by something else than one "
                "aggregate of the rows of its query; use hewn::count(), "
                "hewn::sum(col<&T::field>) or their like, and select() for expressions around "
                "them");
  static_assert(Kind != relation_fault::other_value,
                "hewn: a field of this shape has another type than its aggregate; make it an "
                "std::int64_t for those that count, and for all others, which are NULL where "
                "there are no rows, an std::optional of the aggregate's type");
  static_assert(Kind != relation_fault::limited_value,
                "hewn: an aggregate of a shape is computed of all related rows; remove limit() "
                "and offset() from its query");
  static_assert(Kind != relation_fault::other_rows,
                "hewn: with<>() gives a field a query of other rows than it holds; use "
                "hewn::from<T> of the field's struct, or hewn::shape<S> where that is a shape");
  static_assert(Kind != relation_fault::value_of_rows,
                "hewn: with<>() gives a field that holds rows an aggregate; remove it, or make "
                "the field a value");
  static_assert(Kind != relation_fault::linked_row,
                "hewn: a table between links a row to any number of others; make the field a "
                "std::vector");
  static_assert(Kind != relation_fault::limited_row,
                "hewn: with<>() gives a field that holds one row a query with limit() or "
                "offset(); remove it, or make the field a std::vector");
  static_assert(Kind != relation_fault::chosen_row,
                "hewn: with<>() gives a field that always holds a row a query with a condition,"
                " which may leave it out; make the field an std::optional");
  static_assert(Kind != relation_fault::link,
                "hewn: hewn::through<L> of a shape needs one declared reference of L to either "
                "table; declare references<>() in L, and where several fit, name the one to the"
                " root by hewn::along<&L::column>");
  static_assert(Kind != relation_fault::no_reference,
                "hewn: a shape finds no declared reference between its root and the rows of a "
                "field; declare references<>() in one of them, or name the table between by "
                "with<&S::field>(hewn::through<L>)");
  static_assert(Kind != relation_fault::other_reference,
                "hewn: hewn::along<> names a field that does not refer from the rows of this field "
                "of a shape to its root, nor back; name the one that does, or leave it out");
  static_assert(
      Kind != relation_fault::one_row_referred_to,
      "hewn: a field of this shape is a std::vector, but its root refers to one row; hold "
      "the row itself, or a std::optional of it if the reference may be NULL");
  static_assert(
      Kind != relation_fault::several_rows_referring,
      "hewn: a field of this shape holds one row, but several may refer to its root; make "
      "the field a std::vector, or declare the column that refers unique<>()");
  static_assert(Kind != relation_fault::several_references,
                "hewn: a shape finds several declared references between its root and the rows "
                "of a field; choose one by with<&S::field>(hewn::along<&T::column>)");
  static_assert(
      Kind != relation_fault::optional_struct,
      "hewn: this key or reference is a field of an optional struct, which may not be there; move "
      "it out of the struct, or make the struct no optional");
  static_assert(Kind != relation_fault::key_type,
                "hewn: a shape finds related rows by integers, texts, enumerations, times and "
                "UUIDs, and this reference is of another type; join the tables instead");
  static_assert(Kind != relation_fault::collation,
                "hewn: a shape finds related rows by equal values, and this reference is over a"
                " column with a collation, for which other values are equal too; join the "
                "tables instead");
  static_assert(Kind != relation_fault::may_lack,
                "hewn: a field of this shape always holds a row, but its root may have none; "
                "make the field an std::optional");
  if constexpr (Kind == relation_fault::views) return explain_owning<Shown>();
  return Kind == relation_fault::none;
}

/// Whether the query is one of shapes that can be read.
template <class Query>
consteval bool explain_shapes() {
  using S = typename Query::shape_type;
  if constexpr (!explain_shape<S>())
    return false;
  else if constexpr (!explain_owning<root_of<S>>())
    return false;
  else
    return explain_relation(fault_of_fields<Query>());
}

}  // namespace hewn::detail
