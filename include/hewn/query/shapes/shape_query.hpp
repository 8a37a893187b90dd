// hewn/query/shapes/shape_query.hpp - which shapes to read, and which rows of their relations.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/query/expressions/expression.hpp>
#include <hewn/query/select/shape_request.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/shapes/relation_check.hpp>
#include <hewn/query/shapes/relation_path.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/embedded.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

/// What with<>() says of a field of a shape. `Value`: the expression that the field holds.
template <std::size_t Field, class Query, class Link, std::size_t Along, class Value>
struct shape_part {
  static constexpr std::size_t field = Field;
  static constexpr std::size_t along = Along;
  using query_type = Query;
  using link = Link;
  using value_type = Value;

  Query query;
  Value value;
};

/// Of a field of which nothing is said.
struct no_part {};

/// What is said of several fields. A std::tuple would ask expressions whether they can be made of
/// nothing.
template <class Before, class Part>
struct part_list {
  Before before;
  Part last;
};

template <std::size_t Field>
constexpr no_part part_of(const no_part&) {
  return {};
}
template <std::size_t Field, class Before, class Part>
constexpr decltype(auto) part_of(const part_list<Before, Part>& parts) {
  if constexpr (Part::field == Field)
    return (parts.last);
  else
    return part_of<Field>(parts.before);
}

template <class Q>
concept relation_query = query<Q> || shape_request<Q>;

template <class P>
inline constexpr bool is_through = false;
template <class P>
inline constexpr bool is_along = false;

// The part of a kind among those that with<>() was given, or the default.
template <class Default>
constexpr Default query_among() {
  return {};
}
template <class Default, class First, class... Rest>
constexpr auto query_among(const First& first, const Rest&... rest) {
  if constexpr (relation_query<First>)
    return first;
  else
    return query_among<Default>(rest...);
}
constexpr no_part value_among() { return {}; }
template <class First, class... Rest>
constexpr auto value_among(const First& first, const Rest&... rest) {
  if constexpr (expression<First>)
    return first;
  else
    return value_among(rest...);
}

}  // namespace detail

/// The table between two tables, whose rows link their rows: for shape_query::with.
template <class Link>
struct through_table {
  using link = Link;
};
template <class Link>
inline constexpr through_table<Link> through{};

/// The field along whose declared reference related rows are found, where there are several: for
/// shape_query::with.
template <auto Member>
struct along_reference {
  using record = member_record<Member>;
  static constexpr std::size_t field = detail::one_column<Member>();
};
template <auto Member>
inline constexpr along_reference<Member> along{};

namespace detail {

template <class Link>
inline constexpr bool is_through<through_table<Link>> = true;
template <auto Member>
inline constexpr bool is_along<along_reference<Member>> = true;

/// Whether with<>() takes them: each kind of part at most once, and nothing else.
template <class... Given>
consteval bool are_parts() {
  constexpr std::size_t kinds[] = {
      (std::size_t{relation_query<Given>} + ... + 0), (std::size_t{is_through<Given>} + ... + 0),
      (std::size_t{is_along<Given>} + ... + 0), (std::size_t{expression<Given>} + ... + 0)};
  std::size_t known = 0;
  for (const std::size_t count : kinds) {
    if (count > 1) return false;
    known += count;
  }
  return known == sizeof...(Given);
}

template <class... Parts>
struct link_among {
  using type = no_part;
};
template <class First, class... Rest>
struct link_among<First, Rest...> : link_among<Rest...> {};
template <class Link, class... Rest>
struct link_among<through_table<Link>, Rest...> {
  using type = Link;
};

template <class... Parts>
inline constexpr std::size_t along_among = any_reference;
template <class First, class... Rest>
inline constexpr std::size_t along_among<First, Rest...> = along_among<Rest...>;
template <auto Member, class... Rest>
inline constexpr std::size_t along_among<along_reference<Member>, Rest...> = column_index<Member>;

}  // namespace detail

/// A query whose rows are shapes: plain structs of a row, the first field, and of what belongs to
/// it along declared references. A row or std::optional of one is the row to which it refers, or
/// the only one that refers to it; a std::vector holds the rows that refer to it. Instead of a row
/// each may hold a further shape. A value like other queries; see hewn::shape.
template <class S, class Root = table_query<detail::root_of<S>>, class Parts = detail::no_part>
class shape_query {
 public:
  using shape_type = S;
  using record_type = S;
  using root_type = Root;

