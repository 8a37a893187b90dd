// tests/docs/quotes_test.cpp - what the documentation shows is what was compiled and run.
// SPDX-License-Identifier: BSL-1.0
#include "regions.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct fence {
  std::string quoted;  // "path#name" of the mark above it; empty: there is none
  std::string language;
  std::string text;
  std::size_t line = 0;
};

std::vector<std::string> prose() {
  std::vector<std::string> paths = {"README.md", "CHANGELOG.md", "tests/README.md"};
  for (const auto& entry : std::filesystem::recursive_directory_iterator("docs"))
    if (entry.path().extension() == ".md") paths.push_back(entry.path().string());
  std::sort(paths.begin(), paths.end());
  return paths;
}

// A mark holds for the fence in the next line.
std::vector<fence> fences_of(std::string_view markdown) {
  constexpr std::string_view mark = "<!-- quote: ";
  const std::vector<std::string> lines = docs::lines_of(markdown);
  std::vector<fence> out;
  for (std::size_t i = 0; i != lines.size(); ++i) {
    if (!lines[i].starts_with("```")) continue;
    fence f{.language = lines[i].substr(3), .line = i + 1};
    if (i != 0 && lines[i - 1].starts_with(mark) && lines[i - 1].ends_with(" -->"))
      f.quoted = lines[i - 1].substr(mark.size(), lines[i - 1].size() - mark.size() - 4);
    for (++i; i != lines.size() && lines[i] != "```"; ++i) f.text += lines[i] + "\n";
    out.push_back(f);
    if (i == lines.size()) break;
  }
  return out;
}

std::optional<std::string> source_of(const std::string& quoted) {
  const std::size_t hash = quoted.find('#');
  if (hash == quoted.npos) return std::nullopt;
  return docs::region(quoted.substr(0, hash), quoted.substr(hash + 1));
}

TEST_CASE("every quotation is what its source says") {
  std::size_t compared = 0;
  for (const std::string& path : prose())
    for (const fence& f : fences_of(docs::read_file(path))) {
      INFO(path << ":" << f.line);
      if (f.quoted.empty()) continue;
      INFO("quotes " << f.quoted);
      CHECK(f.text == source_of(f.quoted).value_or("(no such region)\n"));
      ++compared;
    }
  CHECK(compared > 50);
}

TEST_CASE("what a newcomer had to open a header for is on a page", "[p:C5]") {
  std::string all;
  std::vector<std::string> quoted;
  for (const std::string& path : prose()) {
    const std::string text = docs::read_file(path);
    if (path.find("decisions") == path.npos && path != "CHANGELOG.md") all += text;
    for (const fence& f : fences_of(text)) quoted.push_back(f.quoted);
  }
  for (const std::string shown :
       {"tests/docs/switching_test.cpp#any_options", "tests/docs/snippets_test.cpp#json_accessors",
        "tests/docs/snippets_test.cpp#vacuum_into", "tests/docs/server_trouble_test.cpp#sqlstate",
        "tests/docs/switching_test.cpp#null_order", "tests/docs/switching_test.cpp#json_condition",
        "tests/docs/switching_test.cpp#json_operator"}) {
    INFO(shown);
    CHECK(std::find(quoted.begin(), quoted.end(), shown) != quoted.end());
  }
  for (const std::string said : {"A `migration_status` has `version`, `name`, `state`; `at`",
                                 "`<hewn/migrate.hpp>` has `hewn::migrator`"}) {
    INFO(said);
    CHECK(all.find(said) != all.npos);
  }
}

TEST_CASE("C++ and SQL are shown only as quotations") {
  for (const std::string& path : prose())
    for (const fence& f : fences_of(docs::read_file(path))) {
      INFO(path << ":" << f.line);
      CHECK_FALSE((f.quoted.empty() && (f.language == "cpp" || f.language == "sql")));
    }
}

// Also without code within a line.
std::string without_code(std::string_view markdown) {
  std::string out;
  bool inside = false;
  for (const std::string& line : docs::lines_of(markdown)) {
    if (line.starts_with("```")) {
      inside = !inside;
    } else if (!inside) {
      bool quoted = false;
      for (const char c : line) {
        if (c == '`')
          quoted = !quoted;
        else if (!quoted)
          out += c;
      }
      out += '\n';
    }
  }
  return out;
}

TEST_CASE("every link to a file leads to one") {
  for (const std::string& path : prose()) {
    const std::string text = without_code(docs::read_file(path));
    const std::string folder = std::filesystem::path(path).parent_path().string();
    for (std::size_t at = text.find("]("); at != text.npos; at = text.find("](", at + 2)) {
      const std::size_t end = text.find(')', at);
      std::string target = text.substr(at + 2, end - at - 2);
      if (target.starts_with("http") || target.starts_with("#") || target.empty()) continue;
      target = target.substr(0, target.find('#'));
      INFO(path << " links to " << target);
      CHECK(std::filesystem::exists(std::filesystem::path(folder) / target));
    }
  }
}

// ---------------------------------------------------------------- tests/README.md

/// Tags, each with the files whose tests have it.
using tag_uses = std::map<std::string, std::set<std::string>>;

