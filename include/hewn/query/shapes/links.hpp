// hewn/query/shapes/links.hpp - rows of two tables are linked by rows of a table between.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_scope.hpp>
#include <hewn/base/call_site.hpp>
#include <hewn/fwd.hpp>
#include <hewn/query/expressions/column.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/shapes/relation_path.hpp>
#include <hewn/query/type_erasure/row_version.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/clause.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/columns_of.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_of.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn {

/// What set_links() has done.
struct changed_links {
  std::int64_t added = 0;
  std::int64_t removed = 0;
};

namespace detail {

/// Whether the key of a table between is its two references.
template <class Link>
consteval bool is_link_key(const reference_fields& near, const reference_fields& far) {
  constexpr auto key = table_of<Link>.key;
  std::size_t held = 0;
  for (const std::size_t field : key) held += near.has(field) || far.has(field) ? 1u : 0u;
  std::size_t fields = near.size;
  for (std::size_t i = 0; i != far.size; ++i) fields += near.has(far[i]) ? 0u : 1u;
  return held == key.size() && held == fields;
}

template <class Link>
key_of<Link> key_of_link(const Link& row) {
  return make_key_of(row, std::make_index_sequence<table_of<Link>.key.size()>());
}

/// Stores the row of a table between, unless it is there. One that is removed and has its key is
/// put back. Returns whether it is new.
template <bool HasLinkKey, class Tx, class Link>
bool add_link(const Tx& tx, const Link& row, call_site site) {
  if (tx.insert_or_ignore(row, site)) return true;
  if constexpr (HasLinkKey && table_of<Link>.keeps_removed())
    return tx.template put_back<Link>(key_of_link(row), site);
  return false;
}

template <auto Member>
using link_value = unwrapped<member_type<Member>>;

template <class Fars, class Value>
concept link_values = requires(const Fars& fars) {
  std::end(fars);
  static_cast<Value>(*std::begin(fars));
};

/// Whether the field alone says what it refers to: the tenant of a row is known without it.
template <class Link>
consteval bool is_whole_reference(std::size_t field) {
  constexpr const table_info& table = table_of<Link>;
  for (const clause& c : table.clauses) {
    if (!(c.kind == clause_kind::reference && own_fields_of(c).has(field))) continue;
    for (std::size_t i = 0; i != c.column_count; ++i)
      if (c.columns[i] != field && c.columns[i] != table.tenant) return false;
  }
  return true;
}

/// Whether two members are the two ends of a link, and `Fars` values of the second.
template <auto Near, auto Far, class Fars>
consteval bool explain_link() {
  constexpr bool ends = [] {
    if constexpr (std::is_same_v<member_record<Near>, member_record<Far>>)
      return column_index<Near> != column_index<Far>;
    else
      return false;
  }();
  static_assert(ends,
                "hewn: a link is named by two fields of the table between; write "
                "link<&member::team_id, &member::agent_id>(db, team_id, agent_ids)");
  constexpr bool whole = !ends || (is_whole_reference<member_record<Near>>(column_index<Near>) &&
                                   is_whole_reference<member_record<Far>>(column_index<Far>));
  static_assert(whole,
                "hewn: a link is named by fields that are references of one column, and one of "
                "these is part of a reference of several; insert() and remove() the rows of the "
                "table between, or save() a shape that holds what they link");
  constexpr bool values = !ends || !whole || link_values<Fars, link_value<Far>>;
  static_assert(values,
                "hewn: a row is linked to a range of keys; write {key} for one, and for a range of "
                "rows give their keys");
  return ends && whole && values;
}

/// The values in order, each once.
template <class Value, class Range>
std::vector<Value> sorted_values(const Range& range) {
  constexpr bool keys = std::is_convertible_v<decltype(*std::begin(range)), Value>;
  static_assert(keys,
                "hewn: a table between is linked by values that its field does not hold; give "
                "keys, or refs and rows where the field is a hewn::ref");
  std::vector<Value> values;
  if constexpr (keys) values.assign(std::begin(range), std::end(range));
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

template <class Value>
std::vector<Value> values_without(const std::vector<Value>& all, const std::vector<Value>& these) {
  std::vector<Value> rest;
  std::set_difference(all.begin(), all.end(), these.begin(), these.end(), std::back_inserter(rest));
  return rest;
}

/// The links of one row, in a transaction.
template <auto Near, auto Far, class Tx>
struct link_writer {
  using link = member_record<Near>;
  using far_value = link_value<Far>;
  static constexpr bool has_link_key = is_link_key<link>(reference_fields{1, {column_index<Near>}},
                                                         reference_fields{1, {column_index<Far>}});

  const Tx& tx;
  const link_value<Near>& near;
  call_site site;

  std::vector<far_value> linked() const {
    std::vector<far_value> fars;
    for (const link& row : tx.all(from<link>.where(col<Near> == near), site)) {
      const auto& far = get_column<column_index<Far>>(row);
      if constexpr (is_optional<member_type<Far>>) {
        if (far) fars.push_back(*far);
      } else {
        fars.push_back(far);
      }
    }
    return sorted_values<far_value>(fars);
  }

  std::int64_t add(const std::vector<far_value>& fars) const {
    std::int64_t added = 0;
    for (const far_value& far : fars) {
      link row{};
      get_column<column_index<Near>>(row) = near;
      get_column<column_index<Far>>(row) = far;
      if (add(row, far)) ++added;
    }
    return added;
  }

  bool add(link& row, const far_value& far) const {
    // Others may take a link away between the two questions.
    for (int attempt = 0; attempt != 3; ++attempt) {
      if (add_link<has_link_key>(tx, row, site)) return true;
      if (tx.exists(from<link>.where(col<Near> == near && col<Far> == far), site)) return false;
    }
    tx.insert(row, site);  // something else keeps it out, and says so
    return true;
  }

  std::int64_t remove(const std::vector<far_value>& fars) const {
    if (fars.empty()) return 0;
    return tx.remove(from<link>.where(col<Near> == near && col<Far>.in(fars)), site);
  }
};

}  // namespace detail

/// Links a row to others: `hewn::link<&member::team_id, &member::agent_id>(db, team_id, ids)`
/// stores a row of the table between for each that is not linked yet, with the values that its
/// struct gives the other fields. Returns how many are new. Throws: foreign_key; as db.insert().
template <auto Near, auto Far, class Driver, class Fars = std::vector<detail::link_value<Far>>>
std::int64_t link(const transactional<Driver>& db, const detail::link_value<Near>& near,
                  const Fars& fars, call_site site = call_site::current()) {
  if constexpr (detail::explain_link<Near, Far, Fars>()) {
    const detail::call_scope at(site);
    return db.transaction(
        [&]<class Tx>(Tx& tx) {
          const detail::link_writer<Near, Far, Tx> links{tx, near, site};
          const auto wanted = detail::sorted_values<detail::link_value<Far>>(fars);
          return links.add(detail::values_without(wanted, links.linked()));
        },
        site);
  } else {
    return 0;
  }
}

/// Removes the links of a row to others; the rows themselves stay. Returns how many there were.
template <auto Near, auto Far, class Driver, class Fars = std::vector<detail::link_value<Far>>>
std::int64_t unlink(const transactional<Driver>& db, const detail::link_value<Near>& near,
                    const Fars& fars, call_site site = call_site::current()) {
  if constexpr (detail::explain_link<Near, Far, Fars>()) {
    const detail::call_scope at(site);
    return db.transaction(
        [&]<class Tx>(Tx& tx) {
          return detail::link_writer<Near, Far, Tx>{tx, near, site}.remove(
              detail::sorted_values<detail::link_value<Far>>(fars));
        },
        site);
  } else {
    return 0;
  }
}

/// Makes these the links of a row: stores those that are missing and removes all others. Links that
/// stay keep their other fields.
template <auto Near, auto Far, class Driver, class Fars = std::vector<detail::link_value<Far>>>
changed_links set_links(const transactional<Driver>& db, const detail::link_value<Near>& near,
                        const Fars& fars, call_site site = call_site::current()) {
  if constexpr (detail::explain_link<Near, Far, Fars>()) {
    const detail::call_scope at(site);
    return db.transaction(
        [&]<class Tx>(Tx& tx) {
          const detail::link_writer<Near, Far, Tx> links{tx, near, site};
          const auto wanted = detail::sorted_values<detail::link_value<Far>>(fars);
          const auto before = links.linked();
          const std::int64_t removed = links.remove(detail::values_without(before, wanted));
          return changed_links{links.add(detail::values_without(wanted, before)), removed};
        },
        site);
  } else {
    return {};
  }
}

}  // namespace hewn
