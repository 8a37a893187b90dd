// hewn/query/shapes/read_shapes.hpp - the verbs that read shapes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/connection/snapshot.hpp>
#include <hewn/db/connection/turn.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/key_argument.hpp>
#include <hewn/query/rows/other_key.hpp>
#include <hewn/query/rows/ref_key.hpp>
#include <hewn/query/rows/results.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/shapes/load_relation.hpp>
#include <hewn/query/shapes/relation.hpp>
#include <hewn/query/shapes/relation_check.hpp>
#include <hewn/query/shapes/relation_fault.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/query/shapes/shape_query.hpp>
#include <hewn/query/statements/statement_errors.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>
#include <hewn/query/verbs/many_keys.hpp>
#include <hewn/query/verbs/reads.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/member.hpp>

#include <cstddef>
#include <iterator>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn {
namespace detail {

/// How many roots a verb reads.
enum class root_rows : unsigned char { all, first, only };

template <root_rows Rows, class S, class Driver>
void read_roots(const lease<Driver>& opened, std::vector<S>& shapes) {
  using root = root_of<S>;
  bool more = opened.step();
  check_table_row(opened, table_of<root>);
  if (Rows == root_rows::only && !more) fail_not_found(opened, table_of<root>);
  if (Rows == root_rows::all) reserve_rows(opened, shapes);
  for (; more; more = opened.step()) {
    if (Rows == root_rows::only && !shapes.empty()) fail_more_than_one(opened);
    read_row(opened, get_field<0>(shapes.emplace_back()));
    if (Rows == root_rows::first) break;
  }
}

template <class S>
std::vector<S*> addresses_of(std::vector<S>& shapes) {
  std::vector<S*> rows;
  rows.reserve(shapes.size());
  for (S& shape : shapes) rows.push_back(&shape);
  return rows;
}

/// `open`: the statement that finds the roots.
template <root_rows Rows, class Query, class Driver, class Open>
auto read_shapes_of(const turn<Driver>& who, const Query& query, rows_read which,
                    const call_site& site, Open open) {
  using S = typename Query::shape_type;
  std::vector<S> shapes;
  connection<Driver>& c = who.take(site);
  const call_scope at(site);
  snapshot<Driver> one(c, field_count<S> != 1, site);
  read_roots<Rows>(open(c), shapes);
  load_relations(shape_reading<Driver>{c, site}, query, addresses_of(shapes), which);
  one.end(site);
  return shapes;
}

template <root_rows Rows, class Query, class Driver>
auto read_shapes(const turn<Driver>& who, const Query& query, const call_site& site) {
  using asked = typename Query::root_type;
  constexpr bool all = Rows == root_rows::all && !asked::has_condition && !asked::is_limited;
  return read_shapes_of<Rows>(
      who, query, all ? rows_read::every : rows_read::some, site,
      [&](connection<Driver>& c) { return open_query(c, query.root(), false, site); });
}

template <shape_request Query, class Driver>
auto all_shapes(const turn<Driver>& who, const Query& query, const call_site& site) {
  if constexpr (explain_shapes<Query>())
    return read_shapes<root_rows::all>(who, query, site);
  else
    return std::vector<typename Query::shape_type>();
}

/// The first of what was read, if there is one.
template <class S>
std::optional<S> first_of(std::vector<S>&& shapes) {
  std::optional<S> first;
  if (!shapes.empty()) first.emplace(std::move(shapes.front()));
  return first;
}

template <shape_request Query, class Driver>
auto first_shape(const turn<Driver>& who, const Query& query, const call_site& site) {
  if constexpr (explain_shapes<Query>())
    return first_of(read_shapes<root_rows::first>(who, query, site));
  else
    return std::optional<typename Query::shape_type>();
}

template <shape_request Query, class Driver>
auto one_shape(const turn<Driver>& who, const Query& query, const call_site& site) {
  if constexpr (explain_shapes<Query>())
    return std::move(read_shapes<root_rows::only>(who, query, site).front());
  else
    return typename Query::shape_type{};
}

/// Whether the shapes of the query can be found by keys.
template <class Query>
consteval bool explain_shapes_by_key() {
  using asked = typename Query::root_type;
  constexpr bool all = !asked::has_condition && !asked::is_limited && !asked::shows_removed;
  static_assert(all,
                "hewn: get(), find() and get_many() of a shape find its roots by their keys alone; "
                "remove where(), limit() and with_removed(), or use one(), first() or all()");
  if constexpr (all && explain_shapes<Query>())
    return explain_key<root_of<typename Query::shape_type>>();
  else
    return false;
}

template <class R, class Key>
consteval bool explain_root_key() {
  if constexpr (ref_to_row<Key, R>) {
    return explain_ref_of<R, Key>();
  } else {
    constexpr bool fits = loose_key<Key, key_of<R>> || std::is_convertible_v<const Key&, key_of<R>>;
    if constexpr (!fits) explain_other_key<key_of<R>, Key>();
    return fits;
  }
}

/// Calls `use` with the key in the form in which key verbs take it.
template <class R, class Key, class Use>
auto with_root_key(const Key& key, Use use) {
  if constexpr (ref_to_row<Key, R>)
    return use(key.key());
  else if constexpr (loose_key<Key, key_of<R>>)
    return use(hold_key<key_of<R>>(key));
  else
    return use(static_cast<const key_of<R>&>(key));
}

template <root_rows Rows, class Query, class Key, class Driver>
auto read_shape_by_key(const turn<Driver>& who, const Query& query, const Key& key,
                       const call_site& site) {
  using R = root_of<typename Query::shape_type>;
  return with_root_key<R>(key, [&](const auto& held) {
    return read_shapes_of<Rows>(who, query, rows_read::some, site, [&](connection<Driver>& c) {
      return open_by_key<R>(c, held, site);
    });
  });
}

template <shape_request Query, class Key, class Driver>
auto get_shape(const turn<Driver>& who, const Query& query, const Key& key, const call_site& site) {
  using R = root_of<typename Query::shape_type>;
  if constexpr (!explain_shapes_by_key<Query>())
    return typename Query::shape_type{};
  else if constexpr (explain_root_key<R, Key>())
    return std::move(read_shape_by_key<root_rows::only>(who, query, key, site).front());
  else
    return typename Query::shape_type{};
}

template <shape_request Query, class Key, class Driver>
auto find_shape(const turn<Driver>& who, const Query& query, const Key& key,
                const call_site& site) {
  using R = root_of<typename Query::shape_type>;
  if constexpr (!explain_shapes_by_key<Query>())
    return std::optional<typename Query::shape_type>();
  else if constexpr (explain_root_key<R, Key>())
    return first_of(read_shape_by_key<root_rows::first>(who, query, key, site));
  else
    return std::optional<typename Query::shape_type>();
}

template <shape_request Query, class Keys, class Driver>
auto get_many_shapes(const turn<Driver>& who, const Query& query, const Keys& keys,
                     const call_site& site) {
  using S = typename Query::shape_type;
  if constexpr (explain_shapes_by_key<Query>() && explain_keys<root_of<S>, Keys>())
    return read_shapes_of<root_rows::all>(
        who, query, rows_read::some, site,
        [&](connection<Driver>& c) { return open_by_keys<root_of<S>>(c, keys, site); });
  else
    return std::vector<S>();
}

/// Whether load<>() can fill the field of `Row`, which is a shape or the element of a range.
template <auto Member, class Query, class Row>
consteval bool explain_load() {
  using S = member_record<Member>;
  constexpr bool own = std::is_same_v<S, std::remove_cv_t<Row>>;
  constexpr bool open = !own || !std::is_const_v<Row>;
  static_assert(own,
                "hewn: load<>() names a field of another shape than the rows are; name one of "
                "theirs");
  static_assert(open,
                "hewn: load<>() fills shapes that are there, and these are const; give it some "
                "that are not");
  if constexpr (own && open && explain_shape<S>() && explain_owning<root_of<S>>()) {
    constexpr std::size_t field = member_index<Member>;
    static_assert(field != 0,
                  "hewn: load<>() names the root of the shape, which is there already; name "
                  "another field");
    if constexpr (field != 0) return explain_relation(fault_of_field<Query, field>());
  }
  return false;
}

/// What load<>() is given: shapes of a range, or one.
template <class Rows>
struct loaded_rows {
  using row = Rows;
  static void list(Rows& one, std::vector<Rows*>& all) { all.push_back(&one); }
};
template <class Rows>
requires requires(Rows& rows) {
  std::begin(rows);
  std::end(rows);
}
struct loaded_rows<Rows> {
  using row = std::remove_reference_t<decltype(*std::begin(std::declval<Rows&>()))>;
  static void list(Rows& rows, std::vector<row*>& all) {
    for (row& one : rows) all.push_back(&one);
  }
};

}  // namespace detail

