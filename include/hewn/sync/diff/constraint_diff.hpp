// hewn/sync/diff/constraint_diff.hpp - the differences between the constraints of two tables.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/expression_text.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/diff/key_diff.hpp>
#include <hewn/sync/diff/table_comparison.hpp>
#include <hewn/sync/model/canonical_text.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/make_change.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
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
        wanted_database_(wanted_database) {
    match_checks();
    match_foreign_keys();
  }

  // SQLite adds a check only together with a column. One that mentions several new columns comes
  // with the last of them.
  std::vector<schema::check> take_checks(const schema::column& c) {
    std::vector<schema::check> taken;
    for (auto k = missing_checks_.begin(); k != missing_checks_.end();) {
      const bool mine = mentions((*k)->text, c.name, dialect_) && !mentions_later(**k, c) &&
                        !is_unvalidated((*k)->terms);
      if (mine) taken.push_back(**k);
      k = mine ? missing_checks_.erase(k) : k + 1;
    }
    return taken;
  }

  const schema::foreign_key* take_reference(const schema::column& c) {
    for (auto k = missing_keys_.begin(); k != missing_keys_.end(); ++k) {
      const schema::foreign_key* key = *k;
      if (key->columns.size() != 1 || !same_name(dialect_, key->columns[0], c.name) ||
          is_unvalidated(key->terms))
        continue;
      missing_keys_.erase(k);
      return key;
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
    for (const schema::check& k : live_.checks) extra_checks_.push_back(&k);
    // What is wholly equal first, as for foreign keys.
    for (const bool exact : {true, false}) {
      for (const schema::check& wanted : wanted_.checks) {
        if (std::find(matched_checks_.begin(), matched_checks_.end(), &wanted) !=
            matched_checks_.end())
          continue;
        const std::string text = canonical_expression(wanted.text, dialect_);
        const auto same =
            std::find_if(extra_checks_.begin(), extra_checks_.end(), [&](const schema::check* k) {
              if (exact && k->terms != wanted.terms) return false;
              return k->text == wanted.text || canonical_expression(k->text, dialect_) == text;
            });
        if (same == extra_checks_.end()) continue;
        if (!exact) changed_checks_.push_back({*same, &wanted});
        matched_checks_.push_back(&wanted);
        extra_checks_.erase(same);
      }
    }
    for (const schema::check& wanted : wanted_.checks)
      if (std::find(matched_checks_.begin(), matched_checks_.end(), &wanted) ==
          matched_checks_.end())
        missing_checks_.push_back(&wanted);
  }

  void report_checks() {
    for (const auto& [live, wanted] : changed_checks_)
      explain_terms(add(change_kind::change_check, wanted->name, check_text(*live),
                        check_text(*wanted), true),
                    live->terms);
    for (const schema::check* wanted : missing_checks_) {
      const auto old =
          std::find_if(extra_checks_.begin(), extra_checks_.end(), [&](const schema::check* k) {
            return !k->name.empty() && same_name(dialect_, k->name, wanted->name);
          });
      if (old == extra_checks_.end()) {
        add(change_kind::add_check, wanted->name, {}, check_text(*wanted), true);
      } else {
        add(change_kind::change_check, wanted->name, check_text(**old), check_text(*wanted), true);
        extra_checks_.erase(old);
      }
    }
    for (const schema::check* k : extra_checks_)
      add(change_kind::drop_check, k->name, check_text(*k), {});
  }

  std::string signature(const schema::foreign_key& k, const schema::database& of) const {
    const schema::table* target = find_table(of, k.target_table, dialect_);
    if (!target) target = find_table(live_database_, k.target_table, dialect_);
    return foreign_key_signature(k, target, dialect_);
  }

  void match_foreign_keys() {
    for (const schema::foreign_key& k : live_.foreign_keys) extra_keys_.push_back(&k);
    // What is wholly equal first, so that of two keys on the same columns the right ones pair up.
    for (const bool exact : {true, false}) {
      for (const schema::foreign_key& wanted : wanted_.foreign_keys) {
        if (std::find(matched_keys_.begin(), matched_keys_.end(), &wanted) != matched_keys_.end())
          continue;
        const std::string content = signature(wanted, wanted_database_);
        for (auto k = extra_keys_.begin(); k != extra_keys_.end(); ++k) {
          const bool same_reaction =
              (*k)->on_delete == wanted.on_delete && (*k)->on_update == wanted.on_update &&
              (*k)->deferred == wanted.deferred && (*k)->terms == wanted.terms;
          if ((exact && !same_reaction) || signature(**k, live_database_) != content) continue;
          if (!same_reaction) changed_keys_.push_back({*k, &wanted});
          matched_keys_.push_back(&wanted);
          extra_keys_.erase(k);
          break;
        }
      }
    }
    for (const schema::foreign_key& wanted : wanted_.foreign_keys)
      if (std::find(matched_keys_.begin(), matched_keys_.end(), &wanted) == matched_keys_.end())
        missing_keys_.push_back(&wanted);
  }

  void report_foreign_keys() {
    for (const auto& [live, wanted] : changed_keys_) {
      change& c = add(change_kind::change_foreign_key, wanted->name,
                      reference_text(*live, dialect_), reference_text(*wanted, dialect_), true);
      c.loosens =
          arms(live->on_delete, wanted->on_delete) || arms(live->on_update, wanted->on_update);
      explain_terms(c, live->terms);
    }
    for (const schema::foreign_key* k : missing_keys_)
      add(change_kind::add_foreign_key, k->name, {}, reference_text(*k, dialect_), true);
    for (const schema::foreign_key* k : extra_keys_)
      add(change_kind::drop_foreign_key, k->name, reference_text(*k, dialect_), {});
  }

  // Whether rows would be changed or deleted that were not before.
  static bool arms(schema::action before, schema::action after) {
    return before != after && after != schema::action::no_action &&
           after != schema::action::restrict;
  }

  struct check_pair {
    const schema::check* live;
    const schema::check* wanted;
  };

  struct key_pair {
    const schema::foreign_key* live;
    const schema::foreign_key* wanted;
  };

  const schema::database& live_database_;
  const schema::database& wanted_database_;
  std::vector<const schema::check*> missing_checks_;
  std::vector<const schema::check*> extra_checks_;
  std::vector<const schema::check*> matched_checks_;
  std::vector<check_pair> changed_checks_;
  std::vector<const schema::foreign_key*> missing_keys_;
  std::vector<const schema::foreign_key*> extra_keys_;
  std::vector<const schema::foreign_key*> matched_keys_;
  std::vector<key_pair> changed_keys_;
};

}  // namespace hewn::detail
