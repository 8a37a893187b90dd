// tests/postgres/client/tls_test.cpp - servers that prove who they are, and those that do not.
// SPDX-License-Identifier: BSL-1.0
//
// The server listens at 127.0.0.1. Where a test says host=db.example.com and that hostaddr, the
// library takes it for another machine.
#include <support/failure.hpp>
#include <support/place.hpp>
#include <support/temporary_folder.hpp>

#include <catch2/catch_test_macros.hpp>

#include <cstdlib>
#include <string>

using hewn::errc;
using support::failure_of;
using support::postgres_server;
using support::says;

namespace {

const std::string password = "S3CR3T pw'\\%";

/// Authorities and certificates, made by the openssl of this machine.
class certificates {
 public:
  certificates() {
    make_authority("ca");
    make_authority("other_ca");
    openssl(
        "req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout server.key "
        "-out server.csr -subj /CN=db.example.com");
    sign("ca", "server", "DNS:db.example.com,DNS:localhost,IP:127.0.0.1", "-days 2");
    // Ended on the day it began.
    sign("ca", "expired", "DNS:db.example.com", "-days 0");
  }

  std::string path(const std::string& name) const { return folder_.path + "/" + name; }
  std::string text(const std::string& name) const { return folder_.read(name); }

 private:
  void make_authority(const std::string& name) const {
    openssl("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout " +
            name + ".key -out " + name + ".crt -subj /CN=" + name);
  }
  void sign(const std::string& authority, const std::string& name, const std::string& names,
            const std::string& term) const {
    folder_.write("names", "subjectAltName=" + names + "\n");
    openssl("x509 -req -in server.csr -CA " + authority + ".crt -CAkey " + authority +
            ".key -CAcreateserial -extfile names -out " + name + ".crt " + term);
  }
  void openssl(const std::string& what) const {
    const std::string command = "cd '" + folder_.path + "' && openssl " + what + " >> log 2>&1";
    INFO(command << folder_.read("log"));
    REQUIRE(std::system(command.c_str()) == 0);
  }

  support::temporary_folder folder_{"certificates"};
};

/// A server that takes TLS alone, and a password from one role.
struct secure_server {
  certificates made;
  int port = postgres_server::free_port();
  postgres_server server{{"listen_addresses=127.0.0.1", "port=" + std::to_string(port), "ssl=on",
                          "ssl_cert_file=FOLDER/server.crt", "ssl_key_file=FOLDER/server.key",
                          "hba_file=FOLDER/hba", "password_encryption=scram-sha-256"},
                         {{"server.crt", made.text("server.crt")},
                          {"server.key", made.text("server.key")},
                          {"hba",
                           "local all postgres trust\n"
                           "local all all scram-sha-256\n"
                           "hostssl all postgres 127.0.0.1/32 trust\n"
                           "hostssl all all 127.0.0.1/32 scram-sha-256\n"}}};

  static secure_server& get() {
    static secure_server one;
    return one;
  }

  std::string url(const std::string& host, const std::string& more = {}) const {
    return "host=" + host + " hostaddr=127.0.0.1 port=" + std::to_string(port) +
           " dbname=postgres user=postgres " + more;
  }
  std::string authority(const std::string& name = "ca") const {
    return "sslrootcert=" + made.path(name + ".crt");
  }
};

bool encrypted(const hewn::postgres::database& db) {
  return PQsslInUse(db.native_handle()) != 0 &&
         db.one<bool>(hewn::sql<"SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()">);
}

// Refused, with the cause and the repair, and no credential.
void refused(const std::string& url, const std::string& cause, const std::string& repair) {
  const auto failure = failure_of([&] { hewn::postgres::open(url, {.password = password}); });
  const std::string what = failure.what();
  CAPTURE(what);
  CHECK(failure.code() == errc::cannot_open);
  CHECK(says(failure, cause));
  CHECK(says(failure, repair));
  for (std::size_t i = 0; i + 4 <= password.size(); ++i)
    CHECK(what.find(password.substr(i, 4)) == what.npos);
}

}  // namespace

