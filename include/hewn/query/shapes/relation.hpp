// hewn/query/shapes/relation.hpp - what a field of a shape is to its root.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/pieces/sql_piece.hpp>
#include <hewn/query/rows/results.hpp>
#include <hewn/query/select/reference.hpp>
#include <hewn/query/select/shape_request.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/shapes/key_match.hpp>
#include <hewn/query/shapes/related_text.hpp>
#include <hewn/query/shapes/relation_check.hpp>
#include <hewn/query/shapes/relation_path.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/query/shapes/shape_query.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// The query and the expression that a part names, or those that stand for nothing said.
template <class Part, class Element>
struct part_of_field {
  using query = typename Part::query_type;
  using link = typename Part::link;
  using value = typename Part::value_type;
  static constexpr std::size_t along = Part::along;

  static constexpr const query& query_in(const Part& part) { return part.query; }
};
template <class Element>
struct part_of_field<no_part, Element> {
  using query = typename shape_query<Element>::template default_query<Element>;
  using link = no_part;
  using value = no_part;
  static constexpr std::size_t along = any_reference;
  static constexpr query all{};

  static constexpr const query& query_in(const no_part&) { return all; }
};

template <class Query>
struct queried_rows {
  using type = void;
  static constexpr const auto& root(const Query& query) { return query; }
};
template <query Query>
struct queried_rows<Query> {
  using type = typename Query::record_type;
  static constexpr const Query& root(const Query& query) { return query; }
};
template <shape_request Query>
struct queried_rows<Query> {
  using type = typename Query::shape_type;
  static constexpr const auto& root(const Query& query) { return query.root(); }
};

/// Field `I` of the shape `S`, of which `Part` was said.
template <class S, std::size_t I, class Part>
struct relation {
  using field = field_type<S, I>;
  using root = root_of<S>;
  using parts = part_of_field<Part, typename relation_field<field>::element>;
  using query = typename parts::query;
  using element = typename queried_rows<query>::type;
  using link = typename parts::link;
  using value = typename parts::value;

  static constexpr relation_form form = relation_field<field>::form;
  static constexpr bool is_linked = !std::is_same_v<link, no_part>;
  static constexpr bool is_value = form == relation_form::other;
};

/// The same by the query of the shape.
template <std::size_t I, class S, class Query>
using relation_in =
    relation<S, I, std::remove_cvref_t<decltype(std::declval<const Query&>().template part<I>())>>;

// Fields of a row by which it is matched.
template <class T, reference_fields Fields, class = std::make_index_sequence<Fields.size>>
struct row_fields;

template <class T, reference_fields Fields, std::size_t... K>
struct row_fields<T, Fields, std::index_sequence<K...>> {
  using key = key_of_fields<column_field<T, Fields[K]>...>;
  /// The values as they are read from a result.
  using values = std::tuple<std::optional<unwrapped<column_field<T, Fields[K]>>>...>;

  static constexpr bool has_text =
      (std::is_same_v<match_key<column_field<T, Fields[K]>>, std::string_view> || ...);
  static constexpr bool may_lack = (is_optional<column_field<T, Fields[K]>> || ...);

  template <class Use>
  static void visit(const T& row, Use use) {
    use(get_column<Fields[K]>(row)...);
  }

  /// Calls `use(key)` unless one of the fields is NULL. Lifetime: texts are those of the row.
  template <class Use>
  static void with_key(const T& row, Use use) {
    with_match_keys(use, get_column<Fields[K]>(row)...);
  }
};

// No member of related_by: clang has no bodies of members before the end of their class.
template <class Root, class Link, class Related, relation_form Form, std::size_t Along>
consteval relation_path find_relation() {
  if constexpr (!std::is_same_v<Link, no_part>) {
    return path_through(signature_of<Root>(), table_of<Link>, signature_of<Related>(), Along);
  } else if constexpr (Form == relation_form::one || Form == relation_form::optional) {
    const relation_path to = path_to_one(table_of<Root>, signature_of<Related>(), Along);
    return to.found != 0 ? to : path_to_many(signature_of<Root>(), table_of<Related>, Along, true);
  } else {
    return path_to_many(signature_of<Root>(), table_of<Related>, Along, false);
  }
}

/// The tables of a relation and the way between them.
template <class Root, class Link, class Related, relation_form Form, std::size_t Along>
struct related_by {
  using root = Root;
  using related = Related;
  static constexpr bool is_linked = !std::is_same_v<Link, no_part>;
  static constexpr relation_path path = find_relation<Root, Link, Related, Form, Along>();

  /// Whether the root has the reference.
  static constexpr bool refers =
      !is_linked && (Form == relation_form::one || Form == relation_form::optional) &&
      path_to_one(table_of<Root>, signature_of<Related>(), Along).found != 0;

  /// Of how many columns the reference is, and the one to the related table where that is another.
  static constexpr std::size_t columns = path.near.size;
  static constexpr std::size_t far_columns = path.far.size;

  using near = row_fields<Root, path.near>;
  using far = row_fields<Related, path.far>;
  using key = typename near::key;
  static constexpr bool is_by_text = near::has_text;

  static related_tables tables() {
    if constexpr (is_linked)
      return {table_of<Root>, &table_of<Link>, table_of<Related>, path};
    else
      return {table_of<Root>, nullptr, table_of<Related>, path};
  }
};

template <class Relation>
using rows_by =
    related_by<typename Relation::root, typename Relation::link,
               root_of<typename Relation::element>, Relation::form, Relation::parts::along>;

/// Whether the field holds a row to which the root refers.
template <class Relation>
consteval bool has_target() {
  if constexpr (Relation::is_value)
    return false;
  else
    return rows_by<Relation>::refers;
}

/// Whether the field holds rows that refer to the root.
template <class Relation>
consteval bool has_owned_rows() {
  if constexpr (Relation::is_value)
    return false;
  else
    return !rows_by<Relation>::refers && !Relation::is_linked;
}

template <class Relation>
using value_by =
    related_by<typename Relation::root, typename Relation::link,
               typename Relation::query::record_type, relation_form::many, Relation::parts::along>;

}  // namespace hewn::detail
