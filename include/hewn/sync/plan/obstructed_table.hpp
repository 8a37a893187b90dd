// hewn/sync/plan/obstructed_table.hpp - a wanted table that the database cannot make as it is
// wanted.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/write/constraint_terms.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/plan/verdicts.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Something is missing that no plan creates, such as a function or a domain.
struct obstructed_table {
  schema::table table;  ///< as it was declared
  std::string reason;
  std::string repair;
};

inline void obstruct(std::vector<obstructed_table>& out, schema::database& wanted,
                     std::string_view name, const std::string& reason, const std::string& repair) {
  for (std::size_t i = 0; i != wanted.tables.size(); ++i) {
    if (wanted.tables[i].name != name) continue;
    out.push_back({std::move(wanted.tables[i]), reason, repair});
    wanted.tables.erase(wanted.tables.begin() + static_cast<std::ptrdiff_t>(i));
    return;
  }
}

/// What is missing, of "hewn: t cannot be created, because ...; ...".
inline std::string missing_in(std::string_view message) {
  constexpr std::string_view because = ", because ";
  const std::size_t at = message.find(because);
  if (at == message.npos) return std::string(message);
  message = message.substr(0, message.rfind("; "));
  return std::string(message.substr(at + because.size()));
}

/// What to do about it.
inline std::string repair_in(std::string_view message) {
  const std::size_t at = message.rfind("; ");
  return at == message.npos ? std::string() : std::string(message.substr(at + 2));
}

/// Takes `name` out of `wanted`, and the tables that refer to it unless `live` has it.
inline void obstruct_with_children(std::vector<obstructed_table>& out, schema::database& wanted,
                                   const schema::database& live, const std::string& name,
                                   const std::string& reason, const std::string& repair) {
  std::size_t next = out.size();
  obstruct(out, wanted, name, reason, repair);
  for (; next != out.size(); ++next) {
    const std::string parent = out[next].table.name;
    if (live.find_table(parent) != nullptr) continue;
    std::vector<std::string> children;
    for (const schema::table& t : wanted.tables)
      for (const schema::foreign_key& k : t.foreign_keys)
        if (k.target_table == parent) {
          children.push_back(t.name);
          break;
        }
    for (const std::string& child : children)
      obstruct(out, wanted, child, concat({"it refers to ", parent, ", which cannot be created"}),
               "create what that needs in a migration first");
  }
}

/// Has the database say `wanted` in its own words. Tables that need something missing stay as they
/// were declared.
inline std::vector<obstructed_table> normalise_what_can_be(schema_executor& executor,
                                                           schema::database& wanted,
                                                           const schema::database& live) {
  std::vector<obstructed_table> out;
  for (;;) try {
      wanted = executor.normalise(wanted);
      break;
    } catch (const error& failure) {
      const std::size_t before = out.size();
      if (failure.code() == errc::schema_mismatch && !failure.table().empty())
        obstruct_with_children(out, wanted, live, failure.table(), missing_in(failure.what()),
                               repair_in(failure.what()));
      if (out.size() == before) throw;
    }
  for (const obstructed_table& o : out) wanted.tables.push_back(o.table);
  return out;
}

/// Blocks what would change an obstructed table.
inline void refuse_obstructed(change& c, const std::vector<obstructed_table>& all, dialect d) {
  for (const obstructed_table& o : all) {
    if (!same_name(d, c.table, o.table.name)) continue;
    c.unsupported = true;
    c.reason = o.reason;
    c.repair = o.repair;
  }
}

/// Blocks the creation of a table that would lack a clause for which the model has no place.
inline void refuse_lost_clause(change& c, const schema::database& wanted,
                               const schema::database& made, dialect d) {
  if (c.kind != change_kind::create_table) return;
  if (const schema::table* const t = find_table(wanted, c.table, d))
    for (const schema::foreign_key& k : t->foreign_keys)
      if (has_term(k.terms, "with disabled triggers"))
        return block(
            c,
            concat({"a plan does not write its foreign key ", k.name, " with disabled triggers"}),
            "create it in a migration");
  for (const schema::other_object& o : wanted.others) {
    if (o.kind != "clause" || !same_name(d, o.table, c.table)) continue;
    bool is_made = false;
    for (const schema::other_object& m : made.others) is_made = is_made || m == o;
    if (!is_made)
      return block(c, concat({"a plan does not write its clause ", o.name}),
                   "create it in a migration");
  }
}

}  // namespace hewn::detail
