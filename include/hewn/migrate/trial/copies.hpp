// hewn/migrate/trial/copies.hpp - the copies on which a run tries its migrations out.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/migrate/files/code_migration.hpp>
#include <hewn/migrate/losses/losing_statements.hpp>
#include <hewn/migrate/trial/runner_context.hpp>
#include <hewn/migrate/trial/trial.hpp>

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hewn::detail {

/// Makes copies, and knows when one is needed. Lifetime: that of its arguments.
template <class Driver>
class copies {
 public:
  using executor = typename Driver::migration_executor;

  copies(const runner_context<Driver>& context, const executor& real)
      : context_(&context), real_(&real) {}

  /// Nothing: this database makes no copies. Order: of a private database outside transactions.
  std::optional<trial<Driver>> make() const {
    std::optional<trial<Driver>> out;
    if constexpr (requires { real_->copy(); })
      if (auto copied = real_->copy())
        out.emplace(*real_, std::move(copied), context_->prepare_copy, beyond(),
                    context_->unknown_names);
    return out;
  }

  /// A private database can be copied only before its transaction begins. Nothing: not wanted, or
  /// not now.
  std::optional<trial<Driver>> make_before(bool wanted) const {
    return wanted && is_private() ? make() : std::nullopt;
  }

  bool is_private() const {
    if constexpr (requires { real_->is_private(); })
      return real_->is_private();
    else
      return false;
  }

  /// Triggers of this connection alone fire in earnest, and no copy has them.
  std::vector<std::string> temporary_triggers() const {
    if constexpr (requires { real_->temporary_triggers(); })
      return real_->temporary_triggers();
    else
      return {};
  }

  bool something_fires() const {
    return !temporary_triggers().empty() || may_fire(live_schema(context_->db->connection()));
  }

  /// What there is to fear of a migration, or of one of its statements.
  suspicion look_at(const runnable<Driver>& m, migration_direction d) const {
    suspicion out = suspicion_of(m, d);
    if (m.info.rehearsed && !out.destroys) out.destroys = calls_program(m.statements(d));
    return out;
  }
  suspicion look_at(const runnable<Driver>& m, const sql_statement& s) const {
    suspicion out = suspicion_of({s}, m.info.origin);
    if (!out.destroys) out.destroys = calls_program({s});
    return out;
  }

  /// Whether what looks like this is worth a trial. Order: the answer holds as long as nobody else
  /// writes.
  bool needed_for(const suspicion& s) const {
    return s.destroys || (s.inserts && (s.arms || something_fires()));
  }

 private:
  bool calls_program(const std::vector<sql_statement>& statements) const {
    return may_call_program(*real_, statements, context_->unknown_names);
  }

  std::string beyond() const {
    if constexpr (requires { real_->beyond_copies(); })
      return context_->beyond_copies.empty() ? real_->beyond_copies() : context_->beyond_copies;
    else
      return context_->beyond_copies;
  }

  const runner_context<Driver>* context_;
  const executor* real_;
};

}  // namespace hewn::detail
