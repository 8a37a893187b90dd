// examples/agent_store/accounts.hpp - who may use the platform: registering, logging in.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "model.hpp"
#include "session.hpp"

#include <hewn/base/digest.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace platform {

// Stands in for Argon2id or bcrypt of a cryptography library: a plain digest can be guessed fast.
inline std::string password_digest(std::string_view salt, std::string_view password) {
  std::string text(salt);
  text += '\0';
  text += password;
  return hewn::sha256_hex(text);
}

/// Throws: conflict with `e.is<&user::email>()` when the address is taken.
inline user register_user(const session& db, std::string email, std::string name,
                          std::string_view password) {
  // No look-up first: only the unique key decides without a race.
  std::string digest = password_digest(name, password);
  return db.insert(user{
      .email = std::move(email), .name = std::move(name), .password_digest = std::move(digest)});
}

/// The user, or nothing when address or password are wrong; the caller is not told which.
inline std::optional<user> log_in(const session& db, std::string_view email,
                                  std::string_view password) {
  auto found = db.first(hewn::from<user>.where(col<&user::email> == email));
  if (!found || found->password_digest != password_digest(found->name, password))
    return std::nullopt;
  found->last_login_at = now();
  db.update<user>(found->id, col<& user::last_login_at> = found->last_login_at);
  return found;
}

}  // namespace platform
