// hewn/sqlite/schema/rehearse.hpp - the steps of a plan on a copy of the schema.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/concat.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sqlite/client/named_functions.hpp>
#include <hewn/sqlite/client/native_query.hpp>
#include <hewn/sqlite/client/setting.hpp>
#include <hewn/sqlite/schema/scratch.hpp>
#include <hewn/sqlite/schema/validate.hpp>
#include <hewn/sync/model/executor.hpp>
#include <hewn/sync/model/step.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::sqlite {

namespace detail {

class schema_rehearsal {
 public:
  explicit schema_rehearsal(sqlite3* like) : like_(like) { lend_names(like, db_); }

  rehearsal run(const schema::database& live, const std::vector<step>& steps) {
    bool moves_rows = false;
    for (const step& s : steps)
      moves_rows = moves_rows || s.kind == step_kind::copy || drops_table(s.sql);
    // What other programs wrote is taken as it is; the steps are not.
    set(SQLITE_DBCONFIG_DQS_DDL, 1);
    set(SQLITE_DBCONFIG_DQS_DML, 1);
    detail::run(db_, "BEGIN");
    build(live);
    detail::run(db_, "COMMIT");
    set(SQLITE_DBCONFIG_DQS_DDL, 0);
    set(SQLITE_DBCONFIG_DQS_DML, setting(like_, SQLITE_DBCONFIG_DQS_DML));
    const std::vector<std::string> broken_before = broken();

    set(SQLITE_DBCONFIG_ENABLE_FKEY, moves_rows ? 0 : setting(like_, SQLITE_DBCONFIG_ENABLE_FKEY));
    detail::run(db_, "BEGIN");
    take(steps);
    for (std::string& line : broken()) {
      bool known = false;
      for (const std::string& before : broken_before) known = known || before == line;
      if (!known) out_.problems.push_back(std::move(line));
    }
    out_.after = scratch_.introspect();
    return std::move(out_);
  }

 private:
  void set(int what, int to) { sqlite3_db_config(db_, what, to, nullptr); }

  static bool drops_table(std::string_view sql) {
    hewn::detail::tokenizer words(sql);
    return words.next().is("drop") && words.next().is("table");
  }

  // Without rows a reference can only be broken by its definition.
  std::vector<std::string> broken() {
    std::vector<std::string> out = broken_objects(db_);
    for (std::string& line : broken_references(db_)) out.push_back(std::move(line));
    return out;
  }

  static bool is_virtual(const schema::source& s) {
    hewn::detail::tokenizer words(s.sql);
    words.next();
    return words.next().is("virtual");
  }

  // Virtual tables first, because they bring the tables in which they store; after VACUUM those
  // stand before them.
  void build(const schema::database& live) {
    for (const schema::source& s : live.sources)
      if (is_virtual(s)) attempt(s.sql);
    for (const schema::source& s : live.sources) {
      if (is_virtual(s) ||
          hewn::detail::same_word(std::string_view(s.name).substr(0, 7), "sqlite_"))
        continue;
      if (s.kind == "table" && is_there(s.name)) continue;
      if (const auto problem = attempt(s.sql))
        hewn::detail::append_line(out_.problems,
                                  {s.kind, " ", s.name, " cannot be made on a copy: ", *problem});
    }
  }

  bool is_there(const std::string& table) {
    return sqlite3_table_column_metadata(db_, "main", table.c_str(), nullptr, nullptr, nullptr,
                                         nullptr, nullptr, nullptr) == SQLITE_OK;
  }

  std::optional<std::string> attempt(const std::string& sql) {
    return problem_of(db_, sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr), sql);
  }

  // The first failure ends it: those after it would only be its consequences.
  void take(const std::vector<step>& steps) {
    for (std::size_t i = 0; i != steps.size(); ++i) {
      const std::optional<std::string> problem =
          steps[i].kind == step_kind::expect ? question(steps[i]) : change(steps[i]);
      if (!problem) continue;
      hewn::detail::append_line(
          out_.problems, {"step ", std::to_string(i + 1), " of ", std::to_string(steps.size()),
                          " (", beginning(steps[i].sql), ") fails: ", *problem});
      return;
    }
  }

  std::optional<std::string> change(const step& s) {
    const lenient_renaming lenient(db_, s.sql);
    return attempt(s.sql);
  }

  std::optional<std::string> question(const step& s) {
    if (auto problem = compile_problem(db_, s.sql)) return problem;
    native_query q(db_, s.sql);
    const int code = sqlite3_step(q.native());
    if (code == SQLITE_ROW && q.text(0) == "1") return std::nullopt;
    if (code != SQLITE_ROW && code != SQLITE_DONE) return problem_of(db_, code, s.sql);
    return s.promise.empty() ? "what it expects does not hold" : s.promise + " does not hold";
  }

  // Enough of the statement to find it.
  static std::string beginning(std::string_view sql) {
    constexpr std::size_t enough = 60;
    std::size_t size = sql.substr(0, sql.find('\n')).size();
    if (size > enough)
      for (size = enough; size != 0 && (static_cast<unsigned char>(sql[size]) & 0xC0) == 0x80;)
        --size;
    return std::string(sql.substr(0, size)) + (size == sql.size() ? "" : " ...");
  }

  sqlite3* like_;
  scratch scratch_;
  sqlite3* db_ = scratch_.native();
  rehearsal out_;
};

}  // namespace detail

/// As hewn::schema_executor::rehearse, for a plan that will run on `db`. Foreign keys are enforced
/// as they will be: as on `db`, and not at all when rows are copied or a table goes. Virtual tables
/// whose module is missing here are left out. A view or trigger that did not compile before is no
/// problem of the steps.
inline rehearsal rehearse(sqlite3* db, const schema::database& live,
                          const std::vector<step>& steps) {
  return detail::schema_rehearsal(db).run(live, steps);
}

}  // namespace hewn::sqlite
