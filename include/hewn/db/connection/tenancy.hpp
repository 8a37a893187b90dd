// hewn/db/connection/tenancy.hpp - for which tenant a connection works.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/dialect/write/tenant_mark.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/types.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::detail {

/// The tenant of a session, or all of them.
struct tenant_value {
  /// `unasked`: the statement is taken for what is known of it, and not run.
  enum class scope : std::uint8_t { one, all, unasked };

  scope of = scope::all;
  tenant_kind kind = tenant_kind::integer;
  std::int64_t number = 0;
  std::string text{};
  uuid_bytes uuid{};

  /// Binds it to its place. Throws: usage where a column cannot hold it.
  template <class Statement>
  void bind(Statement& statement, int parameter, unsigned kinds, call_site site) const;
};

class tenant_stack;

/// A tenant while it is the session's, on the stack of its connection.
class tenant_frame {
 public:
  tenant_frame(tenant_stack& stack, tenant_value value) noexcept;
  tenant_frame(const tenant_frame&) = delete;
  tenant_frame& operator=(const tenant_frame&) = delete;
  ~tenant_frame();

  const tenant_value& value() const noexcept { return value_; }

 private:
  friend class tenant_stack;

  tenant_stack* stack_;  // nullptr: the connection is closed, or another's
  tenant_frame* outer_;
  tenant_value value_;
};

/// The tenants for whom a connection works, the innermost last. They end in any order.
class tenant_stack {
 public:
  tenant_stack() = default;
  tenant_stack(const tenant_stack&) = delete;
  tenant_stack& operator=(const tenant_stack&) = delete;
  ~tenant_stack() { end(); }

  /// nullptr: nobody has said it.
  const tenant_value* current() const noexcept { return top_ != nullptr ? &top_->value_ : nullptr; }

  /// The connection is somebody else's from now on.
  void end() noexcept {
    for (; top_ != nullptr; top_ = top_->outer_) top_->stack_ = nullptr;
  }

 private:
  friend class tenant_frame;

  tenant_frame* top_ = nullptr;
};

inline tenant_frame::tenant_frame(tenant_stack& stack, tenant_value value) noexcept
    : stack_(&stack), outer_(stack.top_), value_(std::move(value)) {
  stack.top_ = this;
}

inline tenant_frame::~tenant_frame() {
  if (stack_ == nullptr) return;
  tenant_frame** at = &stack_->top_;
  while (*at != this) at = &(*at)->outer_;
  *at = outer_;
}

/// Throws: usage, because nobody has said for whom the session works. `table`: nullptr where the
/// statement is about several.
[[noreturn]] HEWN_RARE HEWN_API void fail_no_tenant(const table_info* table, call_site site);

/// The same of a statement that takes the tenant's value, in a session that works for all.
[[noreturn]] HEWN_RARE HEWN_API void fail_all_tenants(const table_info* table, call_site site);

[[noreturn]] HEWN_RARE HEWN_API void fail_tenant_kind(call_site site);

/// Of a row: it has another tenant, none of its own, or one that its field cannot hold.
[[noreturn]] HEWN_RARE HEWN_API void fail_other_tenant(const table_info& table, call_site site);
[[noreturn]] HEWN_RARE HEWN_API void fail_row_without_tenant(const table_info& table,
                                                             call_site site);
[[noreturn]] HEWN_RARE HEWN_API void fail_wide_tenant(const table_info& table, call_site site);

template <class Statement>
void tenant_value::bind(Statement& statement, int parameter, unsigned kinds, call_site site) const {
  if (!can_hold_tenant(kinds, kind, number)) fail_tenant_kind(site);
  if (kind == tenant_kind::integer)
    statement.bind(parameter, number);
  else if (kind == tenant_kind::uuid)
    statement.bind(parameter, uuid);
  else  // copied, because rows may be read when the guard is gone
    statement.bind(parameter, std::string_view(text), true);
}

}  // namespace hewn::detail

#if HEWN_DEFINES_CORE

#  include <hewn/base/concat.hpp>

namespace hewn::detail {

inline error tenant_error(const table_info& table, std::string_view problem, call_site site) {
  const std::string_view column = table.columns[static_cast<std::size_t>(table.tenant)].name;
  return error(error_details{.code = errc::usage,
                             .message = concat({"hewn: ", table.name, ".", column, problem}),
                             .table = std::string(table.name),
                             .column = std::string(column),
                             .site = site});
}

HEWN_API void fail_no_tenant(const table_info* table, call_site site) {
  const bool named = table != nullptr && table->has_tenant();
  throw error(error_details{
      .code = errc::usage,
      .message = concat({"hewn: ", named ? table->name : std::string_view("a table of the query"),
                         " has tenant<>, and nobody has said for which tenant the session works; "
                         "keep hewn::act_for(db, tenant), or hewn::all_tenants(db) for all of "
                         "them"}),
      .table = std::string(named ? table->name : std::string_view()),
      .site = site});
}

HEWN_API void fail_all_tenants(const table_info* table, call_site site) {
  throw error(error_details{
      .code = errc::usage,
      .message = concat({"hewn: insert_from<> of ",
                         table != nullptr ? table->name : std::string_view("a table"),
                         " leaves out the tenant<> column, and the session works for all tenants; "
                         "name that column too, or use hewn::act_for()"}),
      .table = std::string(table != nullptr ? table->name : std::string_view()),
      .site = site});
}

HEWN_API void fail_tenant_kind(call_site site) {
  throw error(error_details{
      .code = errc::usage,
      .message = "hewn: the statement compares a tenant<> column of another type than the tenant "
                 "of the session; give hewn::act_for() a value of the field's type",
      .site = site});
}

HEWN_API void fail_other_tenant(const table_info& table, call_site site) {
  throw tenant_error(table,
                     " of the row is another tenant than the session's; leave it out, or use "
                     "hewn::act_for() with the tenant of the row",
                     site);
}

HEWN_API void fail_row_without_tenant(const table_info& table, call_site site) {
  throw tenant_error(table,
                     " of the row says no tenant, and the session works for all of them; give the "
                     "row its tenant, or use hewn::act_for()",
                     site);
}

HEWN_API void fail_wide_tenant(const table_info& table, call_site site) {
  throw tenant_error(table,
                     " cannot hold the tenant of the session; give hewn::act_for() a value of the "
                     "field's type",
                     site);
}

}  // namespace hewn::detail

#endif
