// hewn/repository/repository_updates.hpp - update() of a repository, where its table takes one.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/query/rows/write_row.hpp>
#include <hewn/repository/repository_reads.hpp>

#include <concepts>

namespace hewn::detail {

// A virtual function of a template is compiled whether it is called or not, and update() of a
// table of nothing but keys does not compile.
template <class T, class Driver, class Interface, bool Updatable = is_updatable<T>()>
class repository_updates : public repository_reads<T, Driver, Interface> {
 public:
  T update(T row, call_site site = call_site::current()) override {
    this->writing([&](const auto& db) { db.update(row, site); }, site);
    return row;
  }

 protected:
  using repository_reads<T, Driver, Interface>::repository_reads;
};

template <class T, class Driver, class Interface>
class repository_updates<T, Driver, Interface, false>
    : public repository_reads<T, Driver, Interface> {
 public:
  template <std::same_as<T> Row>
  Row update(Row row, call_site = call_site::current()) {
    explain_updatable<Row>();
    return row;
  }

 protected:
  using repository_reads<T, Driver, Interface>::repository_reads;
};

}  // namespace hewn::detail
