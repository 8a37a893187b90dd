// hewn/query/shapes/load_relation.hpp - reads the related rows of many rows by one statement.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection.hpp>
#include <hewn/db/connection/lease.hpp>
#include <hewn/db/values/field.hpp>
#include <hewn/query/rows/row.hpp>
#include <hewn/query/select/table_query.hpp>
#include <hewn/query/shapes/key_lists.hpp>
#include <hewn/query/shapes/key_match.hpp>
#include <hewn/query/shapes/related_text.hpp>
#include <hewn/query/shapes/relation.hpp>
#include <hewn/query/shapes/shape_fields.hpp>
#include <hewn/query/shapes/staged_rows.hpp>
#include <hewn/query/statements/query_text.hpp>
#include <hewn/query/type_erasure/run_statement.hpp>
#include <hewn/reflect/fields.hpp>
#include <hewn/schema/embedded.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/table_of.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace hewn::detail {

/// A row without the one to which it refers.
[[noreturn]] HEWN_RARE HEWN_API void fail_missing_row(const table_info& from, const table_info& to,
                                                      const call_site& site);

/// A row that the database has found by another value than that of its reference.
[[noreturn]] HEWN_RARE HEWN_API void fail_unmatched_row(const table_info& from,
                                                        const table_info& to,
                                                        const call_site& site);

/// Which rows of their table those are whose relations are read.
enum class rows_read : std::uint8_t {
  some,
  most,  // every row that belongs to another, so that a scan of a related table finds little else
  every
};

/// What one reading of shapes has in common.
template <class Driver>
struct shape_reading {
  connection<Driver>& c;
  const call_site& site;
};

/// The keys of the rows, to be matched.
template <class By, class S>
key_match<typename By::key> match_rows(const std::vector<S*>& rows) {
  key_match<typename By::key> match;
  match.reserve(rows.size());
  for (std::size_t i = 0; i != rows.size(); ++i)
    By::near::with_key(root_row(*rows[i]),
                       [&](const auto& key) { match.add(key, static_cast<std::uint32_t>(i)); });
  match.sort();
  return match;
}

/// The keys as lists, each once.
template <class By, class S, class Driver>
key_lists<By::columns> list_keys(const shape_reading<Driver>& reading,
                                 const key_match<typename By::key>& match,
                                 const std::vector<S*>& rows) {
  key_list_writer<By::columns> lists(reading.c.spoken());
  const auto& entries = match.entries();
  for (std::size_t i = 0; i != entries.size(); ++i) {
    if (i != 0 && entries[i - 1].key == entries[i].key) continue;
    By::near::visit(root_row(*rows[entries[i].row]),
                    [&](const auto&... fields) { lists.add(fields...); });
  }
  return lists.finish();
}

/// Reads the values of a key from the columns of a result from `first` on. Returns the column that
/// does not fit, or -1.
template <class Driver, class... F>
int read_key(const lease<Driver>& row, int first, std::tuple<F...>& values) {
  int unfit = -1;
  const auto read = [&](int column, auto& value) {
    if (unfit < 0 && !read_field(row.statement(), column, value)) unfit = column;
  };
  std::apply([&](F&... value) { (read(first++, value), ...); }, values);
  return unfit;
}

/// Calls `use(key)` with what the current row is found by, unless that is NULL.
template <class By, class Related, class Driver, class Use>
void with_far_key(const lease<Driver>& row, const Related& related, Use use) {
  if constexpr (By::is_linked) {
    typename By::near::values key;
    const int column = static_cast<int>(table_of<Related>.columns.size());
    if (const int unfit = read_key(row, column, key); unfit >= 0) {
      const auto part = static_cast<std::size_t>(unfit - column);
      column_info info;
      info.name = By::tables().link->columns[By::path.link_near[part]].name;
      fail_row(row, By::tables().link->name, info, row.statement().problem());
    }
    std::apply([&](const auto&... values) { with_match_keys(use, values...); }, key);
  } else {
    By::far::with_key(related, use);
  }
}

/// Reads what a statement has found. Each row goes to `staged` and the entry by which it matches to
/// `entries`. `sure`: every row matches. Returns whether all did that have a key.
template <class By, class Element, class Driver>
bool stage_rows(const lease<Driver>& found, key_match<typename By::key>& match,
                staged_rows<Element>& staged, std::vector<std::uint32_t>& entries, bool sure,
                const call_site& site) {
  using related = root_of<Element>;
  bool all_matched = true;
  bool more = found.step();
  check_table_row(found, table_of<related>);
  for (; more; more = found.step()) {
    related& row = root_row(staged.add());
    read_row(found, row);
    std::uint32_t entry = match.none;
    with_far_key<By>(found, row, [&](const auto& key) {
      entry = match.find(key);
      all_matched = all_matched && entry != match.none;
    });
    if (entry == match.none) {
      if (sure) fail_unmatched_row(By::tables().from, By::tables().to, site);
      staged.drop_last();
      continue;
    }
    entries.push_back(entry);
  }
  return all_matched;
}

