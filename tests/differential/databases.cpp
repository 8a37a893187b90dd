// tests/differential/databases.cpp - runs generated queries on both databases.
// SPDX-License-Identifier: BSL-1.0
#include "databases.hpp"

#include "papers.hpp"

#include <hewn/postgres.hpp>
#include <hewn/sqlite.hpp>

#include <support/postgres_server.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace differential {

namespace detail = hewn::detail;
using hewn::col;
using hewn::column_type;
using hewn::from;

namespace {

template <class Database>
void fill(Database& db, const population& rows) {
  hewn::sync<thing, part>(db);
  db.insert_many(rows.things);
  db.insert_many(rows.parts);
  add_documents(db, rows.papers);
}

hewn::postgres::database open_schema() {
  const std::string schema = support::postgres_server::fresh_name();
  support::postgres_server::get().run("CREATE SCHEMA " + schema);
  return hewn::postgres::open(support::postgres_server::get().url(), {.search_path = {schema}});
}

/// Both databases of one population.
struct place {
  explicit place(const population& p)
      : rows(p), sqlite(hewn::sqlite::open(":memory:")), postgres(open_schema()) {
    fill(sqlite, rows);
    fill(postgres, rows);
  }

  const population& rows;
  hewn::sqlite::database sqlite;
  hewn::postgres::database postgres;
};

std::vector<place>& places() {
  static std::vector<place> all = [] {
    std::vector<place> made;
    made.reserve(populations().size());
    for (const population& p : populations()) made.emplace_back(p);
    return made;
  }();
  return all;
}

struct cell_reader {
  std::span<const hewn::column_info> columns;
  std::vector<cells> rows{};
};

template <class V, class Statement>
cell read_as(Statement& s, int i) {
  V v{};
  if (detail::read_field(s, i, v)) return cell_of(v);
  // A NULL where types say that there is none shows as another value than the reference has.
  const bool null = s.problem() == hewn::value_problem::is_null;
  s.clear_problem();
  return null ? cell() : failed(true);
}

template <class Statement>
cell read_cell(Statement& s, int i, column_type type) {
  switch (type) {
    case column_type::boolean:
      return read_as<bool>(s, i);
    case column_type::real:
      return read_as<double>(s, i);
    case column_type::text:
      return read_as<std::string>(s, i);
    case column_type::instant:
      return read_as<hewn::timestamp>(s, i);
    case column_type::day:
      return read_as<hewn::date>(s, i);
    case column_type::json_text: {
      const cell c = read_as<std::string>(s, i);
      return c.what == kind::text ? json(c.text) : c;
    }
    default:
      return read_as<std::int64_t>(s, i);
  }
}

template <class Driver>
void read_cells(const detail::lease<Driver>& row, void* out) {
  auto& reader = *static_cast<cell_reader*>(out);
  do {
    cells& read = reader.rows.emplace_back();
    for (std::size_t i = 0; i != reader.columns.size(); ++i)
      read.push_back(read_cell(row.statement(), static_cast<int>(i), reader.columns[i].type));
  } while (row.step());
}

struct answer {
  std::vector<cells> rows{};
  std::string error{};
};

bool has_failed(const answer& a) {
  if (!a.error.empty()) return true;
  for (const cells& row : a.rows)
    for (const cell& c : row)
      if (c.is_failed()) return true;
  return false;
}

template <class Database>
answer ask(Database& db, const detail::query_plan& plan,
           std::span<const hewn::column_info> columns) {
  using driver = typename Database::driver_type;
  answer out;
  try {
    cell_reader reader{columns};
    const detail::result_type<driver> result{columns, &read_cells<driver>};
    detail::plan_opener<driver>::all({&db.connection()}, plan, nullptr, &reader, result,
                                     hewn::call_site::current());
    out.rows = std::move(reader.rows);
  } catch (const hewn::error& e) {
    out.error = e.what();
  }
  return out;
}

std::string text_of(const std::vector<cells>& rows) {
  std::string out;
  for (const cells& row : rows) {
    out += "\n   ";
    for (const cell& c : row) out += " " + describe(c);
  }
  return out.empty() ? " no rows" : out;
}

std::string text_of(const answer& a) { return a.error.empty() ? text_of(a.rows) : " " + a.error; }

template <class Thing>
std::string text_of_fields(const Thing& t) {
  std::string out = "\n   ";
  hewn::visit_fields(t, [&](const auto& field, auto) { out += " " + describe(cell_of(field)); });
  return out;
}

std::string text_of(const population& rows) {
  std::string out = "\n  things";
  for (const thing& t : rows.things) out += text_of_fields(t);
  out += "\n  parts";
  for (const part& p : rows.parts) out += text_of_fields(p);
  out += "\n  papers";
  for (const paper& p : rows.papers)
    out += "\n    " + std::to_string(p.id) + ' ' + p.configuration_text + ' ' +
           p.notes_text.value_or("NULL");
  return out;
}

std::string text_of(const detail::held_value& v, const std::string* texts) {
  using what = detail::held_value::kind;
  switch (v.what) {
    case what::null:
      return "NULL";
    case what::real:
      return describe(real(std::bit_cast<double>(v.number)));
    case what::text:
    case what::list:
      return "'" + std::string(v.kept == 0 ? v.view() : std::string_view(texts[v.kept - 1])) + "'";
    default:
      return std::to_string(v.number);
  }
}

std::string text_of(const detail::query_plan& plan) {
  std::string out = "\n  SQLite:     " + plan.sql(hewn::dialect::sqlite) +
                    "\n  PostgreSQL: " + plan.sql(hewn::dialect::postgres) + "\n  values:";
  for (const detail::held_value& v : plan.values) out += " " + text_of(v, plan.texts);
  if (plan.condition == nullptr) return out;
  for (const detail::condition_value& v : plan.condition->values) {
    using what = detail::condition_value::kind;
    out += v.what == what::real                           ? " " + describe(real(v.real))
           : v.what == what::text || v.what == what::list ? " '" + v.text + "'"
                                                          : " " + std::to_string(v.integer);
  }
  return out;
}

/// Rows in an order of their own, where the query has none.
std::vector<cells> sorted(std::vector<cells> rows) {
  std::stable_sort(rows.begin(), rows.end(), [](const cells& a, const cells& b) {
    return std::lexicographical_compare(a.begin(), a.end(), b.begin(), b.end(), comes_before);
  });
  return rows;
}

bool agrees(const answer& a, const reference_result& wanted) {
  if (wanted.fails) return has_failed(a);
  if (has_failed(a)) return false;
  const std::vector<cells> rows = wanted.in_order ? a.rows : sorted(a.rows);
  return std::equal(rows.begin(), rows.end(), wanted.rows.begin(), wanted.rows.end(),
                    [](const cells& x, const cells& y) {
                      return std::equal(x.begin(), x.end(), y.begin(), y.end(), agree);
                    });
}

/// Whether the rows are known and the same.
bool compare(std::uint64_t seed, const detail::query_plan& plan,
             std::span<const hewn::column_info> columns, const reference_result& wanted,
             place& at) {
  const answer sqlite = ask(at.sqlite, plan, columns);
  const answer postgres = ask(at.postgres, plan, columns);
  if (wanted.uncertain) {
    ++counted().uncertain;
    return false;
  }
  ++(wanted.fails ? counted().failed_on_both : counted().compared);
  const bool same = agrees(sqlite, wanted) && agrees(postgres, wanted);
  if (!same)
    FAIL_CHECK("HEWN_DIFFERENTIAL_SEED=" << seed << text_of(plan) << "\n  reference:"
                                         << (wanted.fails ? " an error" : text_of(wanted.rows))
                                         << "\n  SQLite has:" << text_of(sqlite)
                                         << "\n  PostgreSQL has:" << text_of(postgres)
                                         << text_of(at.rows));
  return same;
}

}  // namespace

