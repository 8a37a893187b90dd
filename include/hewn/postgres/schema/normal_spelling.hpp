// hewn/postgres/schema/normal_spelling.hpp - one expression that the server spells in several ways.
// SPDX-License-Identifier: BSL-1.0
//
// The server keeps an expression parsed and writes it in words of its own. Read again, these words
// may become others: `v IN ('a', 'b')` on a varchar does. What comes then stays, so a database that
// was restored from a dump spells it otherwise than the one that was dumped. Two expressions are
// the same when they end in the same words.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/schema/database_model.hpp>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hewn::postgres::detail {

/// An expression in a table. `group` names those that could be the same one: constraints and
/// indexes may be called otherwise.
struct expression_in {
  std::string group;
  std::string place;  ///< unique in its table
  std::string* text;
};

HEWN_COLD inline std::vector<expression_in> expressions_of(schema::table& t) {
  std::vector<expression_in> out;
  const auto add = [&](std::string group, std::string place, std::string& text) {
    if (!text.empty()) out.push_back({std::move(group), std::move(place), &text});
  };
  for (schema::column& c : t.columns) {
    add("default " + c.name, "default " + c.name, c.default_text);
    add("generated " + c.name, "generated " + c.name, c.generated_text);
  }
  for (schema::check& k : t.checks) add("check", "check " + k.name, k.text);
  for (schema::index& i : t.indexes) {
    for (std::size_t p = 0; p != i.parts.size(); ++p)
      if (i.parts[p].expression) add("index", std::to_string(p) + " of " + i.name, i.parts[p].text);
    add("where", "where " + i.name, i.where);
  }
  return out;
}

/// Whether the expression names a column that is there with another type. The server reads it again
/// when the column gets its own, so the words that it has now say nothing.
HEWN_COLD inline bool names_other_type(const schema::table& wanted, const schema::table& live,
                                       const std::string& text) {
  return std::any_of(wanted.columns.begin(), wanted.columns.end(), [&](const schema::column& w) {
    const schema::column* const there = live.find_column(w.name);
    return there != nullptr && there->type != w.type &&
           hewn::detail::mentions(text, w.name, dialect::postgres);
  });
}

/// Whether `live` spells every expression of `wanted` in the same way.
HEWN_COLD inline bool is_spelled_alike(schema::table& wanted, schema::table& live) {
  const std::vector<expression_in> there = expressions_of(live);
  const std::vector<expression_in> needed = expressions_of(wanted);
  return std::all_of(needed.begin(), needed.end(), [&](const expression_in& e) {
    if (names_other_type(wanted, live, *e.text)) return false;
    return std::any_of(there.begin(), there.end(), [&](const expression_in& other) {
      return other.group == e.group && *other.text == *e.text;
    });
  });
}

/// Spells the expressions of `wanted` as `live` has them where they end in the same words, else in
/// those last words. `wanted_again` and `live_again` are the two, read by the server once more.
HEWN_COLD inline void spell_alike(schema::table& wanted, schema::table& wanted_again,
                                  schema::table& live, schema::table& live_again) {
  const std::vector<expression_in> again = expressions_of(wanted_again);
  const std::vector<expression_in> there = expressions_of(live);
  const std::vector<expression_in> there_again = expressions_of(live_again);
  const auto at = [](const std::vector<expression_in>& in,
                     const std::string& place) -> const std::string* {
    for (const expression_in& e : in)
      if (e.place == place) return e.text;
    return nullptr;
  };
  for (const expression_in& e : expressions_of(wanted)) {
    const std::string* const last = at(again, e.place);
    if (last == nullptr) continue;
    std::string chosen = *last;
    const bool comparable = !names_other_type(wanted, live, *e.text);
    for (const expression_in& other : there) {
      const std::string* const other_last = at(there_again, other.place);
      if (!comparable || other.group != e.group || other_last == nullptr || *other_last != *last)
        continue;
      chosen = *other.text;
      break;
    }
    *e.text = std::move(chosen);
  }
}

/// `wanted` in the spelling of `live` where both mean the same, else as the server spells it in the
/// end. `read_again` has the server read a table once more, which a program that finds all as it
/// was does not pay for; nothing when it cannot.
HEWN_COLD inline schema::database spelled_as_in(
    schema::database live, schema::database wanted,
    const std::function<std::optional<schema::table>(const schema::table&)>& read_again) {
  for (schema::table& t : wanted.tables) {
    schema::table none;
    schema::table* there = &none;
    for (schema::table& other : live.tables)
      if (other.name == t.name) there = &other;
    if (is_spelled_alike(t, *there)) continue;
    std::optional<schema::table> again = read_again(t);
    std::optional<schema::table> there_again;
    if (there != &none) there_again = read_again(*there);
    if (again) spell_alike(t, *again, *there, there_again ? *there_again : none);
  }
  return wanted;
}

}  // namespace hewn::postgres::detail
