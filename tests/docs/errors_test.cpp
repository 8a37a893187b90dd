// tests/docs/errors_test.cpp - every diagnostic of the library has a line in docs/errors.md.
// SPDX-License-Identifier: BSL-1.0
#include "regions.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace {

/// String literals that stand side by side, as the one text that they are.
struct literal {
  std::string text;
  bool ends_statement = false;  // a semicolon comes before the next literal
};

void skip_space_and_comments(std::string_view source, std::size_t& i) {
  for (;;) {
    while (i < source.size() && std::string_view(" \n\t").find(source[i]) != std::string_view::npos)
      ++i;
    if (source.substr(i, 2) != "//") return;
    i = std::min(source.find('\n', i), source.size());
  }
}

// Enough of the language for this repository: no raw strings in the headers but R"(...)".
std::vector<literal> literals_of(std::string_view source) {
  std::vector<literal> out;
  bool adjacent = false;
  for (std::size_t i = 0; i < source.size();) {
    skip_space_and_comments(source, i);
    if (i >= source.size()) break;
    const char c = source[i];
    if (c == '\'' && i + 2 < source.size()) {  // 'x' or '\x', or the separator of 1'000
      if (source[i + 1] == '\\')
        i += 4;
      else if (source[i + 2] == '\'')
        i += 3;
      else
        ++i;
      adjacent = false;
    } else if (c == '"') {
      if (!adjacent) out.emplace_back();
      for (++i; i < source.size() && source[i] != '"'; ++i) {
        if (source[i] == '\\') ++i;
        out.back().text += source[i] == 'n' && source[i - 1] == '\\' ? '\n' : source[i];
      }
      ++i;
      adjacent = true;
    } else {
      if (c == ';' && !out.empty()) out.back().ends_statement = true;
      ++i;
      adjacent = false;
    }
  }
  return out;
}

// White space is where lines were broken, in the source as in the page.
std::string squeezed(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool blank = c == ' ' || c == '\n' || c == '\t';
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

bool has_words(std::string_view text) {
  return std::count(text.begin(), text.end(), ' ') >= 2 &&
         std::any_of(text.begin(), text.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

struct diagnostic {
  std::string text;
  std::string header;
};

constexpr std::string_view prefix = "hewn: ";

// The texts that follow "hewn: ". Where a message begins with a name known at run time, its first
// piece is the next literal of the statement.
void append_messages(const std::string& header, const std::vector<literal>& all,
                     std::vector<diagnostic>& out) {
  for (std::size_t i = 0; i != all.size(); ++i) {
    if (!all[i].text.starts_with(prefix)) continue;
    std::size_t piece = i;
    std::string text = squeezed(all[i].text.substr(prefix.size()));
    while (!has_words(text) && !all[piece].ends_statement && piece + 1 != all.size())
      text = squeezed(all[++piece].text);
    if (!text.empty()) out.push_back({text, header});
  }
}

// Texts that end up in messages which another function begins.
constexpr std::string_view sentence_headers[] = {
    "include/hewn/db/values/driver_answers.hpp",  // what is wrong with one value
    "include/hewn/migrate/files/code_migration.hpp",
    "include/hewn/migrate/files/file_name.hpp",
    "include/hewn/migrate/files/file_parser.hpp",
    "include/hewn/migrate/files/folder.hpp",
    "include/hewn/migrate/files/migration_file.hpp",
    "include/hewn/migrate/files/script_lexer.hpp",
    "include/hewn/migrate/files/statement_splitter.hpp",
    "include/hewn/migrate/history/status.hpp",
    "include/hewn/query/rows/limit_sentences.hpp",  // what a declaration does not allow
    "include/hewn/query/rows/row_check.hpp",        // what is wrong with a row
    "include/hewn/sqlite/open.hpp",                 // what is wrong with a path
    "include/hewn/sqlite/schema/scratch.hpp",       // what is wrong with a declaration
    "include/hewn/sync/plan/verdicts.hpp",          // why a change waits
    "include/hewn/sync/model/obstacle.hpp",         // why a change waits on PostgreSQL
};

std::vector<diagnostic> diagnostics() {
  std::vector<diagnostic> out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("include/hewn")) {
    if (entry.path().extension() != ".hpp") continue;
    const std::string header = entry.path().string();
    const std::vector<literal> all = literals_of(docs::read_file(header));
    append_messages(header, all, out);
    if (std::find(std::begin(sentence_headers), std::end(sentence_headers), header) ==
        std::end(sentence_headers))
      continue;
    for (const literal& l : all) {
      std::string text = squeezed(l.text);
      if (text.starts_with(prefix)) continue;
      if (text.starts_with("; ")) text = text.substr(2);
      if (has_words(text) && !text.starts_with("PRAGMA ")) out.push_back({text, header});
    }
  }
  return out;
}

TEST_CASE("every message is in docs/errors.md") {
  const std::string page = squeezed(docs::read_file("docs/errors.md"));
  const std::vector<diagnostic> all = diagnostics();
  for (const diagnostic& d : all) {
    INFO(d.header << " says: " << d.text);
    CHECK(page.find(d.text) != page.npos);
  }
  CHECK(all.size() > 100);
}

TEST_CASE("every error code is in docs/errors.md") {
  const std::string page = docs::read_file("docs/errors.md");
  const std::string header = docs::read_file("include/hewn/base/error.hpp");
  const std::size_t begin = header.find("enum class errc");
  std::size_t found = 0;
  for (const std::string& line :
       docs::lines_of(header.substr(begin, header.find("};", begin) - begin))) {
    const std::string text = docs::trimmed(line);
    const std::size_t end = text.find_first_of(", ");
    if (text.find("///<") == text.npos || end == text.npos) continue;
    INFO(text);
    CHECK(page.find("`" + text.substr(0, end) + "`") != page.npos);
    ++found;
  }
  CHECK(found > 20);
}

TEST_CASE("literals are found as the compiler sees them") {
  const auto all = literals_of("f(\"a \" // \"not\"\n  \"b\", '\"', 1'000, \"c\"); g(\"d\\\"e\")");
  REQUIRE(all.size() == 3);
  CHECK(all[0].text == "a b");
  CHECK(all[1].text == "c");
  CHECK(all[1].ends_statement);
  CHECK(all[2].text == "d\"e");
}

}  // namespace