void check(std::uint64_t seed, const detail::query_plan& plan,
           std::span<const hewn::column_info> columns, const reference_query& reference) {
  for (place& at : places()) compare(seed, plan, columns, run(reference, at.rows), at);
}

void check(std::uint64_t seed, const detail::query_plan& plan,
           std::span<const hewn::column_info> columns,
           const std::function<reference_result(const population&)>& reference) {
  for (place& at : places()) compare(seed, plan, columns, reference(at.rows), at);
}

void check(std::uint64_t seed, const hewn::condition<thing>& condition,
           const evaluated& reference) {
  const auto query = from<thing>.where(condition).template select<std::int64_t>(col<&thing::id>);
  for (place& at : places()) {
    const reference_result wanted =
        run({.where = {reference}, .values = {forget(col<&thing::id>)}}, at.rows);
    if (!compare(seed, query.plan(), detail::result_columns<std::int64_t>, wanted, at)) continue;
    // The same by a verb, which reads whole rows.
    const auto rows = from<thing>.where(condition);
    std::vector<cells> here, there;
    for (const thing& t : at.sqlite.all(rows)) here.push_back({cell_of(t.id)});
    for (const thing& t : at.postgres.all(rows)) there.push_back({cell_of(t.id)});
    CHECK(agrees({here}, wanted));
    CHECK(agrees({there}, wanted));
  }
}

tally& counted() {
  static tally all;
  return all;
}

}  // namespace differential
