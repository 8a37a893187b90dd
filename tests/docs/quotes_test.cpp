// tests/docs/quotes_test.cpp - what the documentation shows is what was compiled and run.
// SPDX-License-Identifier: BSL-1.0
#include "regions.hpp"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <optional>
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
  std::vector<std::string> paths = {"README.md", "CHANGELOG.md"};
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

std::string without_fences(std::string_view markdown) {
  std::string out;
  bool inside = false;
  for (const std::string& line : docs::lines_of(markdown)) {
    if (line.starts_with("```"))
      inside = !inside;
    else if (!inside)
      out += line + "\n";
  }
  return out;
}

TEST_CASE("every link to a file leads to one") {
  for (const std::string& path : prose()) {
    const std::string text = without_fences(docs::read_file(path));
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

}  // namespace
