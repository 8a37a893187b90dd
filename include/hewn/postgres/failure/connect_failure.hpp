// hewn/postgres/failure/connect_failure.hpp - why a connection was not made, without a credential.
// SPDX-License-Identifier: BSL-1.0
//
// Nothing is masked: that a word is missing tells a short password, and a piece of a password that
// libpq has taken for a host or a port is not found by comparing. Of what libpq quotes, only names
// and addresses are repeated; any other value of an option might have been meant to be a secret.
#pragma once

#include <hewn/base/config.hpp>
#include <hewn/base/error.hpp>
#include <hewn/postgres/failure/errors.hpp>
#include <hewn/postgres/failure/sqlstate.hpp>

#include <libpq-fe.h>

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace hewn::postgres::detail {

/// libpq's keywords with their values.
using settings = std::map<std::string, std::string>;

struct free_conninfo {
  void operator()(PQconninfoOption* o) const noexcept { PQconninfoFree(o); }
};
using conninfo_ptr = std::unique_ptr<PQconninfoOption, free_conninfo>;

HEWN_COLD inline settings named_values(const PQconninfoOption* options) {
  settings out;
  for (; options != nullptr && options->keyword != nullptr; ++options)
    if (options->val != nullptr && options->val[0] != '\0') out[options->keyword] = options->val;
  return out;
}

/// Whether a piece that libpq quotes is the name of the role or the database, an address, or a
/// file. `before` is what stands before it.
HEWN_COLD inline bool may_be_repeated(std::string_view piece, std::string_view before,
                                      const settings& used) {
  // Whatever was written into an option, perhaps by mistake, and is no such thing.
  if (before.find("invalid ") != before.npos) return false;
  // Sockets and files; the name in the server's certificate.
  if (piece.starts_with('/') || before.ends_with("certificate for ")) return true;
  for (const char* keyword : {"user", "dbname", "host", "hostaddr"}) {
    const auto found = used.find(keyword);
    if (found == used.end()) continue;
    // One of several hosts.
    std::string_view list = found->second;
    for (std::size_t comma = 0; comma != list.npos; list.remove_prefix(comma + 1)) {
      comma = list.find(',');
      if (piece == list.substr(0, comma) || piece == list) return true;
      if (comma == list.npos) break;
    }
  }
  return false;
}

/// What libpq says as far as it may be repeated: up to the first piece in quotes that may not be,
/// because that may hold quotes and line ends of its own and seem to end anywhere. Empty where
/// libpq quotes in another way, as translations do.
HEWN_COLD inline std::string repeatable(std::string_view said, const settings& used) {
  for (const char* quote : {"\xc2\xab", "\xc2\xbb", "\xe2\x80", "\xe3\x80"})
    if (said.find(quote) < said.find("FATAL:")) return {};
  std::string out;
  for (;;) {
    const std::size_t open = said.find('"');
    // What the server says is of names that it was given, and of itself.
    if (open == said.npos || said.find("FATAL:") < open) return out += said;
    out += said.substr(0, open);
    said.remove_prefix(open + 1);
    const std::size_t close = said.find('"');
    if (close == said.npos || !may_be_repeated(said.substr(0, close), out, used)) break;
    out += '"';
    out += said.substr(0, close + 1);
    said.remove_prefix(close + 1);
  }
  out += "\"...\"";
  // Which option it is, where libpq always ends with that.
  if (!out.starts_with("invalid integer value ")) return out;
  constexpr std::string_view of_option = " for connection option \"";
  const std::size_t last = said.rfind(of_option);
  if (last == said.npos) return out;
  std::string_view option = said.substr(last + of_option.size());
  option = option.substr(0, option.find_last_not_of('\n') + 1);
  const bool is_option =
      option.ends_with('"') &&
      option.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == option.size() - 1;
  if (is_option) (out += of_option) += option;
  return out;
}

// What to do about libpq's words; in another language the last answer has to do.
HEWN_COLD inline std::string repair_of(std::string_view said) {
  const auto has = [said](std::string_view words) { return said.find(words) != said.npos; };
  if (has("unsupported startup parameter"))
    return "a proxy takes no session settings: open with .transaction_pooling = true";
  if (has("does not match host name"))
    return "connect by a name that the server's certificate has, or give the server another";
  if (has("does not support SSL"))
    return "switch TLS on at the server, or name an sslmode if the way to it is safe";
  std::string usual = "check address, role, password and database";
  // libpq does not tell why it could not.
  if (has("certificate verify")) usual += ", renew a certificate that has ended";
  if (has("root certificate") || has("certificate verify"))
    usual += ", or name the certificate authority by sslrootcert";
  return usual;
}

/// Of a connection that could not be made; nullptr: for want of memory.
HEWN_COLD inline error_details connect_failure(PGconn* handle) {
  const settings used = handle ? named_values(conninfo_ptr(PQconninfo(handle)).get()) : settings();
  std::string said = repeatable(handle ? PQerrorMessage(handle) : "out of memory", used);
  for (char& c : said)
    if (c == '\n') c = ' ';
  while (said.ends_with(' ')) said.pop_back();
  if (said.empty()) said = "libpq says why in another language";
  said = printable(said);
  error_details d;
  d.code = errc::cannot_open;
  d.native = client_failure::connection_lost;
  d.message = "hewn: the database cannot be opened (" + said + "); " + repair_of(said);
  return d;
}

}  // namespace hewn::postgres::detail
