// hewn/json/column/parse.hpp - JSON text as a value that says what it could not hold.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/json/column/number.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hewn::detail {

// Binary content cannot come from text and is read into nothing, so it stands for what would come
// back as something else: a number of more digits than a double has, a member that is there twice.
inline nlohmann::json lost_in_json() { return nlohmann::json::binary({}); }

inline bool has_lost(const nlohmann::json& value) {
  if (!value.is_structured()) return value.is_binary();
  return std::any_of(value.begin(), value.end(), has_lost);
}

/// Takes what nlohmann's parser finds, as its own does that builds values, which keeps no text of
/// numbers.
class json_builder {
 public:
  using json = nlohmann::json;
  explicit json_builder(json& root) : root_(root) {}

  bool null() { return put(nullptr); }
  bool boolean(bool value) { return put(value); }
  bool number_integer(json::number_integer_t value) { return put(value); }
  bool number_unsigned(json::number_unsigned_t value) { return put(value); }
  bool number_float(json::number_float_t value, const std::string& text) {
    return put(holds_decimal(text, value) ? json(value) : lost_in_json());
  }
  bool string(std::string& value) { return put(std::move(value)); }
  bool binary(json::binary_t&) { return false; }
  bool start_object(std::size_t) {
    open_.push_back({place(json::object()), {}});
    return true;
  }
  bool key(std::string& name) {
    auto& members = open_.back().at->get_ref<json::object_t&>();
    const auto [found, fresh] = members.try_emplace(std::move(name));
    if (!fresh) open_.back().repeated.push_back(found->first);
    member_ = &found->second;
    return true;
  }
  bool end_object() {
    for (const std::string& name : open_.back().repeated) (*open_.back().at)[name] = lost_in_json();
    open_.pop_back();
    return true;
  }
  bool start_array(std::size_t) {
    open_.push_back({place(json::array()), {}});
    return true;
  }
  bool end_array() {
    open_.pop_back();
    return true;
  }
  template <class Failure>
  bool parse_error(std::size_t, const std::string&, const Failure&) {
    return false;
  }

 private:
  struct container {
    json* at;
    std::vector<std::string> repeated;
  };

  template <class Value>
  bool put(Value&& value) {
    place(json(std::forward<Value>(value)));
    return true;
  }

  json* place(json&& value) {
    json* at = member_;
    if (open_.empty()) {
      at = &root_;
    } else if (open_.back().at->is_array()) {
      open_.back().at->push_back(nullptr);
      at = &open_.back().at->back();
    }
    *at = std::move(value);
    return at;
  }

  json& root_;
  json* member_ = nullptr;
  std::vector<container> open_;
};

/// The value of `text`; nothing where it is no JSON, or has a number beyond every double.
inline std::optional<nlohmann::json> parse_json(std::string_view text) {
  std::optional<nlohmann::json> out(std::in_place);
  json_builder builder(*out);
  if (!nlohmann::json::sax_parse(text, &builder)) out.reset();
  return out;
}

}  // namespace hewn::detail