  constexpr shape_query() = default;
  constexpr shape_query(Root root, Parts parts)
      : root_(std::move(root)), parts_(std::move(parts)) {}

  template <class... Given>
  constexpr shape_query operator()(const Given&...) const {
    static_assert(sizeof(shape_query) == 0,
                  "hewn: hewn::shape<S> is a value and no function; remove the parentheses, and "
                  "write hewn::shape<S>.where(...) for a condition");
    return *this;
  }

  /// Only shapes whose root row has the condition; a second call narrows further. Conditions on
  /// related rows are hewn::exists() and hewn::scalar() of a query that is correlated to the root.
  template <class Condition>
  constexpr auto where(Condition&& condition, call_site site = call_site::current()) const {
    return with_root(root_.where(std::forward<Condition>(condition), site));
  }
  template <class Given, class Condition>
  auto where_if(const Given& given, const Condition& condition,
                call_site site = call_site::current()) const {
    return with_root(root_.where_if(given, condition, site));
  }

  /// Also roots that are removed, of a table with soft_delete<>; related rows by a query
  /// with_removed() in with<>().
  constexpr auto with_removed() const { return with_root(root_.with_removed()); }

  /// The order of the root rows.
  template <class... Orderings>
  constexpr auto order_by(const Orderings&... orderings) const {
    using sorted = decltype(root_.order_by(orderings...));
    if constexpr (detail::explain_root_order<sorted>())
      return with_root(root_.order_by(orderings...));
    else
      return *this;
  }

  /// At most `count` shapes.
  constexpr auto limit(std::int64_t count) const { return with_root(root_.limit(count)); }

  /// Without the first `count` shapes.
  constexpr auto offset(std::int64_t count) const { return with_root(root_.offset(count)); }

  /// Which related rows a field holds, and how they are found. `parts`, in any order: a query of
  /// their table, `hewn::from<agent>`, or of their shape, `hewn::shape<...>`, with condition, order
  /// and a limit that is for each parent; `hewn::through<link>` where a table between links them;
  /// `hewn::along<&agent::reviewer_id>` where several references fit; and, for a field that is a
  /// value, the aggregate that it holds, such as `hewn::count()`.
  template <auto Member, class... Given>
  constexpr auto with(const Given&... parts) const {
    if constexpr (!detail::explain_with<S, Member, detail::are_parts<Given...>()>()) {
      return *this;
    } else {
      constexpr std::size_t field = member_index<Member>;
      using element = typename detail::relation_field<member_type<Member>>::element;
      auto query = detail::query_among<default_query<element>>(parts...);
      auto value = detail::value_among(parts...);
      using part =
          detail::shape_part<field, decltype(query), typename detail::link_among<Given...>::type,
                             detail::along_among<Given...>, decltype(value)>;
      using more = detail::part_list<Parts, part>;
      return shape_query<S, Root, more>(root_,
                                        more{parts_, part{std::move(query), std::move(value)}});
    }
  }

  // ---- for the library

  constexpr const Root& root() const { return root_; }

  /// What was said of the field, or a no_part.
  template <std::size_t Field>
  constexpr decltype(auto) part() const {
    return detail::part_of<Field>(parts_);
  }

  template <class X>
  static constexpr auto default_query_of() {
    if constexpr (detail::is_shape<X>)
      return shape_query<X>();
    else if constexpr (detail::row_struct<X>)
      return table_query<X>();
    else
      return detail::no_part();
  }
  template <class X>
  using default_query = decltype(default_query_of<X>());

 private:
  template <class Other>
  constexpr auto with_root(Other root) const {
    return shape_query<S, Other, Parts>(std::move(root), parts_);
  }

  [[no_unique_address]] Root root_{};
  [[no_unique_address]] Parts parts_{};
};

/// All rows of a shape: `db.all(hewn::shape<team_page>.where(col<&team::name> == "ops"))`. Include
/// <hewn/shapes.hpp>.
template <class S>
inline constexpr shape_query<S> shape{};

}  // namespace hewn
