// hewn/query/shapes/relation.hpp - what a field of a shape is to its root.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/query/expressions/value_expression.hpp>
#include <hewn/query/rows/results.hpp>
#include <hewn/query/shapes/key_match.hpp>
#include <hewn/query/shapes/related_text.hpp>
#include <hewn/query/shapes/relation_check.hpp>
#include <hewn/query/shapes/relation_path.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/query/shapes/shape_query.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <type_traits>

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
  static constexpr std::size_t along = along_any;
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

/// The way between the tables of a relation. Outside of related_by, in whose constants clang 14
/// calls no consteval function of its own.
template <class Root, class Link, class Related, relation_form Form, std::size_t Along>
consteval relation_path find_path() {
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
  static constexpr bool is_linked = !std::is_same_v<Link, no_part>;

  static constexpr relation_path path = find_path<Root, Link, Related, Form, Along>();

  /// Whether the root has the reference.
  static constexpr bool refers =
      !is_linked && (Form == relation_form::one || Form == relation_form::optional) &&
      path_to_one(table_of<Root>, signature_of<Related>(), Along).found != 0;

  using near = field_type<Root, path.near>;
  using far = field_type<Related, path.far>;
  using key = match_key<near>;

  static related_tables tables() {
    if constexpr (is_linked)
      return {table_of<Root>, &table_of<Link>, table_of<Related>, path};
    else
      return {table_of<Root>, nullptr, table_of<Related>, path};
  }
};

/// Whether a value can be computed for a field.
template <class Relation>
consteval bool explain_value_of_field() {
  constexpr bool said =
      !std::is_same_v<typename Relation::value, no_part> && query<typename Relation::query>;
  static_assert(said,
                "hewn: a field of this shape is neither a row, nor a std::optional or std::vector "
                "of one; say what it holds by with<&S::field>(hewn::from<T>, hewn::count()), or "
                "remove it");
  if constexpr (said) {
    using value = typename Relation::value;
    constexpr bool aggregate = [] {
      if constexpr (has_value<value>)
        return has_aggregate(pieces_of<value>) &&
               is_within<value, typename Relation::query::record_type>();
      else
        return false;
    }();
    static_assert(aggregate,
                  "hewn: a field of a shape that is a value holds an aggregate of the rows of its "
                  "query, such as hewn::count() or hewn::sum(col<&T::field>); read what is no "
                  "aggregate by select()");
    if constexpr (aggregate) {
      constexpr bool null = is_nullable<value, typename Relation::query::record_type>;
      constexpr bool fits = std::is_same_v<unwrapped<typename Relation::field>, value_of<value>> &&
                            (!null || is_optional<typename Relation::field>);
      static_assert(fits,
                    "hewn: a field of this shape cannot hold the aggregate that with<>() gives; "
                    "make it an std::int64_t for count(), and an std::optional of the aggregate's "
                    "type for those that are NULL of no rows");
      static_assert(!fits || !Relation::query::is_limited,
                    "hewn: an aggregate is of all related rows; remove limit() and offset() from "
                    "its query");
      return fits && !Relation::query::is_limited;
    }
  }
  return false;
}

/// Whether rows can be read for a field.
template <class Relation>
consteval bool explain_rows_of_field() {
  using element = typename Relation::element;
  constexpr bool own =
      std::is_same_v<element, typename relation_field<typename Relation::field>::element>;
  static_assert(own,
                "hewn: with<>() gives a field a query of other rows than it holds; use "
                "hewn::from<T> of the field's struct, or hewn::shape<S> where that is a shape");
  constexpr bool plain = !own || std::is_same_v<typename Relation::value, no_part>;
  static_assert(plain,
                "hewn: with<>() gives a field that holds rows an aggregate; remove it, or make the "
                "field a value");
  if constexpr (own && plain && explain_owning<root_of<element>>()) {
    using asked = std::remove_cvref_t<decltype(queried_rows<typename Relation::query>::root(
        std::declval<const typename Relation::query&>()))>;
    constexpr bool list = Relation::form == relation_form::many || !asked::is_limited;
    static_assert(list,
                  "hewn: limit() of a field that holds one row; remove it, or make the field a "
                  "std::vector");
    constexpr bool sure = !list || Relation::form != relation_form::one || !asked::has_condition;
    static_assert(sure,
                  "hewn: a condition may leave out the row of a field that always holds one; make "
                  "the field an std::optional");
    constexpr bool listed =
        !list || !sure || !Relation::is_linked || Relation::form == relation_form::many;
    static_assert(listed,
                  "hewn: a table between links a row to any number of others; make the field a "
                  "std::vector");
    return list && sure && listed;
  }
  return false;
}

/// Whether the way to the related rows is known.
template <class Relation, class By>
consteval bool explain_way() {
  using root = typename Relation::root;
  using related = root_of<typename Relation::element>;
  if constexpr (!explain_found<root, related, By::path.found>()) {
    return false;
  } else if constexpr (!explain_far_end < root, related,
                       !Relation::is_linked || By::path.far_found == 1 > ()) {
    return false;
  } else {
    constexpr bool single = !By::path.several_columns;
    static_assert(single,
                  "hewn: a shape finds related rows by one value, and this reference is of several "
                  "columns; join the tables instead");
    if constexpr (!single)
      return false;
    else if constexpr (!explain_key_types<typename By::near, typename By::far>() ||
                       !explain_collation<root, By::path.near>() ||
                       !explain_collation<related, By::path.far>())
      return false;
    else {
      constexpr bool may_lack =
          Relation::form == relation_form::one && (!By::refers || is_optional<typename By::near>);
      static_assert(!may_lack,
                    "hewn: a field of this shape holds one row, which may be missing; make it an "
                    "std::optional");
      return !may_lack;
    }
  }
}

}  // namespace hewn::detail
