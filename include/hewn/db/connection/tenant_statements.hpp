// hewn/db/connection/tenant_statements.hpp - statements of a connection that works for a tenant.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/db/connection/connection_statements.hpp>
#include <hewn/db/connection/statement_cache.hpp>
#include <hewn/db/connection/tenancy.hpp>
#include <hewn/db/connection/transaction_text.hpp>
#include <hewn/dialect/text/dialect.hpp>
#include <hewn/dialect/text/placeholders.hpp>
#include <hewn/dialect/write/tenant_mark.hpp>
#include <hewn/schema/table_info.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace hewn::detail {

/// The part of a connection that finds the statement of a text for whoever the session works for,
/// and binds the tenant.
template <class Driver>
class tenant_statements : public connection_statements<Driver> {
  using base = connection_statements<Driver>;

 public:
  using entry = prepared<Driver>;
  using base::inherited;
  using base::spoken;

 protected:
  using base::cache_;
  using base::prepare;
  using base::state_;
  using base::tenants_;

  using base::connection_statements;
  ~tenant_statements() = default;

  // A statement from outside the library.
  HEWN_COLD entry* prepare_user(unsigned slot, std::string sql, call_site site,
                                const table_info* table) {
    if (state_.paused()) state_.refuse(site);
    if (state_.aborted()) state_.refuse_aborted(site);  // it could not even be prepared
    const char* const refused =
        controls_transaction(sql, spoken())
            ? "hewn: the statement begins or ends a transaction; use transaction() or begin()"
        : table == nullptr && misplaces_values(sql, spoken()) ? misplaced_values
                                                              : nullptr;
    if (refused != nullptr) {
      error_details details;
      details.code = errc::usage;
      details.message = refused;
      details.sql = std::move(sql);
      details.site = site;
      throw error(std::move(details));
    }
    return prepare(slot, std::move(sql), site, table);
  }

  // The text of a slot is the one for a tenant.
  HEWN_COLD entry* prepare_rendered(unsigned slot, std::string text, call_site site,
                                    const table_info* table) {
    if (!has_tenant_mark(text, spoken())) return prepare_user(slot, std::move(text), site, table);
    tenant_text settled = settle_tenant(text, spoken());
    // For all tenants nothing is compared, so the columns may be of several kinds.
    if (!is_one_kind(settled.kinds) && works_for_all()) return acquire_for_all(text, site, table);
    return prepare_settled(slot, std::move(settled), site, table);
  }

  // Binds the tenant to its place. Throws: usage, and the statement is idle again.
  HEWN_APART void bind_tenant(entry* e, call_site site, const table_info* table) {
    try {
      const tenant_value* const tenant = tenants_.current();
      if (tenant == nullptr) fail_no_tenant(table, site);
      if (e->tenant == 0 || tenant->of == tenant_value::scope::unasked) return;
      tenant->bind(e->statement, e->tenant, e->tenant_kinds, site);
    } catch (...) {
      put_back(e);
      throw;
    }
  }

  // The statement of a slot for whoever the session works for.
  HEWN_APART entry* for_tenant(entry* e, std::string (*render)(const void*, dialect),
                               const void* context, call_site site, const table_info* table) {
    if (e->tenant == 0 || !works_for_all()) {
      bind_tenant(e, site, table);
      return e;
    }
    put_back(e);
    return acquire_for_all(render(context, spoken()), site, table);
  }

  HEWN_APART entry* acquire_marked(std::string_view marked, call_site site,
                                   const table_info* table) {
    if (works_for_all()) return acquire_for_all(marked, site, table);
    tenant_text text = settle_tenant(marked, spoken());
    entry* e = cache_.take(text.sql);
    if (e == nullptr)
      e = prepare_settled(no_slot, std::move(text), site, table);
    else
      note_tenant(e, text);  // raw SQL may have had the same text
    bind_tenant(e, site, table);
    return e;
  }

  void put_back(entry* e) noexcept {
    e->statement.reset();
    if (!cache_.put(e) && !inherited()) delete e;
  }

 private:
  HEWN_COLD entry* prepare_settled(unsigned slot, tenant_text text, call_site site,
                                   const table_info* table) {
    // No database could prepare it.
    if (!is_one_kind(text.kinds)) fail_tenant_kind(site);
    entry* const e = prepare_user(slot, std::move(text.sql), site, table);
    note_tenant(e, text);
    return e;
  }

  static void note_tenant(entry* e, const tenant_text& text) noexcept {
    e->of_tenants = true;
    e->tenant = text.parameter;
    e->tenant_kinds = static_cast<std::uint8_t>(text.kinds);
  }

  // By its text, because the slot is that of the statement for a tenant.
  HEWN_COLD entry* acquire_for_all(std::string_view marked, call_site site,
                                   const table_info* table) {
    std::string text = text_of_all_tenants(marked, spoken());
    if (text.empty()) fail_all_tenants(table, site);
    if (entry* const e = cache_.take(text)) return e;
    return prepare_user(no_slot, std::move(text), site, table);
  }

  bool works_for_all() const noexcept {
    const tenant_value* const tenant = tenants_.current();
    return tenant != nullptr && tenant->of == tenant_value::scope::all;
  }
};

}  // namespace hewn::detail
