// hewn/sync/model/change.hpp - one difference between two schemas.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/sync/model/fact.hpp>
#include <hewn/sync/model/table_use.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hewn {

/// What differs, named after what would have to be done to the live schema.
enum class change_kind : std::uint8_t {
  create_table,
  add_column,
  create_index,
  drop_column,
  change_type,
  change_nullability,
  change_default,
  change_generated,
  change_collation,
  change_autoincrement,
  change_primary_key,
  add_unique,
  drop_unique,
  add_check,
  drop_check,
  change_check,
  add_foreign_key,
  drop_foreign_key,
  change_foreign_key,
  change_index,
  change_table_options,
  rename_table,
  rename_column,
  fill_column,
  drop_table,
  drop_index,
  create_view,
  drop_view,
  change_view,
  create_trigger,
  drop_trigger,
  change_trigger,
  create_type,
  add_value,
  change_values,
  rename_index,
  rename_value,
  // What migrations do, and no plan does:
  delete_rows,
  clear_values,      ///< values become NULL
  overwrite_values,  ///< values become others
  run_uncounted      ///< nobody can tell what a migration does
};

/// `kind` in words, e.g. "add column".
constexpr std::string_view to_string(change_kind kind) noexcept {
  constexpr std::string_view names[] = {"create table",         "add column",
                                        "create index",         "drop column",
                                        "change type",          "change nullability",
                                        "change default",       "change generated",
                                        "change collation",     "change autoincrement",
                                        "change primary key",   "add unique",
                                        "drop unique",          "add check",
                                        "drop check",           "change check",
                                        "add foreign key",      "drop foreign key",
                                        "change foreign key",   "change index",
                                        "change table options", "rename table",
                                        "rename column",        "fill column",
                                        "drop table",           "drop index",
                                        "create view",          "drop view",
                                        "change view",          "create trigger",
                                        "drop trigger",         "change trigger",
                                        "create type",          "add value",
                                        "change values",        "rename index",
                                        "rename value",         "delete rows",
                                        "clear values",         "overwrite values",
                                        "run uncounted"};
  return names[static_cast<std::size_t>(kind)];
}

/// What becomes of the stored values.
enum class data_effect : std::uint8_t {
  none,
  derived_only,   ///< only what can be computed again: an index, a virtual column
  reversible,     ///< values change, and can be changed back
  lossy,          ///< values are gone
  reinterpreting  ///< values stay and mean something else
};

/// How the outcome depends on the rows that are there.
enum class data_dependence : std::uint8_t { none, can_fail, can_change };

/// Which parts of the previous release of the application would break.
enum class compatibility : std::uint8_t { none, writers, readers, readers_and_writers };

/// What undoing it brings back.
enum class reversibility : std::uint8_t {
  exact,
  structural,  ///< the schema but not the data
  none
};

/// A change on five axes. One number could not say that a change is cheap and loses data, or that
/// it is slow and harmless.
struct change_risk {
  data_effect effect = data_effect::none;
  data_dependence dependence = data_dependence::none;
  change_cost cost = change_cost::metadata;
  compatibility breaks = compatibility::none;
  reversibility undo = reversibility::exact;

  bool operator==(const change_risk&) const = default;
};

/// What people are told about a change; a change can be several of them.
enum class risk_class : std::uint8_t {
  safe,              ///< none of the others
  needs_validation,  ///< the rows decide whether it is possible
  destructive,       ///< values are lost or get another meaning
  blocking,          ///< others wait while the table is rewritten
  breaking,          ///< the previous release of the application stops working
  ambiguous,         ///< only a person knows what is meant
  unsupported        ///< it cannot be done at all
};

/// The name of `c`, as written in the enumeration but with blanks.
constexpr std::string_view to_string(risk_class c) noexcept {
  constexpr std::string_view names[] = {"safe",     "needs validation", "destructive", "blocking",
                                        "breaking", "ambiguous",        "unsupported"};
  return names[static_cast<std::size_t>(c)];
}

/// What may happen to a change.
enum class verdict : std::uint8_t {
  applies,         ///< as soon as the plan is applied
  needs_approval,  ///< when somebody has approved it
  blocked          ///< never, until the cause is mended
};

