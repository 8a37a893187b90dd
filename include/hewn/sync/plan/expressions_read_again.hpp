// hewn/sync/plan/expressions_read_again.hpp - the words of conditions when types have changed.
// SPDX-License-Identifier: BSL-1.0
//
// PostgreSQL reads a condition again when a column that it names gets another type, and may say it
// otherwise then: `n > '-3'::integer` becomes `n > ('-3'::integer)::numeric`.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/executor.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Has the server read those conditions of a live table that name columns of another type.
class expressions_read_again {
 public:
  expressions_read_again(schema_executor& executor, const schema::database& wanted)
      : executor_(executor), wanted_(wanted) {}

  /// A table whose conditions the new types do not fit stays as it is.
  HEWN_COLD schema::database in(schema::database live) {
    if (executor_.dialect() != dialect::postgres || !executor_.takes_writes()) return live;
    for (schema::table& t : live.tables)
      if (const schema::table* w = wanted_.find_table(t.name)) read(t, *w);
    return live;
  }

 private:
  void read(schema::table& live, const schema::table& wanted) {
    schema::table alone{.name = live.name};
    std::vector<std::string> changed;
    for (const schema::column& c : live.columns) {
      const schema::column* const w = wanted.find_column(c.name);
      alone.columns.push_back({.name = c.name,
                               .type = w ? w->type : c.type,
                               .collation = w ? w->collation : c.collation});
      if (w && w->type != c.type) changed.push_back(c.name);
    }
    for (const schema::check& k : live.checks)
      if (names_any(k.text, changed)) alone.checks.push_back(k);
    for (const schema::index& i : live.indexes)
      if (names_any(create_index(i, live.name, dialect::postgres), changed) &&
          (!i.where.empty() || has_expression(i)))
        alone.indexes.push_back(i);
    if (alone.checks.empty() && alone.indexes.empty()) return;
    const schema::table* again = nullptr;
    schema::database read;
    try {
      read = executor_.normalise({.tables = {alone}, .enumerations = wanted_.enumerations});
      again = read.find_table(live.name);
    } catch (const error& failure) {
      if (failure.retryable() || failure.code() == errc::connection_lost ||
          failure.code() == errc::interrupted || failure.code() == errc::busy)
        throw;
    }
    if (again == nullptr) return;
    for (schema::check& k : live.checks)
      for (const schema::check& other : again->checks)
        if (other.name == k.name) k.text = other.text;
    for (schema::index& i : live.indexes)
      for (const schema::index& other : again->indexes)
        if (other.name == i.name && other.parts.size() == i.parts.size()) {
          i.where = other.where;
          for (std::size_t p = 0; p != i.parts.size(); ++p)
            if (i.parts[p].expression) i.parts[p].text = other.parts[p].text;
        }
  }

  static bool has_expression(const schema::index& i) {
    return std::any_of(i.parts.begin(), i.parts.end(),
                       [](const schema::index_part& p) { return p.expression; });
  }

  static bool names_any(std::string_view text, const std::vector<std::string>& columns) {
    return std::any_of(columns.begin(), columns.end(),
                       [&](const std::string& c) { return mentions(text, c, dialect::postgres); });
  }

  schema_executor& executor_;
  const schema::database& wanted_;
};

}  // namespace hewn::detail
