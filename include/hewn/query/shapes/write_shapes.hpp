// hewn/query/shapes/write_shapes.hpp - shapes are stored as a whole.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/fwd.hpp>
#include <hewn/query/rows/changed_fields.hpp>
#include <hewn/query/rows/results.hpp>
#include <hewn/query/shapes/load_relation.hpp>
#include <hewn/query/shapes/read_shapes.hpp>
#include <hewn/query/shapes/relation.hpp>
#include <hewn/query/shapes/relation_fault.hpp>
#include <hewn/query/shapes/shape_changes.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/query/shapes/shape_query.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn {
namespace detail {

/// Two states of a shape whose roots are different rows.
[[noreturn]] HEWN_RARE HEWN_API void fail_other_root(const table_info& table,
                                                     const call_site& site);

/// Whether the key of a table between is its two references.
template <class Link, std::size_t Near, std::size_t Far>
consteval bool is_link_key() {
  constexpr auto key = table_of<Link>.key;
  return key.size() == 2 &&
         ((key[0] == Near && key[1] == Far) || (key[0] == Far && key[1] == Near));
}

/// Whether the links of all lists that a shape holds can be removed.
template <class Query, std::size_t I = 1>
consteval bool has_removable_links() {
  using S = typename Query::shape_type;
  if constexpr (I == field_count<S>) {
    return true;
  } else {
    using part = std::remove_cvref_t<decltype(std::declval<const Query&>().template part<I>())>;
    using found = relation<S, I, part>;
    if constexpr (!found::is_value) {
      if constexpr (shape_request<typename found::query>)
        if constexpr (!has_removable_links<typename found::query>()) return false;
      if constexpr (found::is_linked)
        if constexpr (constexpr auto path = rows_by<found>::path;
                      !is_link_key<typename found::link, path.link_near, path.link_far>())
          return false;
    }
    return has_removable_links<Query, I + 1>();
  }
}

template <class T, std::size_t... K>
key_of<T> make_key_of(const T& row, std::index_sequence<K...>) {
  return key_of<T>(get_field<key_of_table<T>[K]>(row)...);
}

/// Writes shapes in a transaction.
template <class Tx>
struct shape_writer {
  Tx& tx;
  call_site site;

  // ---------------------------------------------------------------- new ones

  /// Stores new rows with what belongs to them. Their keys are filled in.
  template <class X, class Query>
  void insert(const Query& query, const std::vector<X*>& all) {
    if (all.empty()) return;
    if constexpr (is_shape<X>) {
      for_fields<X>([&]<std::size_t I>() { insert_targets<I>(query, all); });
      insert_rows(all);
      for_fields<X>([&]<std::size_t I>() { insert_related<I>(query, all); });
    } else {
      insert_rows(all);
    }
  }

  // ---------------------------------------------------------------- changed ones

  template <class X>
  using states = std::vector<std::pair<const X*, X*>>;

  /// Makes of the rows before, which are stored, those after.
  template <class X, class Query>
  void update(const Query& query, const states<X>& all) {
    if (all.empty()) return;
    if constexpr (is_shape<X>) {
      for_fields<X>([&]<std::size_t I>() { update_targets<I>(query, all); });
      update_rows(all);
      for_fields<X>([&]<std::size_t I>() { update_related<I>(query, all); });
    } else {
      update_rows(all);
    }
  }

  /// The same of one field.
  template <std::size_t I, class X, class Query>
  void update_field(const Query& query, const states<X>& all) {
    update_targets<I>(query, all);
    update_rows(all);
    update_related<I>(query, all);
  }

  // ---------------------------------------------------------------- removed ones

  /// Removes rows, and before them what belongs to them alone.
  template <class X, class Query>
  void remove(const Query& query, const std::vector<const X*>& all) {
    if (all.empty()) return;
    if constexpr (is_shape<X>)
      for_fields<X>([&]<std::size_t I>() { remove_related<I>(query, all); });
    row_references<const root_of<X>> rows;
    for (const X* x : all) rows.add(root_row(*x));
    tx.remove_many(rows, site);
  }

 private:
  template <class X, class Use>
  static void for_fields(Use use) {
    [&]<std::size_t... I>(std::index_sequence<I...>) { (use.template operator()<I + 1>(), ...); }
    (std::make_index_sequence<field_count<X> - 1>{});
  }

  template <std::size_t I, class S, class Query>
  using relation_in =
      relation<S, I,
               std::remove_cvref_t<decltype(std::declval<const Query&>().template part<I>())>>;

  /// Calls `use` with the rows that a field of a shape holds.
  template <class Field, class Use>
  static void for_each_related(Field& field, Use use) {
    constexpr auto form = relation_field<std::remove_const_t<Field>>::form;
    if constexpr (form == relation_form::one) {
      use(field);
    } else if constexpr (form == relation_form::optional) {
      if (field) use(*field);
    } else {
      for (auto& x : field) use(x);
    }
  }

  template <class X>
  void insert_rows(const std::vector<X*>& all) {
    row_references<root_of<X>> rows;
    for (X* x : all) rows.add(root_row(*x));
    tx.insert_many(rows, site);
  }