/// One difference. It waits when `verdict` is not `applies`; `reason` and `repair` then say why and
/// what to do.
struct change {
  change_kind kind{};
  std::string table = {};   ///< as the live schema spells it, if it is there
  std::string object = {};  ///< column, constraint or index; empty: the table, or unnamed
  std::string before = {};  ///< SQL fragment of the live schema; empty: nothing there
  std::string after = {};   ///< SQL fragment of the wanted schema; empty: nothing wanted
  change_risk risk = {};
  bool ambiguous = false;
  bool unsupported = false;
  bool native = true;    ///< the database does it without rebuilding the table
  bool loosens = false;  ///< something that protects the rows goes, or deletes more of them
  hewn::verdict verdict = hewn::verdict::applies;
  std::string reason = {};  ///< why it waits
  std::string repair = {};  ///< what a person can do about a change that waits
  std::vector<fact> facts = {};

  bool waits() const { return verdict != hewn::verdict::applies; }

  /// Names the change wherever it is approved: 16 hexadecimal digits of the digest of kind, table,
  /// object, before and after. The rows have no part in it.
  std::string id() const;

  /// What the facts of `kind` add up to.
  std::int64_t counted(fact_kind kind_wanted) const;

  bool operator==(const change&) const = default;
};

/// As sentence(f), in the words of the change that the fact is about.
HEWN_API std::string sentence(const change& c, const fact& f);

/// The classes of a change, derived from its risk, in the order of the enumeration.
HEWN_API std::vector<risk_class> risk_classes(const change& c);

}  // namespace hewn

#if HEWN_DEFINES_CORE

#  include <hewn/base/digest.hpp>
#  include <hewn/dialect/text/ascii.hpp>

namespace hewn {

HEWN_API std::string change::id() const {
  std::string content = "hewn-change:1";
  for (const std::string_view field :
       {to_string(kind), std::string_view(table), std::string_view(object),
        std::string_view(before), std::string_view(after)}) {
    content += std::to_string(field.size());
    content += ':';
    content += field;
  }
  return sha256_hex(content).substr(0, 16);
}

HEWN_API std::int64_t change::counted(fact_kind kind_wanted) const {
  std::int64_t sum = 0;
  for (const fact& f : facts)
    if (f.question.kind == kind_wanted) sum += f.count;
  return sum;
}

HEWN_API std::string sentence(const change& c, const fact& f) {
  const auto say = [&f](std::string_view words) {
    return detail::counted_sentence(f.count, words);
  };
  const bool changed = f.question.kind == fact_kind::values_changed;
  if (c.kind == change_kind::change_collation && changed)
    return say("texts would compare and sort by another rule");
  if (c.kind == change_kind::change_values && changed)
    return say("values would compare and sort in another order");
  if (c.kind == change_kind::change_primary_key && changed)
    return say("rows would get another key");
  if (c.kind == change_kind::change_autoincrement && changed)
    return say("keys given away so far could be given to other rows, once theirs are deleted");
  if (c.kind == change_kind::change_generated && f.question.kind == fact_kind::filled)
    return say("values stay as they are and are no longer computed");
  if (c.kind == change_kind::change_generated && changed)
    return say("values would be computed as others");
  // What becomes the number of its row takes the former one away, and no value: NULL is refused.
  if (c.kind == change_kind::change_type && f.question.kind == fact_kind::values_lost &&
      detail::same_word(c.after, "INTEGER PRIMARY KEY"))
    return say("rows would get another rowid, by which others may find them");
  if (c.kind == change_kind::change_table_options && f.question.kind == fact_kind::values_lost)
    return say("rows would lose their rowid, by which others may find them");
  return sentence(f);
}

HEWN_API std::vector<risk_class> risk_classes(const change& c) {
  std::vector<risk_class> out;
  if (c.risk.dependence == data_dependence::can_fail) out.push_back(risk_class::needs_validation);
  if (c.risk.effect == data_effect::lossy || c.risk.effect == data_effect::reinterpreting ||
      c.risk.dependence == data_dependence::can_change)
    out.push_back(risk_class::destructive);
  if (c.risk.cost == change_cost::rewrite) out.push_back(risk_class::blocking);
  if (c.risk.breaks != compatibility::none) out.push_back(risk_class::breaking);
  if (c.ambiguous) out.push_back(risk_class::ambiguous);
  if (c.unsupported) out.push_back(risk_class::unsupported);
  if (out.empty()) out.push_back(risk_class::safe);
  return out;
}

}  // namespace hewn

#endif
