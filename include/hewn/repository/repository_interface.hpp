// hewn/repository/repository_interface.hpp - what a service asks of a repository, and a test fakes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/base/call_site.hpp>
#include <hewn/base/concat.hpp>
#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/query/pages/find_page.hpp>
#include <hewn/query/rows/key.hpp>
#include <hewn/query/rows/key_argument.hpp>
#include <hewn/query/rows/other_key.hpp>
#include <hewn/query/rows/write_row.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

namespace hewn {
namespace detail {

[[noreturn]] HEWN_COLD inline void fail_not_faked(std::string_view verb, const call_site& site) {
  throw error({.code = errc::usage,
               .message = concat({"hewn: this repository has no ", verb,
                                  "(); override it in the class that stands in for the database"}),
               .site = site});
}

template <class T, bool Updatable = is_updatable<T>()>
class update_interface {
 public:
  virtual ~update_interface() = default;

  /// Writes every column of the row that has this key; returns it as it is stored. Throws:
  /// not_found. Of a table of nothing but keys there is none.
  virtual T update(T, call_site site = call_site::current()) { fail_not_faked("update", site); }

 protected:
  update_interface() = default;
  update_interface(const update_interface&) = default;
  update_interface& operator=(const update_interface&) = default;
};

template <class T>
class update_interface<T, false> {};

}  // namespace detail

/// How a repository takes a key: the value of its field, or of several columns an object whose
/// `value` is the std::tuple of them.
template <class T>
using key_argument = std::conditional_t<detail::key_values<key_of<T>> == 1, const key_of<T>&,
                                        const detail::given_key<key_of<T>>&>;

/// The verbs of a repository that need no query, as virtual functions: hewn::repository has them
/// for a database, and a test has a class of its own for as many as it needs. Those that it does
/// not override throw usage. Contracts are those of the verbs of a session. A service that asks for
/// more derives an interface of its own from this one.
template <class T>
class repository_interface : public detail::update_interface<T> {
 public:
  virtual ~repository_interface() = default;

  /// As insert() of a session: returns the row as it is stored.
  virtual T create(T, call_site site = call_site::current()) {
    detail::fail_not_faked("create", site);
  }

  /// Throws: not_found.
  virtual T get(key_argument<T>, call_site site = call_site::current()) const {
    detail::fail_not_faked("get", site);
  }

  virtual std::optional<T> find(key_argument<T>, call_site site = call_site::current()) const {
    detail::fail_not_faked("find", site);
  }

  virtual bool exists(key_argument<T>, call_site site = call_site::current()) const {
    detail::fail_not_faked("exists", site);
  }

  /// How many rows there are.
  virtual std::int64_t count(call_site site = call_site::current()) const {
    detail::fail_not_faked("count", site);
  }

  virtual std::vector<T> all(call_site site = call_site::current()) const {
    detail::fail_not_faked("all", site);
  }

  /// A page of all rows in the order of their keys.
  virtual page<T> list(const page_request<T>& = {}, call_site site = call_site::current()) const {
    detail::fail_not_faked("list", site);
  }

  /// Inserts the row, or updates the one that has its key; returns it as it is stored.
  virtual T upsert(T, call_site site = call_site::current()) {
    detail::fail_not_faked("upsert", site);
  }

  /// False when there was no such row.
  virtual bool remove(key_argument<T>, call_site site = call_site::current()) {
    detail::fail_not_faked("remove", site);
  }

 protected:
  repository_interface() = default;
  repository_interface(const repository_interface&) = default;
  repository_interface& operator=(const repository_interface&) = default;
};

}  // namespace hewn