  template <class X>
  void update_rows(const states<X>& all) {
    row_references<root_of<X>> rows;
    for (const auto& [before, after] : all)
      if (changed_fields(root_row(std::as_const(*before)), root_row(std::as_const(*after))).any())
        rows.add(root_row(*after));
    if (!rows.empty()) tx.update_many(rows, site);
  }

  // Rows to which the roots refer: they have to be there first.
  template <std::size_t I, class S, class Query>
  void insert_targets(const Query& query, const std::vector<S*>& all) {
    using found = relation_in<I, S, Query>;
    if constexpr (!found::is_value && found::form != relation_form::many) {
      using way = rows_by<found>;
      if constexpr (way::refers) {
        std::vector<typename found::element*> added;
        for (S* s : all)
          for_each_related(get_field<I>(*s), [&](auto& x) {
            if (is_new_row(root_row(x))) added.push_back(&x);
          });
        insert(query_of<I, found>(query), added);
        for (S* s : all) for_each_related(get_field<I>(*s), [&](auto& x) { refer<way>(*s, x); });
      }
    }
  }

  template <std::size_t I, class S, class Query>
  void update_targets(const Query& query, const states<S>& all) {
    using found = relation_in<I, S, Query>;
    if constexpr (!found::is_value && found::form != relation_form::many) {
      using way = rows_by<found>;
      if constexpr (way::refers) {
        using element = typename found::element;
        std::vector<const element*> before;
        std::vector<element*> after;
        for (const auto& [old, now] : all) {
          for_each_related(get_field<I>(*old), [&](const element& x) { before.push_back(&x); });
          for_each_related(get_field<I>(*now), [&](element& x) { after.push_back(&x); });
        }
        const related_changes<element> changes = compare_related(before, after);
        std::vector<element*> added;
        for (element* x : changes.added)
          if (is_new_row(root_row(*x))) added.push_back(x);
        insert(query_of<I, found>(query), added);
        update(query_of<I, found>(query), changes.kept);
        for (const auto& [old, now] : all) refer_if_other<I, way>(*old, *now);
      }
    }
  }

  template <class Way, class S, class X>
  static void refer(S& s, const X& x) {
    copy_key(get_field<Way::path.near>(root_row(s)), get_field<Way::path.far>(root_row(x)));
  }

  // The reference itself counts where the row that the field holds is the one from before.
  template <std::size_t I, class Way, class S>
  static void refer_if_other(const S& before, S& after) {
    const auto target = [](const auto& field) {
      const std::remove_cvref_t<decltype(root_row(*related_at(field)))>* row = nullptr;
      for_each_related(field, [&](const auto& x) { row = &root_row(x); });
      return row;
    };
    const auto* const old = target(get_field<I>(before));
    const auto* const now = target(get_field<I>(std::as_const(after)));
    if (now == nullptr) {
      if (old != nullptr)
        if constexpr (is_optional<typename Way::near>)
          get_field<Way::path.near>(root_row(after)).reset();
    } else if (old == nullptr ||
               !is_same_value(get_field<Way::path.far>(*old), get_field<Way::path.far>(*now))) {
      copy_key(get_field<Way::path.near>(root_row(after)), get_field<Way::path.far>(*now));
    }
  }

  template <class Field>
  static auto related_at(const Field&) -> const typename relation_field<Field>::element*;

  // Rows that refer to the roots, or are linked to them.
  template <std::size_t I, class S, class Query>
  void insert_related(const Query& query, const std::vector<S*>& all) {
    using found = relation_in<I, S, Query>;
    if constexpr (!found::is_value) {
      using way = rows_by<found>;
      if constexpr (!way::refers) {
        using element = typename found::element;
        std::vector<element*> added;
        for (S* s : all)
          for_each_related(get_field<I>(*s), [&](element& x) {
            if constexpr (!way::is_linked) belong<way>(x, *s);
            if (!way::is_linked || is_new_row(root_row(x))) added.push_back(&x);
          });
        insert(query_of<I, found>(query), added);
        if constexpr (way::is_linked)
          for (S* s : all) {
            std::vector<element*> linked;
            for (element& x : get_field<I>(*s)) linked.push_back(&x);
            link<found, way>(*s, linked);
          }
      }
    }
  }

  template <std::size_t I, class S, class Query>
  void update_related(const Query& query, const states<S>& all) {
    using found = relation_in<I, S, Query>;
    if constexpr (!found::is_value) {
      using way = rows_by<found>;
      if constexpr (!way::refers) {
        if constexpr (way::is_linked)
          update_linked<I, found, way>(query, all);
        else
          update_owned<I, found, way>(query, all);
      }
    }
  }

