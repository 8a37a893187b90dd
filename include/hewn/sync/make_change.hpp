// hewn/sync/make_change.hpp - a change as it is found and shown.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/ddl.hpp>
#include <hewn/schema/model.hpp>
#include <hewn/sync/change.hpp>
#include <hewn/sync/native.hpp>

#include <string>
#include <string_view>
#include <utility>

namespace hewn::detail {

inline change make_change(change_kind kind, std::string_view table, std::string_view object,
                          std::string before, std::string after, bool tightens, dialect d) {
  return {.kind = kind,
          .table = std::string(table),
          .object = std::string(object),
          .before = std::move(before),
          .after = std::move(after),
          .risk = risk_of(kind, tightens, d),
          .native = kind == change_kind::change_index || kind == change_kind::rename_index,
          .loosens = kind == change_kind::drop_unique || kind == change_kind::drop_check ||
                     kind == change_kind::drop_foreign_key};
}

// How constraints are shown, without their names.

inline std::string check_text(const schema::check& k) { return "CHECK (" + k.text + ")"; }

inline std::string unique_text(const schema::unique_key& k, dialect d) {
  std::string out = "UNIQUE ";
  append_names(out, k.columns, k.collations, d);
  return out;
}

inline std::string reference_text(schema::foreign_key k, dialect d) {
  k.name.clear();
  std::string out;
  append_foreign_key(out, k, d);
  return out;
}

inline change index_creation(const schema::index& i, std::string_view table, dialect d) {
  return {.kind = change_kind::create_index,
          .table = std::string(table),
          .object = i.name,
          .after = create_index(i, table, d),
          .risk = risk_of(change_kind::create_index, i.unique, d)};
}

}  // namespace hewn::detail
