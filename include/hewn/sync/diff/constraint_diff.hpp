// hewn/sync/diff/constraint_diff.hpp - the differences between the constraints of two tables.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/key_diff.hpp>
#include <hewn/sync/diff/pairing.hpp>
#include <hewn/sync/diff/table_comparison.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/make_change.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace hewn::detail {

/// Compares the checks, keys and indexes of a live table with the wanted ones. Content decides; a
/// difference in name alone is none. Order: take_ for every new column, then append_to.
class constraint_diff : private table_comparison {
 public:
  constraint_diff(const schema::database& live_database, const schema::database& wanted_database,
                  const schema::table& live, const schema::table& wanted, bool complete, dialect d)
      : table_comparison(live, wanted, complete, d),
        live_database_(live_database),
        wanted_database_(wanted_database),
        checks_(live.checks.size(), wanted.checks.size()),
        keys_(live.foreign_keys.size(), wanted.foreign_keys.size()) {
    match_checks();
    match_foreign_keys();
  }

  // SQLite adds a check only together with a column. One that mentions several new columns comes
  // with the last of them.
  std::vector<schema::check> take_checks(const schema::column& c) {
    std::vector<schema::check> taken;
    for (std::size_t i = 0; i != wanted_.checks.size(); ++i) {
      const schema::check& k = wanted_.checks[i];
      if (!checks_.is_missing(i) || !mentions(k.text, c.name, dialect_) || mentions_later(k, c) ||
          is_unvalidated(k.terms))
        continue;
      taken.push_back(k);
      checks_.settle(i);
    }
    return taken;
  }

  const schema::foreign_key* take_reference(const schema::column& c) {
    for (std::size_t i = 0; i != wanted_.foreign_keys.size(); ++i) {
      const schema::foreign_key& k = wanted_.foreign_keys[i];
      if (!keys_.is_missing(i) || k.columns.size() != 1 ||
          !same_name(dialect_, k.columns[0], c.name) || is_unvalidated(k.terms))
        continue;
      keys_.settle(i);
      return &k;
    }
    return nullptr;
  }

  void append_to(std::vector<change>& out) {
    found_in(out);
    report_checks();
    report_foreign_keys();
    key_diff(live_, wanted_, complete_, dialect_).append_to(out);
  }

 private:
  bool mentions_later(const schema::check& k, const schema::column& c) const {
    const bool c_generated = c.generated != schema::generated::no;
    for (const schema::column& other : wanted_.columns) {
      if (&other == &c || find_column(live_, other.name, dialect_) ||
          !mentions(k.text, other.name, dialect_))
        continue;
      const bool generated = other.generated != schema::generated::no;
      if (generated != c_generated ? generated : &other > &c) return true;
    }
    return false;
  }

  void match_checks() {
    // What is wholly equal first, as for foreign keys.
    for (const bool exact : {true, false})
      for (std::size_t i = 0; i != wanted_.checks.size(); ++i)
        if (checks_.is_missing(i)) match_check(i, exact);
  }

  void match_check(std::size_t i, bool exact) {
    const schema::check& wanted = wanted_.checks[i];
    const std::string text = canonical_expression(wanted.text, dialect_);
    for (std::size_t at = 0; at != live_.checks.size(); ++at) {
      const schema::check& live = live_.checks[at];
      if (checks_.is_paired(at) || (exact && live.terms != wanted.terms)) continue;
      if (live.text != wanted.text && canonical_expression(live.text, dialect_) != text) continue;
      checks_.pair(at, i);
      return;
    }
  }

  void report_checks() {
    for (std::size_t i = 0; i != wanted_.checks.size(); ++i) {
      const std::size_t at = checks_.partner(i);
      if (at != pairing::none && live_.checks[at].terms != wanted_.checks[i].terms)
        explain_terms(add_check_change(live_.checks[at], wanted_.checks[i]),
                      live_.checks[at].terms);
    }
    for (std::size_t i = 0; i != wanted_.checks.size(); ++i) {
      if (!checks_.is_missing(i)) continue;
      const schema::check& wanted = wanted_.checks[i];
      const std::size_t at = former_check(wanted);
      if (at == pairing::none) {
        add(change_kind::add_check, wanted.name, {}, check_text(wanted), true);
      } else {
        add_check_change(live_.checks[at], wanted);
        checks_.use(at);
      }
    }
    for (std::size_t at = 0; at != live_.checks.size(); ++at)
      if (!checks_.is_paired(at))
        add(change_kind::drop_check, live_.checks[at].name, check_text(live_.checks[at]), {});
  }