  template <std::size_t I, class Relation, class Way, class S, class Query>
  void update_owned(const Query& query, const states<S>& all) {
    using element = typename Relation::element;
    std::vector<const element*> before;
    std::vector<element*> after;
    for (const auto& state : all) {
      S& now = *state.second;  // clang 14 captures no structured binding
      for_each_related(get_field<I>(*state.first), [&](const element& x) { before.push_back(&x); });
      for_each_related(get_field<I>(now), [&](element& x) {
        belong<Way>(x, now);
        after.push_back(&x);
      });
    }
    const related_changes<element> changes = compare_related(before, after);
    const auto& inner = query_of<I, Relation>(query);
    // What leaves makes room for what has its unique values now.
    remove(inner, changes.removed);
    update(inner, changes.kept);
    insert(inner, changes.added);
  }

  template <std::size_t I, class Relation, class Way, class S, class Query>
  void update_linked(const Query& query, const states<S>& all) {
    using element = typename Relation::element;
    const auto& inner = query_of<I, Relation>(query);
    for (const auto& [old, now] : all) {
      std::vector<const element*> before;
      std::vector<element*> after, added;
      for (const element& x : get_field<I>(*old)) before.push_back(&x);
      for (element& x : get_field<I>(*now)) after.push_back(&x);
      const related_changes<element> changes = compare_related(before, after);
      for (element* x : changes.added)
        if (is_new_row(root_row(*x))) added.push_back(x);
      insert(inner, added);
      update(inner, changes.kept);
      unlink<Relation, Way>(*now, changes.removed);
      link<Relation, Way>(*now, changes.added);
    }
  }

  template <std::size_t I, class S, class Query>
  void remove_related(const Query& query, const std::vector<const S*>& all) {
    using found = relation_in<I, S, Query>;
    if constexpr (!found::is_value) {
      using way = rows_by<found>;
      if constexpr (!way::refers) {
        using element = typename found::element;
        std::vector<const element*> removed;
        for (const S* s : all) {
          std::vector<const element*> own;
          for_each_related(get_field<I>(*s), [&](const element& x) { own.push_back(&x); });
          if constexpr (way::is_linked)
            unlink<found, way>(*s, own);
          else
            removed.insert(removed.end(), own.begin(), own.end());
        }
        remove(query_of<I, found>(query), removed);
      }
    }
  }

  template <class Way, class X, class S>
  static void belong(X& x, const S& s) {
    copy_key(get_field<Way::path.far>(root_row(x)), get_field<Way::path.near>(root_row(s)));
  }

  template <class Relation, class Way, class S, class X>
  static auto make_link(const S& s, const X& x) {
    typename Relation::link row{};
    copy_key(get_field<Way::path.link_near>(row), get_field<Way::path.near>(root_row(s)));
    copy_key(get_field<Way::path.link_far>(row), get_field<Way::path.far>(root_row(x)));
    return row;
  }

  template <class Relation, class Way, class S, class X>
  void link(const S& s, const std::vector<X*>& all) {
    for (const X* x : all) tx.insert_or_ignore(make_link<Relation, Way>(s, *x), site);
  }

  template <class Relation, class Way, class S, class X>
  void unlink(const S& s, const std::vector<const X*>& all) {
    using between = typename Relation::link;
    if constexpr (is_link_key<between, Way::path.link_near, Way::path.link_far>())
      for (const X* x : all)
        tx.template remove<between>(
            make_key_of(make_link<Relation, Way>(s, *x), std::make_index_sequence<2>{}), site);
  }

  template <std::size_t I, class Relation, class Query>
  static const auto& query_of(const Query& query) {
    return Relation::parts::query_in(query.template part<I>());
  }
};

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
requires detail::is_shape<S> S insert(const transactional<Driver>& db, S shape,
                                      const Query& query = {},
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
/// belongs to them; found by their keys, and by one statement for each kind. What `before` lacks,
/// because it was not loaded, is not touched. A row to which the root refers is updated where it
/// changed and is never removed; the root refers to the row that the field holds, where that is
/// another than before. Of linked rows the links are written. Returns the shape as it is stored.
/// Throws: usage where the roots are different rows; not_found where a row that is to be updated or
/// removed is there no more; as db.insert().
template <class Driver, class S, detail::shape_request Query = shape_query<S>>
requires detail::is_shape<S> S save(const transactional<Driver>& db, const S& before, S after,
                                    const Query& query = {},
                                    call_site site = call_site::current()) {
  if constexpr (detail::explain_saved<S, Query>()) {
    const detail::call_scope at(site);
    detail::check_same_root(detail::root_row(before), detail::root_row(after), site);
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
/// compared, and what the field lacks is removed. The root is left alone. As save() of two shapes
/// otherwise.
template <auto Member, class Driver, class S, detail::shape_request Query = shape_query<S>>
requires detail::is_shape<S> S save(const transactional<Driver>& db, S shape,
                                    const Query& query = {},
                                    call_site site = call_site::current()) {
  if constexpr (detail::explain_saved<S, Query>()) {
    constexpr bool own = std::is_same_v<member_record<Member>, S> && member_index<Member> != 0;
    static_assert(own,
                  "hewn: save<>() names a field of another shape, or the root; name a field of the "
                  "shape that holds related rows");
    if constexpr (own) {
      const detail::call_scope at(site);
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