// The literals that begin at `i`, side by side, as one text; `i` moves behind them.
std::string text_at(std::string_view source, std::size_t& i) {
  std::string out;
  while (i < source.size() && source[i] == '"') {
    for (++i; i < source.size() && source[i] != '"'; ++i) {
      if (source[i] == '\\') ++i;
      if (i < source.size()) out += source[i];
    }
    i = std::min(source.find_first_not_of(" \n", i + 1), source.size());
  }
  return out;
}

// The groups in brackets, with them.
std::vector<std::string> tags_in(std::string_view text) {
  std::vector<std::string> out;
  for (std::size_t at = text.find('['); at != text.npos; at = text.find('[', at + 1)) {
    const std::size_t end = text.find(']', at);
    if (end != text.npos) out.emplace_back(text.substr(at, end + 1 - at));
  }
  return out;
}

void add_tags_of_titles(const std::string& path, tag_uses& uses) {
  const std::string source = docs::read_file(path);
  for (std::size_t at = source.find("\nTEST_CASE"); at != source.npos;
       at = source.find("\nTEST_CASE", at + 1)) {
    std::size_t i = std::min(source.find('"', at), source.size());
    INFO(path << ": " << text_at(source, i));
    if (i == source.size() || source[i] != ',') continue;
    i = source.find_first_not_of(" \n", i + 1);
    const std::string text = text_at(source, i);
    std::size_t length = 0;
    for (const std::string& tag : tags_in(text)) {
      length += tag.size();
      if (!tag.starts_with("[.")) uses[tag].insert(path);  // Catch2's: not run unless asked for
    }
    CHECK(length == text.size());
  }
}

// Where there are no titles: a comment that ends in a tag.
void add_tags_of_comments(const std::string& path, tag_uses& uses) {
  for (const std::string& line : docs::lines_of(docs::read_file(path)))
    if ((line.starts_with("//") || line.starts_with("#")) && line.ends_with(']'))
      uses[line.substr(line.rfind('['))].insert(path);
}

tag_uses used_tags() {
  tag_uses uses;
  for (const auto& entry : std::filesystem::recursive_directory_iterator("tests")) {
    const std::string path = entry.path().generic_string();
    if (path.starts_with("tests/compile_fail/") || path.ends_with(".sh"))
      add_tags_of_comments(path, uses);
    else if (path.ends_with(".cpp"))
      add_tags_of_titles(path, uses);
  }
  return uses;
}

std::vector<std::string> rows_of_promises() {
  std::vector<std::string> out;
  for (const std::string& line : docs::lines_of(docs::read_file("tests/README.md")))
    if (line.starts_with("| ")) out.push_back(line);
  return out;
}

// A row that defines a tag begins with it.
std::string defined_in(std::string_view row) {
  constexpr std::string_view start = "| `[";
  if (!row.starts_with(start)) return {};
  return std::string(row.substr(start.size() - 1, row.find('`', start.size()) - start.size() + 1));
}

TEST_CASE("tests/README.md lists every tag of a test, and no other") {
  std::map<std::string, int> listed;
  for (const std::string& row : rows_of_promises())
    if (const std::string tag = defined_in(row); !tag.empty()) ++listed[tag];
  const tag_uses used = used_tags();
  for (const auto& [tag, files] : used) {
    INFO(*files.begin() << " has " << tag << ", which tests/README.md must list once");
    CHECK(listed[tag] == 1);
  }
  for (const auto& [tag, count] : listed) {
    INFO("tests/README.md lists " << tag << ", which no test has");
    CHECK(used.contains(tag));
  }
  CHECK(used.size() > 150);
}

TEST_CASE("promises are tested where tests/README.md says") {
  const tag_uses used = used_tags();
  std::size_t found = 0;
  for (const std::string& row : rows_of_promises()) {
    if (!defined_in(row).empty()) continue;
    std::vector<std::string> paths;
    for (std::size_t at = row.find("]("); at != row.npos; at = row.find("](", at + 2))
      paths.push_back("tests/" + row.substr(at + 2, row.find(')', at) - at - 2));
    for (std::size_t at = row.find("`["); at != row.npos; at = row.find("`[", at + 2)) {
      const std::string tag = row.substr(at + 1, row.find(']', at) - at);
      const auto files = used.find(tag);
      INFO(row << "\nnone of these tests has " << tag);
      CHECK((files != used.end() &&
             std::any_of(paths.begin(), paths.end(), [&](const std::string& path) {
               return std::any_of(files->second.begin(), files->second.end(),
                                  [&](const std::string& file) { return file.starts_with(path); });
             })));
      ++found;
    }
  }
  CHECK(found > 50);
}

TEST_CASE("tests/README.md says what every folder tests") {
  const std::string page = docs::read_file("tests/README.md");
  std::size_t found = 0;
  for (const auto& entry : std::filesystem::directory_iterator("tests")) {
    if (!entry.is_directory()) continue;
    const std::string folder = entry.path().filename().string();
    INFO(folder);
    CHECK(page.find("\n| [" + folder + "](" + folder + ") |") != page.npos);
    ++found;
  }
  CHECK(found > 10);
}

}  // namespace