  change& add_check_change(const schema::check& live, const schema::check& wanted) {
    return add(change_kind::change_check, wanted.name, check_text(live), check_text(wanted), true);
  }

  // The live check that has the name of `wanted` and nothing else in common with a wanted one.
  std::size_t former_check(const schema::check& wanted) const {
    for (std::size_t at = 0; at != live_.checks.size(); ++at)
      if (!checks_.is_paired(at) && !live_.checks[at].name.empty() &&
          same_name(dialect_, live_.checks[at].name, wanted.name))
        return at;
    return pairing::none;
  }

  std::string canonical(const schema::foreign_key& k, const schema::database& of) const {
    const schema::table* target = find_table(of, k.target_table, dialect_);
    if (!target) target = find_table(live_database_, k.target_table, dialect_);
    return canonical_reference(k, target, dialect_);
  }

  // What rows do not depend on is a difference in a whole schema only.
  bool reacts_alike(const schema::foreign_key& a, const schema::foreign_key& b) const {
    return (!complete_ || a.extras == b.extras) && a.on_delete == b.on_delete &&
           a.on_update == b.on_update && a.deferred == b.deferred && a.terms == b.terms;
  }

  void match_foreign_keys() {
    // What is wholly equal first, so that of two keys on the same columns the right ones pair up.
    for (const bool exact : {true, false})
      for (std::size_t i = 0; i != wanted_.foreign_keys.size(); ++i)
        if (keys_.is_missing(i)) match_foreign_key(i, exact);
  }

  void match_foreign_key(std::size_t i, bool exact) {
    const schema::foreign_key& wanted = wanted_.foreign_keys[i];
    const std::string content = canonical(wanted, wanted_database_);
    for (std::size_t at = 0; at != live_.foreign_keys.size(); ++at) {
      const schema::foreign_key& live = live_.foreign_keys[at];
      if (keys_.is_paired(at) || (exact && !reacts_alike(live, wanted)) ||
          canonical(live, live_database_) != content)
        continue;
      keys_.pair(at, i);
      return;
    }
  }

  void report_foreign_keys() {
    for (std::size_t i = 0; i != wanted_.foreign_keys.size(); ++i) {
      const std::size_t at = keys_.partner(i);
      if (at == pairing::none) continue;
      const schema::foreign_key& live = live_.foreign_keys[at];
      const schema::foreign_key& wanted = wanted_.foreign_keys[i];
      if (reacts_alike(live, wanted)) continue;
      change& c = add(change_kind::change_foreign_key, wanted.name, reference_text(live, dialect_),
                      reference_text(wanted, dialect_), true);
      c.loosens = arms(live.on_delete, wanted.on_delete) || arms(live.on_update, wanted.on_update);
      explain_terms(c, live.terms);
    }
    for (std::size_t i = 0; i != wanted_.foreign_keys.size(); ++i)
      if (const schema::foreign_key& k = wanted_.foreign_keys[i]; keys_.is_missing(i))
        add(change_kind::add_foreign_key, k.name, {}, reference_text(k, dialect_), true);
    for (std::size_t at = 0; at != live_.foreign_keys.size(); ++at)
      if (const schema::foreign_key& k = live_.foreign_keys[at]; !keys_.is_paired(at))
        add(change_kind::drop_foreign_key, k.name, reference_text(k, dialect_), {});
  }

  // Whether rows would be changed or deleted that were not before.
  static bool arms(schema::action before, schema::action after) {
    return before != after && after != schema::action::no_action &&
           after != schema::action::restrict;
  }

  const schema::database& live_database_;
  const schema::database& wanted_database_;
  pairing checks_;
  pairing keys_;
};

}  // namespace hewn::detail
