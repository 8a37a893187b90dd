// hewn/base/error_subject.hpp - what an error is about, in the words of its message.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>

#include <string>

namespace hewn::detail {

/// "users.email", "users (email, name)", "constraint users_check" or "the statement".
HEWN_RARE HEWN_API std::string subject(const error_details& d);

HEWN_RARE HEWN_API std::string conflict_message(const error_details& d);

HEWN_RARE HEWN_API std::string foreign_key_message(const error_details& d);

HEWN_RARE HEWN_API std::string not_null_message(const error_details& d);

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

namespace hewn::detail {

HEWN_API std::string subject(const error_details& d) {
  if (d.columns.size() > 1) {
    std::string out = d.table + " (";
    for (const std::string& c : d.columns) out += (&c == d.columns.data() ? "" : ", ") + c;
    return out + ")";
  }
  if (!d.column.empty()) return concat({d.table, ".", d.column});
  if (!d.columns.empty()) return concat({d.table, ".", d.columns.front()});
  if (!d.constraint.empty()) return "constraint " + d.constraint;
  return "the statement";
}

HEWN_API std::string conflict_message(const error_details& d) {
  return concat(
      {"hewn: ", subject(d),
       (d.columns.size() > 1
            ? " must be unique together and another row has these values; choose others, or use "
              "upsert"
            : " must be unique and another row has this value; choose another, or use upsert")});
}

HEWN_API std::string foreign_key_message(const error_details& d) {
  const bool known = !d.columns.empty() || !d.column.empty() || !d.constraint.empty();
  return concat(
      {"hewn: a foreign key refers to a row that does not exist, or a row to be removed is still "
       "referred to",
       (known ? " (" + subject(d) + ")" : std::string()),
       "; insert the referenced row first, or remove the referring rows"});
}

HEWN_API std::string not_null_message(const error_details& d) {
  return concat({"hewn: ", subject(d), " would be NULL and does not take it; give it a value"});
}

}  // namespace hewn::detail

#endif