TEST_CASE("a server with a certificate for its name is let in without asking", "[S4]") {
  const auto& s = secure_server::get();
  CHECK(encrypted(hewn::postgres::open(s.url("db.example.com", s.authority()))));
  CHECK(
      encrypted(hewn::postgres::open(s.url("localhost", "sslmode=verify-full " + s.authority()))));
  CHECK(
      encrypted(hewn::postgres::open(s.url("127.0.0.1", "sslmode=verify-full " + s.authority()))));
  // This machine need not prove anything; encrypted it is all the same.
  CHECK(encrypted(hewn::postgres::open(s.url("localhost"))));
}

TEST_CASE("a server that cannot prove who it is is refused, with the repair", "[S3][S4]") {
  const auto& s = secure_server::get();
  refused(s.url("db.example.com", "sslrootcert=/nowhere/root.crt"), "root certificate",
          "name the certificate authority by sslrootcert");
  refused(s.url("db.example.com", s.authority("other_ca")), "certificate verify failed",
          "name the certificate authority by sslrootcert");
  refused(s.url("other.example.com", s.authority()), "does not match host name",
          "connect by a name that the server's certificate has");
  // Said in so many words it is the user's decision.
  CHECK(encrypted(hewn::postgres::open(s.url("other.example.com", "sslmode=require"))));
  CHECK(encrypted(
      hewn::postgres::open(s.url("other.example.com", "sslmode=verify-ca " + s.authority()))));
  // And nothing goes over a line that is not encrypted.
  refused(s.url("localhost", "sslmode=disable"), "no encryption", "check address");
}

TEST_CASE("a certificate that has ended is refused", "[S4]") {
  const auto& made = secure_server::get().made;
  const std::string port = std::to_string(postgres_server::free_port());
  const postgres_server server(
      {"listen_addresses=127.0.0.1", "port=" + port, "ssl=on", "ssl_cert_file=FOLDER/server.crt",
       "ssl_key_file=FOLDER/server.key"},
      {{"server.crt", made.text("expired.crt")}, {"server.key", made.text("server.key")}});
  refused("host=db.example.com hostaddr=127.0.0.1 dbname=postgres user=postgres port=" + port +
              " " + secure_server::get().authority(),
          "certificate verify failed", "renew a certificate that has ended");
}

TEST_CASE("a server without TLS is refused where it would have to prove itself", "[S3][S4]") {
  const int port = postgres_server::free_port();
  const postgres_server server({"listen_addresses=127.0.0.1", "port=" + std::to_string(port)});
  const std::string address =
      " hostaddr=127.0.0.1 user=postgres dbname=postgres port=" + std::to_string(port) + " " +
      secure_server::get().authority();
  const auto db = hewn::postgres::open("host=localhost" + address);
  CHECK(PQsslInUse(db.native_handle()) == 0);
  refused("host=db.example.com" + address, "does not support SSL", "switch TLS on at the server");
}

TEST_CASE("a wrong password is in no message", "[S3]") {
  const auto& s = secure_server::get();
  s.server.run("CREATE ROLE guarded LOGIN PASSWORD 'right'");
  const std::string here = s.url("localhost") + " user=guarded ";
  const std::string socket = "host=" + s.server.folder() + " port=" + std::to_string(s.port) +
                             " dbname=postgres user=guarded";
  for (const std::string& url :
       {here, socket, s.url("db.example.com", s.authority()) + " user=guarded"}) {
    refused(url, "password authentication failed", "check address, role, password and database");
    CHECK(hewn::postgres::open(url, {.password = "right"})
              .one<std::string>(hewn::sql<"SELECT current_user::text">) == "guarded");
    const auto none = failure_of([&] { hewn::postgres::open(url); });
    CHECK(says(none, "no password supplied"));
  }
  refused(s.url("localhost") + " user=nobody", "password authentication failed", "check address");
  refused(here + "dbname=nowhere", "password authentication failed", "check address");
}
