// hewn/sync/model/make_change.hpp - a change as it is found and shown.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/write/ddl.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/change.hpp>
#include <hewn/sync/model/obstacle.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

inline change make_change(change_kind kind, std::string_view table, std::string_view object,
                          std::string before, std::string after, bool tightens, dialect d) {
  return {.kind = kind,
          .table = std::string(table),
          .object = std::string(object),
          .before = std::move(before),
          .after = std::move(after),
          .risk = risk_of(kind, tightens, d),
          .native = d == dialect::postgres || kind == change_kind::change_index ||
                    kind == change_kind::rename_index,
          .loosens = kind == change_kind::drop_unique || kind == change_kind::drop_check ||
                     kind == change_kind::drop_foreign_key};
}

/// Appends a change as made by make_change.
inline change& append_change(std::vector<change>& out, change_kind kind, std::string_view table,
                             std::string_view object, std::string before, std::string after,
                             bool tightens, dialect d) {
  out.push_back(make_change(kind, table, object, std::move(before), std::move(after), tightens, d));
  return out.back();
}

// How constraints are shown, without their names.

inline std::string with_terms(std::string text, std::string_view terms) {
  if (terms.empty()) return text;
  text += ' ';
  text += terms;
  return text;
}

inline std::string check_text(const schema::check& k) {
  return with_terms(concat({"CHECK (", k.text, ")"}), k.terms);
}

inline std::string unique_text(const schema::unique_key& k, dialect d) {
  std::string out = "UNIQUE ";
  append_names(out, k.columns, k.collations, d);
  if (!k.storage.included.empty()) {
    out += " INCLUDE ";
    append_names(out, k.storage.included, {}, d);
  }
  return with_terms(std::move(out), k.terms);
}

inline std::string reference_text(schema::foreign_key k, dialect d) {
  k.name.clear();
  const std::string terms = std::exchange(k.terms, {});
  std::string out;
  append_foreign_key(out, k, d);
  return with_terms(std::move(out), terms);
}

inline std::string index_text(const schema::index& i, std::string_view table, dialect d) {
  // What else it says is in the statement.
  return with_terms(create_index(i, table, d), i.terms.starts_with("INVALID") ? "INVALID" : "");
}

/// Says why a constraint that is there does not do what the declared one does.
inline void explain_terms(change& c, std::string_view terms) {
  if (terms.empty()) return;
  const bool unchecked = terms.find("NOT VALID") != terms.npos;
  const bool silent = terms.find("with disabled triggers") != terms.npos;
  c.reason = concat({"it is there as ", terms,
                     unchecked || silent || terms.find("NOT ENFORCED") != terms.npos
                         ? ", so rows may break it"
                         : ", which accepts other rows than the declared one"});
}

/// Whether the index of this name goes, or is made again.
inline bool index_goes(const std::vector<change>& changes, std::string_view name, dialect d) {
  for (const change& c : changes)
    if ((c.kind == change_kind::drop_index || c.kind == change_kind::change_index) &&
        same_name(d, c.object, name))
      return true;
  return false;
}

/// Whether `changes` have one of `kind` about this table.
inline bool has_change(const std::vector<change>& changes, change_kind kind, std::string_view table,
                       dialect d) {
  for (const change& c : changes)
    if (c.kind == kind && same_name(d, c.table, table)) return true;
  return false;
}

inline change index_creation(const schema::index& i, std::string_view table, dialect d) {
  return {.kind = change_kind::create_index,
          .table = std::string(table),
          .object = i.name,
          .after = create_index(i, table, d),
          .risk = risk_of(change_kind::create_index, i.unique, d)};
}

}  // namespace hewn::detail
