// examples/schema_diff/schemas/words_of_server.hpp - what a failure says, for a longer sentence.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/error.hpp>

#include <string>
#include <string_view>

namespace schema_diff {

/// Without "hewn: " and the repair; of a statement that the server refused, the server's words.
inline std::string words_of_server(const hewn::error& failure) {
  std::string text = failure.what();
  if (text.starts_with("hewn: ")) text.erase(0, 6);
  text = text.substr(0, text.rfind("; "));
  constexpr std::string_view refused = "the database refused the statement (";
  if (text.starts_with(refused) && text.ends_with(')'))
    text = text.substr(refused.size(), text.size() - refused.size() - 1);
  return text;
}

}  // namespace schema_diff