template <related_to Who, class By, class Element, class Query, class Driver>
bool read_related(const shape_reading<Driver>& reading, const Query& query,
                  const key_lists<By::columns>& keys, key_match<typename By::key>& match,
                  staged_rows<Element>& staged, std::vector<std::uint32_t>& entries) {
  const related_request<By, Who, Query> request{query, keys};
  check_counts(query, reading.site);
  const auto found =
      open_statement<query_statement::whole>(reading.c, request, false, reading.site);
  return stage_rows<By>(found, match, staged, entries, Who != related_to::all, reading.site);
}

/// Puts each row where it belongs, in the order in which they came.
template <std::size_t I, class S, class Key, class Element>
void hand_out(const std::vector<S*>& rows, const key_match<Key>& match,
              staged_rows<Element>& staged, const std::vector<std::uint32_t>& entries) {
  std::vector<std::uint32_t> counts(match.entries().size());
  for (const std::uint32_t entry : entries) ++counts[entry];
  for (std::uint32_t entry = 0; entry != counts.size(); ++entry)
    if (counts[entry] != 0)
      match.for_rows_of(
          entry, [&](std::uint32_t row) { get_field<I>(*rows[row]).reserve(counts[entry]); });
  std::size_t next = 0;
  staged.for_each([&](Element& element) {
    S* last = nullptr;
    match.for_rows_of(entries[next++], [&](std::uint32_t row) {
      if (last != nullptr) get_field<I>(*last).push_back(element);
      last = rows[row];
    });
    get_field<I>(*last).push_back(std::move(element));
  });
}

/// The same where each has one. Returns how many have it now.
template <std::size_t I, class S, class Key, class Element>
std::size_t hand_out_one(const std::vector<S*>& rows, const key_match<Key>& match,
                         staged_rows<Element>& staged, const std::vector<std::uint32_t>& entries) {
  std::size_t next = 0, given = 0;
  staged.for_each([&](Element& element) {
    S* last = nullptr;
    match.for_rows_of(entries[next++], [&](std::uint32_t row) {
      if (last != nullptr) get_field<I>(*last) = element;
      last = rows[row];
      ++given;
    });
    get_field<I>(*last) = std::move(element);
  });
  return given;
}

template <class S, class Query, class Driver>
void load_relations(const shape_reading<Driver>& reading, const Query& query,
                    const std::vector<S*>& rows, rows_read which);

// Texts may differ and be equal for the database, so that only its word tells a row of another
// parent from one that has none.
template <class By>
bool may_read_all(rows_read which) {
  return which == rows_read::every || (which == rows_read::most && !By::is_by_text);
}

/// Asks the database whether it has rows for the keys by which none was found. Throws:
/// invalid_data.
template <class By, class Element, class S, class Query, class Driver>
void check_missing(const shape_reading<Driver>& reading, const Query& query,
                   const std::vector<S*>& rows, key_match<typename By::key>& match,
                   const std::vector<std::uint32_t>& entries) {
  std::vector<bool> found(match.entries().size());
  for (const std::uint32_t entry : entries) found[entry] = true;
  key_match<typename By::key> missing;
  for (const auto& entry : match.entries())
    if (!found[match.find(entry.key)]) missing.add(entry.key, entry.row);
  if (missing.empty()) return;
  missing.sort();
  staged_rows<Element> staged;
  std::vector<std::uint32_t> again;
  read_related<related_to::listed, By>(reading, query, list_keys<By>(reading, missing, rows),
                                       missing, staged, again);
}

/// The query of the related rows. A reference promises its row, and so does a field that is no
/// optional: it holds a removed one too, because the rows that refer to it are not removed with it.
template <class Relation, class Query>
const auto& asked_rows(const Query& query) {
  using by = rows_by<Relation>;
  if constexpr (Relation::form == relation_form::one && by::refers && !Query::shows_removed &&
                table_of<typename Query::record_type>.keeps_removed()) {
    static constexpr auto shown = table_query<typename Query::record_type>().with_removed();
    return shown;
  } else {
    return query;
  }
}

template <std::size_t I, class Relation, class S, class Query, class Driver>
void load_rows(const shape_reading<Driver>& reading, const Query& query,
               const std::vector<S*>& rows, rows_read which) {
  using element = typename Relation::element;
  using by = rows_by<Relation>;
  const auto& asked = asked_rows<Relation>(queried_rows<Query>::root(query));
  using asked_type = std::remove_cvref_t<decltype(asked)>;
  constexpr bool many = Relation::form == relation_form::many;
  if constexpr (Relation::form != relation_form::one)
    for (S* row : rows) get_field<I>(*row) = {};
  auto match = match_rows<by>(rows);
  if (match.empty()) return;
  staged_rows<element> staged;
  std::vector<std::uint32_t> entries;
  rows_read found = rows_read::some;
  if constexpr (many && !asked_type::has_condition && !asked_type::is_limited)
    if (may_read_all<by>(which)) {
      const bool all =
          read_related<related_to::all, by>(reading, asked, {}, match, staged, entries);
      const bool every = all && !by::is_linked && !by::far::may_lack;
      found = every ? rows_read::every : rows_read::most;
      if (by::is_by_text && !all) {
        staged = {};
        entries.clear();
        found = rows_read::some;
      }
    }
  if (found == rows_read::some)
    read_related<asked_type::is_limited ? related_to::each : related_to::listed, by>(
        reading, asked, list_keys<by>(reading, match, rows), match, staged, entries);
  if constexpr (is_shape<element>) load_relations(reading, query, staged.addresses(), found);
  if constexpr (many) {
    hand_out<I>(rows, match, staged, entries);
  } else {
    const std::size_t given = hand_out_one<I>(rows, match, staged, entries);
    if (Relation::form == relation_form::one && given != rows.size())
      fail_missing_row(by::tables().from, by::tables().to, reading.site);
    if constexpr (by::is_by_text && by::refers && !asked_type::has_condition)
      if (given != match.entries().size())
        check_missing<by, element>(reading, asked, rows, match, entries);
  }
}

