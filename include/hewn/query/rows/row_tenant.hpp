// hewn/query/rows/row_tenant.hpp - the tenant of a row against that of its session.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/db/connection/tenancy.hpp>
#include <hewn/dialect/write/tenant_mark.hpp>
#include <hewn/schema/codec.hpp>
#include <hewn/schema/enums.hpp>
#include <hewn/schema/table_info.hpp>
#include <hewn/schema/types.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace hewn::detail {

/// A field as it is stored.
template <class F>
decltype(auto) encode_tenant(const F& field) {
  if constexpr (built_in<F>)
    return (field);
  else
    return codec<F>::encode(field);
}

/// What a tenant column of a field of type F stores.
template <class F>
using stored_tenant = unwrapped<std::remove_cvref_t<decltype(encode_tenant(std::declval<F>()))>>;

template <class F>
inline constexpr tenant_kind kind_of_tenant = integer_like<stored_tenant<F>> ? tenant_kind::integer
                                              : text_like<stored_tenant<F>>  ? tenant_kind::text
                                                                             : tenant_kind::uuid;

/// A value for whose type act_for() has been asked.
template <class F>
tenant_value tenant_of(const F& field, call_site site) {
  tenant_value value{.of = tenant_value::scope::one, .kind = kind_of_tenant<F>};
  const std::optional<stored_tenant<F>> stored(encode_tenant(field));
  if (!stored) fail_tenant_kind(site);
  if constexpr (integer_like<stored_tenant<F>>) {
    if (!std::in_range<std::int64_t>(*stored)) fail_tenant_kind(site);
    value.number = static_cast<std::int64_t>(*stored);
  } else if constexpr (text_like<stored_tenant<F>>) {
    value.text = *stored;
  } else {
    value.uuid = *stored;
  }
  return value;
}

/// The tenant as a value of the field. Throws: usage.
template <class F>
F tenant_as(const tenant_value& tenant, const table_info& table, const call_site& site) {
  if (tenant.kind != kind_of_tenant<F>) fail_wide_tenant(table, site);
  const auto convert = [&](const auto& stored) -> F {
    if constexpr (built_in<F>) {
      return F(stored);
    } else {
      const std::optional<F> decoded(codec<F>::decode(stored));
      if (!decoded) fail_wide_tenant(table, site);
      return *decoded;
    }
  };
  using stored = stored_tenant<F>;
  if constexpr (integer_like<stored>) {
    if (!std::in_range<stored>(tenant.number)) fail_wide_tenant(table, site);
    return convert(static_cast<stored>(tenant.number));
  } else if constexpr (text_like<stored>) {
    return convert(std::string_view(tenant.text));
  } else {
    return convert(tenant.uuid);
  }
}

/// Gives a row that is written the session's tenant, where its field says nothing. An enumeration
/// says something by its first value too, where the session works for all. Throws: usage.
template <class F>
void stamp_tenant(F& field, const tenant_value* tenant, const table_info& table,
                  const call_site& site) {
  if (tenant == nullptr) fail_no_tenant(&table, site);
  const auto same = [](const F& a, const F& b) { return encode_tenant(a) == encode_tenant(b); };
  const bool unset = same(field, F{});
  if (tenant->of != tenant_value::scope::one) {
    if (unset && !std::is_enum_v<F>) fail_row_without_tenant(table, site);
    return;
  }
  F wanted = tenant_as<F>(*tenant, table, site);
  if (unset)
    field = std::move(wanted);
  else if (!same(field, wanted))
    fail_other_tenant(table, site);
}

}  // namespace hewn::detail
