// hewn/query/shapes/write_shapes.hpp - shapes are stored as a whole.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/fwd.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/shapes/read_shapes.hpp>
#include <hewn/query/shapes/relation_fault.hpp>
#include <hewn/query/shapes/repeated_rows.hpp>
#include <hewn/query/shapes/shape_changes.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/query/shapes/shape_query.hpp>
#include <hewn/query/shapes/shape_writer.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <type_traits>
#include <utility>
#include <vector>

namespace hewn {
namespace detail {

/// Two states of a shape whose roots are different rows.
[[noreturn]] HEWN_RARE HEWN_API void fail_other_root(const table_info& table,
                                                     const call_site& site);

/// Whether shapes of this type can be written.
template <class S, class Query>
consteval bool explain_written() {
  constexpr bool own = std::is_same_v<S, typename Query::shape_type>;
  static_assert(own,
                "hewn: the query of a shape that is written is one of another shape; give one "
                "of hewn::shape<S> of the same struct");
  if constexpr (own)
    return explain_shapes<Query>() && explain_key<root_of<S>>();
  else
    return false;
}

/// Whether they can be compared with what is stored.
template <class S, class Query>
consteval bool explain_saved() {
  if constexpr (!explain_written<S, Query>()) {
    return false;
  } else {
    constexpr bool removable = has_removable_links<Query>();
    static_assert(removable,
                  "hewn: save() removes rows of a table between by its two references, which are "
                  "not its primary key; declare them primary_key<>(), or hold its rows in the "
                  "shape");
    return removable;
  }
}

template <class R>
void check_same_root(const R& before, const R& after, const call_site& site) {
  if (is_new_row(after) || row_key(before) != row_key(after)) fail_other_root(table_of<R>, site);
}

}  // namespace detail

/// Stores new shapes with all that belongs to them, or nothing, by the verbs for many rows: rows to
/// which the roots refer and that have no key yet, the roots, then the rows that belong to them and
/// the links to rows of linked tables. References and keys are filled in. Rows to which the roots
/// refer, and linked ones, that have a key are taken to be there. Fields that hold an aggregate are
/// left alone. `query`: what with<>() says of the fields. Returns the shapes as they are stored.
/// Throws: as db.insert().
template <class Driver, class S, detail::shape_request Query = shape_query<S>>
std::vector<S> insert(const transactional<Driver>& db, std::vector<S> shapes,
                      const Query& query = {}, call_site site = call_site::current()) {
  if constexpr (detail::explain_written<S, Query>()) {
    const detail::call_scope at(site);
    db.transaction(
        [&]<class Tx>(Tx& tx) {
          detail::shape_writer<Tx>{tx, site}.insert(query, detail::addresses_of(shapes));
        },
        site);
  }
  return shapes;
}

/// The same of one shape.
template <class Driver, class S, detail::shape_request Query = shape_query<S>>
S insert(const transactional<Driver>& db, S shape, const Query& query = {},
         call_site site = call_site::current()) {
  if constexpr (detail::explain_written<S, Query>()) {
    const detail::call_scope at(site);
    db.transaction(
        [&]<class Tx>(Tx& tx) {
          detail::shape_writer<Tx>{tx, site}.insert(query, std::vector<S*>{&shape});
        },
        site);
  }
  return shape;
}

/// Makes of a shape that is stored, `before`, what `after` says, all or nothing: rows that have
/// changed are updated, those that are new inserted, and those that are gone removed with what
/// belongs to them; found by their keys, and by the verbs for many rows. What `before` lacks,
/// because it was not loaded, is not touched. A row to which the root refers is updated where it
/// changed and is never removed; the root refers to the row that the field holds, where that is
/// another than before. Of linked rows the links are written. Returns the shape as it is stored.
/// Throws: usage where the roots are different rows; invalid_data where a list has a row twice, and
/// then nothing is written; not_found where a row that is to be updated or
/// removed is there no more; as db.insert().
template <class Driver, class S, detail::shape_request Query = shape_query<S>>
S save(const transactional<Driver>& db, const S& before, S after, const Query& query = {},
       call_site site = call_site::current()) {
  if constexpr (detail::explain_saved<S, Query>()) {
    const detail::call_scope at(site);
    detail::check_same_root(detail::root_row(before), detail::root_row(after), site);
    detail::refuse_repeated_rows<Query>(after, site);
    db.transaction(
        [&]<class Tx>(Tx& tx) {
          detail::shape_writer<Tx>{tx, site}.update(
              query, std::vector<std::pair<const S*, S*>>{{&before, &after}});
        },
        site);
  }
  return after;
}

/// Makes the rows that belong to one field of a shape those that it holds: they are read and
/// compared, and what the field lacks is removed. Of the root nothing is written but its reference,
/// where the field holds another row to which it refers. As save() of two shapes otherwise.
template <auto Member, class Driver, class S, detail::shape_request Query = shape_query<S>>
S save(const transactional<Driver>& db, S shape, const Query& query = {},
       call_site site = call_site::current()) {
  if constexpr (detail::explain_saved<S, Query>()) {
    constexpr bool own = std::is_same_v<member_record<Member>, S> && member_index<Member> != 0;
    static_assert(own,
                  "hewn: save<>() names a field of another shape, or the root; name a field of the "
                  "shape that holds related rows");
    if constexpr (own) {
      const detail::call_scope at(site);
      detail::refuse_repeated_rows_of<Query, member_index<Member>>(shape, site);
      db.transaction(
          [&]<class Tx>(Tx& tx) {
            std::vector<S> before(1);
            detail::root_row(before[0]) = detail::root_row(shape);
            load<Member>(tx, before, query, site);
            detail::shape_writer<Tx>{tx, site}.template update_field<member_index<Member>>(
                query, std::vector<std::pair<const S*, S*>>{{&before[0], &shape}});
          },
          site);
    }
  }
  return shape;
}

// A shape without the one to compare it with.
template <class Driver, class S>
S save(const transactional<Driver>&, const S& shape) {
  static_assert(sizeof(S) == 0,
                "hewn: save() writes what differs from the shape as it was read; write save(db, "
                "before, after), or save<&S::field>(db, shape) for the rows of one field");
  return shape;
}

}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <string>

namespace hewn::detail {

HEWN_API void fail_other_root(const table_info& table, const call_site& site) {
  throw error({.code = errc::usage,
               .message = "hewn: save() takes two states of one shape, and these are of different "
                          "rows of " +
                          std::string(table.name) +
                          "; give the shape as it was read and as it is to be, or insert() it",
               .table = std::string(table.name),
               .site = site});
}

}  // namespace hewn::detail

#endif
