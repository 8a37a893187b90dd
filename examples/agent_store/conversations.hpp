// examples/agent_store/conversations.hpp - conversations and the messages in them.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "model.hpp"
#include "session.hpp"

#include <hewn/shapes.hpp>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

namespace platform {

struct conversation_page {
  platform::conversation conversation;
  std::vector<message> messages;  ///< oldest first
};

/// A conversation with its last messages, both as of one moment.
inline conversation_page open_conversation(const session& db, std::int64_t id,
                                           std::int64_t last = 100) {
  auto page = db.get(hewn::shape<conversation_page>.with<&conversation_page::messages>(
                         hewn::from<message>.order_by(hewn::desc<&message::id>).limit(last)),
                     id);
  std::reverse(page.messages.begin(), page.messages.end());
  return page;
}

// One condition for reading and for marking, so that the two cannot drift apart.
inline auto unread_in(std::int64_t conversation_id) {
  return hewn::from<message>.where(col<&message::conversation_id> == conversation_id &&
                                   col<&message::read_at>.is_null());
}

inline std::vector<message> unread_messages(const session& db, std::int64_t conversation_id) {
  return db.all(unread_in(conversation_id).order_by(hewn::asc<&message::id>));
}

/// Marks what was seen, and not what has come in since. Returns how many it were.
inline std::int64_t mark_read(const session& db, std::int64_t conversation_id,
                              std::int64_t last_seen_id) {
  return db.update(unread_in(conversation_id).where(col<&message::id> <= last_seen_id),
                   col<&message::read_at> = now());
}

}  // namespace platform
