// examples/schema_diff/schemas/script_schema.hpp - a file of SQL run on a server.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "live_schema.hpp"
#include "scratch_database.hpp"
#include "server_schema.hpp"
#include "words_of_server.hpp"

#include <hewn/base/error.hpp>
#include <hewn/dialect/text/ascii.hpp>
#include <hewn/dialect/text/tokenizer.hpp>
#include <hewn/migrate/files/statement_splitter.hpp>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace schema_diff {

/// The database that a script makes on a server, with its rows, which is dropped in the end.
class script_schema : public live_schema {
 public:
  /// Throws: errc::syntax with the line of the first statement that fails, whatever its cause.
  script_schema(const std::string& text, const std::string& name, const std::string& server)
      : scratch_(server) {
    run(text, name);
    // Another session than the one in which the script ran, with settings of its own.
    schema_ = std::make_unique<server_schema>(
        server, hewn::postgres::options{.database = scratch_.name()}, name);
  }

  hewn::schema_executor& executor() override { return schema_->executor(); }
  std::string name() const override { return schema_->name(); }
  std::vector<object_text> others(const hewn::schema::database& in) override {
    return schema_->others(in);
  }

 private:
  void run(const std::string& text, const std::string& name) {
    const hewn::postgres::database db =
        hewn::postgres::open(scratch_.server(), {.database = scratch_.name()});
    for (const hewn::sql_statement& s :
         hewn::split_statements(for_server(text), name, hewn::dialect::postgres)) {
      if (const std::string why = why_refused(s.text); !why.empty())
        fail(name, s, why, hewn::error_details{.code = hewn::errc::syntax});
      try {
        db.script(s.text);
      } catch (const hewn::error& failure) {
        if (failure.code() == hewn::errc::connection_lost ||
            failure.code() == hewn::errc::interrupted)
          throw;
        fail(name, s, words_of_server(failure), failure.details());
      }
    }
  }

  // pg_dump guards its files with commands of psql, which mean nothing here.
  static std::string for_server(std::string text) {
    for (std::size_t at = 0; at != text.npos && at < text.size();) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      const std::string_view line = std::string_view(text).substr(at, end - at);
      if (line.starts_with("\\restrict ") || line.starts_with("\\unrestrict "))
        text.replace(at, end - at, end - at, ' ');
      at = end + 1;
    }
    return text;
  }

  // What such a statement does stays when the scratch database goes.
  static std::string why_refused(std::string_view sql) {
    std::vector<std::string> words;
    for (const hewn::detail::token& t : hewn::detail::tokenize(sql)) {
      words.push_back(hewn::detail::lower(t.text));
      if (words.size() == 2) break;
    }
    if (!words.empty() && words[0].starts_with("\\")) return "it is a command of psql";
    if (words.size() < 2 || (words[0] != "create" && words[0] != "alter" && words[0] != "drop"))
      return {};
    for (const char* const wide : {"database", "role", "user", "group", "tablespace", "system"})
      if (words[1] == wide) return "it concerns the whole server";
    return {};
  }

  [[noreturn]] static void fail(const std::string& name, const hewn::sql_statement& s,
                                const std::string& why, hewn::error_details d) {
    d.code = hewn::errc::syntax;
    d.message = "hewn: the schema " + name + " line " + std::to_string(s.line) +
                " cannot be used (" + why + "); correct the statement that begins there";
    throw hewn::error(std::move(d));
  }

  scratch_database scratch_;
  std::unique_ptr<server_schema> schema_;
};

}  // namespace schema_diff
