// hewn/query/verbs/act_for.hpp - saying for which tenant a session works.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/db/connection/tenancy.hpp>
#include <hewn/query/rows/row_tenant.hpp>
#include <hewn/query/verbs/reads.hpp>
#include <hewn/reflect/member.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/declaration_mistakes.hpp>
#include <hewn/schema/table_of.hpp>

#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn {
namespace detail {

/// A text of any type is held as a view, until it is copied.
template <class Tenant>
using held_tenant = std::conditional_t<std::is_convertible_v<const Tenant&, std::string_view>,
                                       std::string_view, Tenant>;

template <class Tenant>
consteval bool is_tenant() {
  if constexpr (std::is_same_v<held_tenant<Tenant>, std::string_view>)
    return true;
  else if constexpr (is_column_value<Tenant>)
    return can_be_tenant<Tenant>();
  else
    return false;
}

template <class Tenant>
consteval bool explain_tenant() {
  constexpr bool known = is_tenant<Tenant>();
  static_assert(known,
                "hewn: a tenant is what a tenant<> field holds: an integer, a text, a UUID or an "
                "enumeration; give a value of that field's type");
  return known;
}

/// A tenant for the field that is named. What makes a hewn::ref, such as a row, is one where the
/// field is.
template <auto Field, class Tenant>
using tenant_for = std::conditional_t<is_ref<member_type<Field>> &&
                                          std::is_convertible_v<const Tenant&, member_type<Field>>,
                                      member_type<Field>, held_tenant<Tenant>>;

/// The same for the tenant<> field that is named. A hewn::ref is the key of one table alone.
template <auto Field, class Tenant>
consteval bool explain_tenant_of() {
  using field = member_type<Field>;
  using given = tenant_for<Field, Tenant>;
  if constexpr (!explain_tenant<given>()) {
    return false;
  } else {
    constexpr bool declared =
        table_of<member_record<Field>>.tenant == static_cast<int>(detail::column_index<Field>);
    static_assert(declared,
                  "hewn: act_for<> names a field that is not its table's tenant<>; name that one");
    if constexpr (declared) {
      constexpr bool same = is_ref<field> ? std::is_same_v<given, field>
                                          : kind_of_tenant<given> == kind_of_tenant<field>;
      static_assert(same,
                    "hewn: act_for<> is given a value of another type than the tenant<> field has; "
                    "give one of that type");
      return same;
    }
    return declared;
  }
}

/// What a guard may be of: a session that outlives the call.
template <class Source>
concept kept_session = std::is_lvalue_reference_v<Source> && requires(const Source& db) {
  []<class Driver>(const reads<Driver>&) {}(db);
};

template <class Source>
consteval void explain_session() {
  constexpr bool temporary = kept_session<std::add_lvalue_reference_t<Source>>;
  static_assert(!temporary,
                "hewn: a guard of a temporary connection ends with it; keep the connection in a "
                "variable");
  static_assert(temporary,
                "hewn: a guard is for a session, which is a database, a connection or a "
                "transaction; of a pool take for_tenant() or for_all_tenants(), and of a "
                "repository what it was made of");
}

template <class Tenant>
tenant_value hold_tenant(const Tenant& tenant, call_site site) {
  if constexpr (is_tenant<Tenant>())
    return tenant_of<held_tenant<Tenant>>(tenant, site);
  else
    return {};
}

}  // namespace detail

/// A session works for a tenant, or for all, as long as this lives. Guards nest, and the one around
/// this one holds again when it ends. It holds for everything on its connection: a guard of a
/// transaction ends with the guard and not with the transaction. When a connection goes back to its
/// pool, or is closed, it works for nobody, whatever guards live.
class [[nodiscard(
    "hewn: a guard that is not kept ends at once; write const auto acting = "
    "hewn::act_for(db, tenant)")]] acting {
 public:
  acting(detail::tenant_stack & of, detail::tenant_value tenant) noexcept
      : frame_(of, std::move(tenant)) {}

 private:
  detail::tenant_frame frame_;
};

/// From now on the session works for this tenant: of tables with tenant<> every verb and typed
/// query sees its rows alone, and rows that are inserted get it. Raw SQL is as it was written. Keep
/// what it returns: `const auto acting = hewn::act_for(db, organisation_id);`. A tenant of another
/// type than a table's field is found when the table is asked for;
/// `act_for<&task::organisation_id>(db, id)` lets the compiler find it. Throws: usage where the
/// session has no connection any more.
template <class Driver, class Tenant>
acting act_for(const reads<Driver>& db, const Tenant& tenant,
               call_site site = call_site::current()) {
  static_cast<void>(detail::explain_tenant<Tenant>());
  return acting(db.connection(site).tenants(), detail::hold_tenant(tenant, site));
}

template <auto Field, class Driver, class Tenant>
acting act_for(const reads<Driver>& db, const Tenant& tenant,
               call_site site = call_site::current()) {
  using given = detail::tenant_for<Field, Tenant>;
  static_cast<void>(detail::explain_tenant_of<Field, Tenant>());
  return acting(db.connection(site).tenants(), detail::hold_tenant<given>(tenant, site));
}

/// From now on the session works for all tenants, as administration and batch jobs do: every verb
/// sees every row, and a row that is inserted says its tenant itself. Cost: a statement over tables
/// with tenant<> is found by its text.
template <class Driver>
acting all_tenants(const reads<Driver>& db, call_site site = call_site::current()) {
  return acting(db.connection(site).tenants(), detail::tenant_value{});
}

template <class Source, class Tenant, class... Site>
requires(!detail::kept_session<Source>) int act_for(Source&&, const Tenant&, const Site&...) {
  detail::explain_session<Source>();
  return 0;
}
template <auto Field, class Source, class Tenant, class... Site>
requires(!detail::kept_session<Source>) int act_for(Source&&, const Tenant&, const Site&...) {
  detail::explain_session<Source>();
  return 0;
}
template <class Source, class... Site>
requires(!detail::kept_session<Source>) int all_tenants(Source&&, const Site&...) {
  detail::explain_session<Source>();
  return 0;
}

}  // namespace hewn