/// Reads an aggregate of the related rows of each row. Returns whether all had a row.
template <related_to Who, std::size_t I, class Relation, class By, class S, class Part,
          class Driver>
bool read_values(const shape_reading<Driver>& reading, const Part& part,
                 const key_lists<By::columns>& keys, key_match<typename By::key>& match,
                 const std::vector<S*>& rows) {
  using field = typename Relation::field;
  const related_value_request<By, Who, typename Relation::query, typename Relation::value> request{
      part.query, part.value, keys};
  const auto found =
      open_statement<query_statement::whole>(reading.c, request, false, reading.site);
  bool all_matched = true;
  while (found.step()) {
    typename By::near::values key;
    field value{};
    constexpr int behind_key = static_cast<int>(By::columns);
    int unfit = read_key(found, 0, key);
    if (unfit < 0 && !read_field(found.statement(), behind_key, value)) unfit = behind_key;
    if (unfit >= 0) {
      column_info info;
      info.name = found.statement().column_name(unfit);
      fail_row(found, By::tables().to.name, info, found.statement().problem());
    }
    const auto give = [&](const auto& k) {
      const std::uint32_t entry = match.find(k);
      if (entry != match.none)
        match.for_rows_of(entry, [&](std::uint32_t row) { get_field<I>(*rows[row]) = value; });
      else if (Who == related_to::all)
        all_matched = false;
      else
        fail_unmatched_row(By::tables().from, By::tables().to, reading.site);
    };
    std::apply([&](const auto&... values) { with_match_keys(give, values...); }, key);
  }
  return all_matched;
}

template <std::size_t I, class Relation, class S, class Part, class Driver>
void load_value(const shape_reading<Driver>& reading, const Part& part, const std::vector<S*>& rows,
                rows_read which) {
  using by = value_by<Relation>;
  for (S* row : rows) get_field<I>(*row) = {};
  auto match = match_rows<by>(rows);
  if (match.empty()) return;
  if (may_read_all<by>(which))
    if (read_values<related_to::all, I, Relation, by>(reading, part, {}, match, rows) ||
        !by::is_by_text)
      return;
  read_values<related_to::listed, I, Relation, by>(
      reading, part, list_keys<by>(reading, match, rows), match, rows);
}

/// Reads what belongs to field `I`, of which explain_field has seen that it can be read.
template <std::size_t I, class S, class Query, class Driver>
void load_field(const shape_reading<Driver>& reading, const Query& query,
                const std::vector<S*>& rows, rows_read which) {
  const auto& part = query.template part<I>();  // or a no_part that lives as long
  using found = relation<S, I, std::remove_cvref_t<decltype(part)>>;
  if constexpr (found::is_value)
    load_value<I, found>(reading, part, rows, which);
  else
    load_rows<I, found>(reading, found::parts::query_in(part), rows, which);
}

template <class S, class Query, class Driver, std::size_t... I>
void load_fields(const shape_reading<Driver>& reading, const Query& query,
                 const std::vector<S*>& rows, rows_read which, std::index_sequence<I...>) {
  (load_field<I + 1>(reading, query, rows, which), ...);
}

/// Reads all that belongs to the root rows of shapes.
template <class S, class Query, class Driver>
void load_relations(const shape_reading<Driver>& reading, const Query& query,
                    const std::vector<S*>& rows, rows_read which) {
  if (!rows.empty())
    load_fields(reading, query, rows, which, std::make_index_sequence<field_count<S> - 1>{});
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API void fail_missing_row(const table_info& from, const table_info& to,
                               const call_site& site) {
  throw error({.code = errc::invalid_data,
               .message = "hewn: " + std::string(from.name) +
                          " has a row that refers to a row of " + std::string(to.name) +
                          " that is not there; make the field of the shape an std::optional, or "
                          "put the row back",
               .table = std::string(from.name),
               .site = site});
}

HEWN_API void fail_unmatched_row(const table_info& from, const table_info& to,
                                 const call_site& site) {
  throw error(
      {.code = errc::invalid_data,
       .message = "hewn: " + std::string(to.name) +
                  " has a row that the database finds by a value of " + std::string(from.name) +
                  " though the two values differ; write both alike, or join the tables instead of "
                  "reading a shape",
       .table = std::string(to.name),
       .site = site});
}

}  // namespace hewn::detail

#endif
