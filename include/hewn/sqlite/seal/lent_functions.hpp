// hewn/sqlite/seal/lent_functions.hpp - functions of the program that a copy of its database lacks.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/base/list.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/sqlite/client/named_functions.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/client/program_functions.hpp>
#include <hewn/sqlite/seal/seal.hpp>

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite::detail {

/// Stands on a copy for the functions that the real connection has besides: to call one fails, and
/// the seal of the copy hears of it, whoever catches the failure. A function of SQLite's own that
/// the program has replaced is replaced here, too, unless the other one is without side effects.
class lent_functions {
 public:
  /// Order: behind whatever prepares the copy. Lifetime: no statement runs on `copy` behind it.
  lent_functions(sqlite3* real, sqlite3* copy, seal& shut) {
    const hewn::detail::list<listed_function> known = functions_of(copy);
    for (const listed_function& f : functions_of(real)) {
      if (f.builtin) continue;
      bool there = false;
      for (const listed_function& other : known)
        there |= hewn::detail::same_word(other.name, f.name) && (!other.builtin || !f.may_write());
      if (!there) lend(copy, f, shut);
    }
  }

 private:
  struct lent {
    seal* shut;
    std::string reason;
  };

  static void refuse(sqlite3_context* context) {
    const auto* const self = static_cast<const lent*>(sqlite3_user_data(context));
    self->shut->refuse(self->reason.c_str());
    sqlite3_result_error(context, "a function of the program is not available here", -1);
  }
  static void call(sqlite3_context* context, int, sqlite3_value**) { refuse(context); }

  void lend(sqlite3* copy, const listed_function& f, seal& shut) {
    lent* const self =
        lent_
            .push_back(std::make_unique<lent>(lent{
                &shut,
                hewn::detail::concat({"it calls ", f.name,
                                      ", a function of the program that prepare_copies has not "
                                      "registered on the copy"})}))
            .get();
    const int flags =
        SQLITE_UTF8 | (f.flags & (SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS | SQLITE_DIRECTONLY));
    const char* const name = f.name.c_str();
    if (f.type == 's')
      sqlite3_create_function_v2(copy, name, f.arguments, flags, self, &call, nullptr, nullptr,
                                 nullptr);
    else if (f.type == 'a')
      sqlite3_create_function_v2(copy, name, f.arguments, flags, self, nullptr, &call, &refuse,
                                 nullptr);
    else
      sqlite3_create_window_function(copy, name, f.arguments, flags, self, &call, &refuse, &refuse,
                                     &call, nullptr);
  }

  hewn::detail::list<std::unique_ptr<lent>> lent_;
};

/// The collations and modules of the program that `copy` lacks.
inline std::vector<std::string> unknown_names(sqlite3* real, sqlite3* copy) {
  std::vector<std::string> out;
  for (const std::string_view pragma : {"PRAGMA collation_list", "PRAGMA module_list"}) {
    std::vector<std::string> known;
    const int column = pragma == "PRAGMA module_list" ? 0 : 1;
    native_query there(copy, pragma);
    while (there.step()) known.push_back(there.text(column));
    native_query here(real, pragma);
    while (here.step())
      if (std::string name = here.text(column);
          !is_among(known, name) && !is_module_of_sqlite(name))
        out.push_back(std::move(name));
  }
  return out;
}

}  // namespace hewn::sqlite::detail