/// Reads what belongs to one field of shapes whose roots are there already, by one statement, and
/// one for each field of a shape in it: `hewn::load<&team_page::members>(db, pages)`. What the
/// field held is replaced. `rows`: a shape or a range of shapes that can be changed; `query`: one
/// of the field's rows, or of the shape with what with<>() says of the field. Throws: as db.all();
/// the shapes then hold what they held, or nothing.
template <auto Member, class Driver, class Rows,
          detail::relation_query Query = shape_query<member_record<Member>>>
void load(const reads<Driver>& db, Rows&& rows, const Query& query = {},
          call_site site = call_site::current()) {
  using S = member_record<Member>;
  using given = detail::loaded_rows<std::remove_reference_t<Rows>>;
  if constexpr (!std::is_same_v<typename detail::queried_rows<Query>::type, S>) {
    load<Member>(db, rows, shape<S>.template with<Member>(query), site);
  } else if constexpr (detail::explain_load<Member, Query, typename given::row>()) {
    std::vector<S*> all;
    given::list(rows, all);
    if (all.empty()) return;
    detail::connection<Driver>& c = db.connection(site);
    const detail::call_scope at(site);
    constexpr bool further =
        detail::is_shape<typename detail::relation_field<member_type<Member>>::element>;
    detail::snapshot<Driver> one(c, further, site);
    detail::load_field<member_index<Member>>(detail::shape_reading<Driver>{c, site}, query, all,
                                             detail::rows_read::some);
    one.end(site);
  }
}

}  // namespace hewn
