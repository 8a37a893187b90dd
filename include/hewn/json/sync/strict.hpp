// hewn/json/sync/strict.hpp - JSON of which every member must be known.
// SPDX-License-Identifier: BSL-1.0
//
// Columns read JSON leniently, see value.hpp. A file that decides what may be lost is another
// matter: a misspelt member must not be taken for a missing one.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/json/column/read.hpp>
#include <hewn/schema/enums.hpp>
#include <hewn/schema/time_text.hpp>
#include <hewn/schema/types.hpp>

#include <nlohmann/json.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

[[noreturn]] HEWN_COLD inline void refuse_json(const std::string& where, std::string_view problem) {
  std::string message = "hewn: ";
  message += where;
  message += ' ';
  message += problem;
  message += "; correct the JSON, or have it made again";
  throw error(errc::invalid_data, std::move(message));
}

// A name from a file, fit for a terminal.
inline std::string shown_name(std::string_view name) {
  std::string out;
  for (const char c : name.substr(0, 40)) out += c >= ' ' && c <= '~' ? c : '?';
  return out;
}

/// Parses the JSON of a `what`. Throws: errc::invalid_data where it is none, also where an object
/// has a member twice, of which the parser would drop one.
inline nlohmann::json parse_strictly(std::string_view text, const std::string& what) {
  // The parser takes a NUL for the end of the text, whatever follows.
  if (text.find('\0') != text.npos || nests_too_deep(text)) refuse_json(what, "is not JSON");
  std::vector<std::set<std::string>> members;
  std::optional<std::string> twice;
  const auto watch = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
    using kind = nlohmann::json::parse_event_t;
    if (event == kind::object_start)
      members.emplace_back();
    else if (event == kind::object_end)
      members.pop_back();
    else if (event == kind::key &&
             !members.back().insert(parsed.get_ref<const std::string&>()).second)
      twice = parsed.get_ref<const std::string&>();
    return true;
  };
  nlohmann::json out;
  try {
    out = nlohmann::json::parse(text, watch);
  } catch (const nlohmann::json::exception& e) {
    const auto* const at = dynamic_cast<const nlohmann::json::parse_error*>(&e);
    refuse_json(what, at ? "is not JSON from byte " + std::to_string(at->byte) + " on"
                         : std::string("is not JSON"));
  }
  if (twice) refuse_json(what, "has " + shown_name(*twice) + " twice in one object");
  return out;
}

/// Reads the members of one object, each of which must be there, have the right type, and be asked
/// for. Every function throws errc::invalid_data with the path of the member.
class strict_object {
 public:
  strict_object(const nlohmann::json& object, std::string path)
      : object_(object), path_(std::move(path)) {
    if (!object.is_object()) refuse_json(path_, "is not an object");
  }

  const std::string& path() const { return path_; }
  std::string path(std::string_view name) const { return path_ + '.' + std::string(name); }

  std::string text(const char* name) {
    const nlohmann::json& found = member(name);
    if (!found.is_string()) refuse_json(path(name), "is not text");
    return found.get<std::string>();
  }

  /// Empty where there is no such member.
  std::string text_or_nothing(const char* name) {
    return object_.contains(name) ? text(name) : std::string();
  }

  bool boolean(const char* name) {
    const nlohmann::json& found = member(name);
    if (!found.is_boolean()) refuse_json(path(name), "is not true or false");
    return found.get<bool>();
  }

  /// A whole number, not negative.
  template <class Integer = std::int64_t>
  Integer count(const char* name) {
    const nlohmann::json& found = member(name);
    Integer out{};
    if (!read_json_integer(found, out) || out < 0)
      refuse_json(path(name), "is not a whole number from 0 to " +
                                  std::to_string(std::numeric_limits<Integer>::max()));
    return out;
  }

  timestamp time(const char* name) {
    const std::optional<timestamp> parsed = parse_timestamp(text(name));
    if (!parsed) refuse_json(path(name), "is not a time such as 2030-01-31T23:59:59Z");
    return *parsed;
  }

  /// Lower-case hexadecimal digits, `size` of them.
  std::string digest(const char* name, std::size_t size) {
    std::string out = text(name);
    if (out.size() != size || out.find_first_not_of("0123456789abcdef") != out.npos)
      refuse_json(path(name), "is not a digest of " + std::to_string(size) + " digits");
    return out;
  }

  template <class Enumeration>
  Enumeration one_of(const char* name) {
    const auto decoded = codec<Enumeration>::decode(text(name));
    if (decoded) return *decoded;
    std::string problem = "is not one of";
    for (const std::string_view label : enum_labels<Enumeration>) {
      problem += ' ';
      problem += label;
    }
    refuse_json(path(name), problem);
  }

  /// Calls `read(element, path)` for each element and collects what it returns.
  template <class Read>
  auto list(const char* name, Read read) {
    const nlohmann::json& found = member(name);
    if (!found.is_array()) refuse_json(path(name), "is not a list");
    std::vector<decltype(read(found, std::string()))> out;
    for (std::size_t i = 0; i != found.size(); ++i)
      out.push_back(read(found[i], path(name) + '[' + std::to_string(i) + ']'));
    return out;
  }

  /// Empty where there is no such member.
  template <class Read>
  auto list_or_nothing(const char* name, Read read) {
    return object_.contains(name) ? list(name, read) : decltype(list(name, read)){};
  }

  std::vector<std::string> texts(const char* name) {
    return list(name, [](const nlohmann::json& element, const std::string& where) {
      if (!element.is_string()) refuse_json(where, "is not text");
      return element.get<std::string>();
    });
  }

  strict_object object(const char* name) { return {member(name), path(name)}; }

  /// To be called last: refuses members that nobody asked for.
  void done() const {
    for (const auto& item : object_.items())
      if (!asked_.contains(item.key()))
        refuse_json(path(shown_name(item.key())), "is not a known member");
  }

 private:
  const nlohmann::json& member(const char* name) {
    asked_.insert(name);
    const auto found = object_.find(name);
    if (found == object_.end()) refuse_json(path(name), "is missing");
    return *found;
  }

  const nlohmann::json& object_;
  std::string path_;
  std::set<std::string, std::less<>> asked_;
};

/// `content` in lines with two blanks per level, the members in the order in which they were put
/// there. Throws: errc::invalid_data where a text is not UTF-8.
inline std::string written(const nlohmann::ordered_json& content, const std::string& what) {
  try {
    return content.dump(2) + '\n';
  } catch (const nlohmann::json::exception&) {
    refuse_json(what, "has a text that is not UTF-8, which JSON cannot hold");
  }
}

/// "2030-01-31T23:59:59Z". Throws: errc::invalid_data outside the years 0000 to 9999.
inline std::string json_time(timestamp t, const std::string& where) {
  const time_text text = to_text(t);
  if (text.size == 0) refuse_json(where, "is not between the years 0000 and 9999");
  std::string out(text.view());
  out[10] = 'T';
  return out + 'Z';
}

}  // namespace hewn::detail
