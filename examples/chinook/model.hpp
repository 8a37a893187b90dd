// examples/chinook/model.hpp - the tables of the Chinook database, as its authors made them.
// SPDX-License-Identifier: BSL-1.0
//
// https://github.com/lerocha/chinook-database. A table that somebody else made is declared as it
// is: fields are called like the columns, type<> says the declared types in words that both
// databases know. Indexes are not named, because they have other names on each of the two. Then sync
// finds nothing to do.
#pragma once

#include <hewn/hewn.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace chinook {

using text = std::optional<std::string>;
using number = std::optional<std::int32_t>;

struct artist {
  std::int32_t ArtistId = 0;
  text Name;

  static consteval auto table() {
    return hewn::table("Artist").primary_key<&artist::ArtistId>().type<&artist::Name>(
        "VARCHAR(120)");
  }
};

struct album {
  std::int32_t AlbumId = 0;
  std::string Title;
  std::int32_t ArtistId = 0;

  static consteval auto table() {
    return hewn::table("Album")
        .primary_key<&album::AlbumId>()
        .type<&album::Title>("VARCHAR(160)")
        .references<&album::ArtistId, &artist::ArtistId>()
        .index<&album::ArtistId>();
  }
};

struct employee {
  std::int32_t EmployeeId = 0;
  std::string LastName;
  std::string FirstName;
  text Title;
  number ReportsTo;
  std::optional<hewn::timestamp> BirthDate;
  std::optional<hewn::timestamp> HireDate;
  text Address;
  text City;
  text State;
  text Country;
  text PostalCode;
  text Phone;
  text Fax;
  text Email;

  static consteval auto table() {
    return hewn::table("Employee")
        .primary_key<&employee::EmployeeId>()
        .type<&employee::LastName>("VARCHAR(20)")
        .type<&employee::FirstName>("VARCHAR(20)")
        .type<&employee::Title>("VARCHAR(30)")
        .type<&employee::BirthDate>("TIMESTAMP")
        .type<&employee::HireDate>("TIMESTAMP")
        .type<&employee::Address>("VARCHAR(70)")
        .type<&employee::City>("VARCHAR(40)")
        .type<&employee::State>("VARCHAR(40)")
        .type<&employee::Country>("VARCHAR(40)")
        .type<&employee::PostalCode>("VARCHAR(10)")
        .type<&employee::Phone>("VARCHAR(24)")
        .type<&employee::Fax>("VARCHAR(24)")
        .type<&employee::Email>("VARCHAR(60)")
        .references<&employee::ReportsTo, &employee::EmployeeId>()
        .index<&employee::ReportsTo>();
  }
};

struct customer {
  std::int32_t CustomerId = 0;
  std::string FirstName;
  std::string LastName;
  text Company;
  text Address;
  text City;
  text State;
  text Country;
  text PostalCode;
  text Phone;
  text Fax;
  std::string Email;
  number SupportRepId;

  static consteval auto table() {
    return hewn::table("Customer")
        .primary_key<&customer::CustomerId>()
        .type<&customer::FirstName>("VARCHAR(40)")
        .type<&customer::LastName>("VARCHAR(20)")
        .type<&customer::Company>("VARCHAR(80)")
        .type<&customer::Address>("VARCHAR(70)")
        .type<&customer::City>("VARCHAR(40)")
        .type<&customer::State>("VARCHAR(40)")
        .type<&customer::Country>("VARCHAR(40)")
        .type<&customer::PostalCode>("VARCHAR(10)")
        .type<&customer::Phone>("VARCHAR(24)")
        .type<&customer::Fax>("VARCHAR(24)")
        .type<&customer::Email>("VARCHAR(60)")
        .references<&customer::SupportRepId, &employee::EmployeeId>()
        .index<&customer::SupportRepId>();
  }
};

struct genre {
  std::int32_t GenreId = 0;
  text Name;

  static consteval auto table() {
    return hewn::table("Genre").primary_key<&genre::GenreId>().type<&genre::Name>("VARCHAR(120)");
  }
};

struct media_type {
  std::int32_t MediaTypeId = 0;
  text Name;

  static consteval auto table() {
    return hewn::table("MediaType")
        .primary_key<&media_type::MediaTypeId>()
        .type<&media_type::Name>("VARCHAR(120)");
  }
};

struct track {
  std::int32_t TrackId = 0;
  std::string Name;
  number AlbumId;
  std::int32_t MediaTypeId = 0;
  number GenreId;
  text Composer;
  std::int32_t Milliseconds = 0;
  number Bytes;
  double UnitPrice = 0;

  static consteval auto table() {
    return hewn::table("Track")
        .primary_key<&track::TrackId>()
        .type<&track::Name>("VARCHAR(200)")
        .type<&track::Composer>("VARCHAR(220)")
        .type<&track::UnitPrice>("NUMERIC(10,2)")
        .references<&track::AlbumId, &album::AlbumId>()
        .references<&track::GenreId, &genre::GenreId>()
        .references<&track::MediaTypeId, &media_type::MediaTypeId>()
        .index<&track::AlbumId>()
        .index<&track::GenreId>()
        .index<&track::MediaTypeId>();
  }
};

struct invoice {
  std::int32_t InvoiceId = 0;
  std::int32_t CustomerId = 0;
  hewn::timestamp InvoiceDate = {};
  text BillingAddress;
  text BillingCity;
  text BillingState;
  text BillingCountry;
  text BillingPostalCode;
  double Total = 0;

  static consteval auto table() {
    return hewn::table("Invoice")
        .primary_key<&invoice::InvoiceId>()
        .type<&invoice::InvoiceDate>("TIMESTAMP")
        .type<&invoice::BillingAddress>("VARCHAR(70)")
        .type<&invoice::BillingCity>("VARCHAR(40)")
        .type<&invoice::BillingState>("VARCHAR(40)")
        .type<&invoice::BillingCountry>("VARCHAR(40)")
        .type<&invoice::BillingPostalCode>("VARCHAR(10)")
        .type<&invoice::Total>("NUMERIC(10,2)")
        .references<&invoice::CustomerId, &customer::CustomerId>()
        .index<&invoice::CustomerId>();
  }
};

struct invoice_line {
  std::int32_t InvoiceLineId = 0;
  std::int32_t InvoiceId = 0;
  std::int32_t TrackId = 0;
  double UnitPrice = 0;
  std::int32_t Quantity = 0;

  static consteval auto table() {
    return hewn::table("InvoiceLine")
        .primary_key<&invoice_line::InvoiceLineId>()
        .type<&invoice_line::UnitPrice>("NUMERIC(10,2)")
        .references<&invoice_line::InvoiceId, &invoice::InvoiceId>()
        .references<&invoice_line::TrackId, &track::TrackId>()
        .index<&invoice_line::InvoiceId>()
        .index<&invoice_line::TrackId>();
  }
};

struct playlist {
  std::int32_t PlaylistId = 0;
  text Name;

  static consteval auto table() {
    return hewn::table("Playlist")
        .primary_key<&playlist::PlaylistId>()
        .type<&playlist::Name>("VARCHAR(120)");
  }
};

struct playlist_track {
  std::int32_t PlaylistId = 0;
  std::int32_t TrackId = 0;

  static consteval auto table() {
    return hewn::table("PlaylistTrack")
        .primary_key<&playlist_track::PlaylistId, &playlist_track::TrackId>()
        .references<&playlist_track::PlaylistId, &playlist::PlaylistId>()
        .references<&playlist_track::TrackId, &track::TrackId>()
        .index<&playlist_track::PlaylistId>()
        .index<&playlist_track::TrackId>();
  }
};

}  // namespace chinook
