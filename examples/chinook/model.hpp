// examples/chinook/model.hpp - the tables of the Chinook database, as its authors made them.
// SPDX-License-Identifier: BSL-1.0
//
// https://github.com/lerocha/chinook-database. A table that somebody else made is declared as it
// is: fields are called like the columns, type<> repeats the declared types, hewn::name the names
// of the indexes. Then sync finds nothing to do.
#pragma once

#include <hewn/hewn.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace chinook {

using text = std::optional<std::string>;
using number = std::optional<std::int64_t>;

struct artist {
  std::int64_t ArtistId = 0;
  text Name;

  static consteval auto table() {
    return hewn::table("Artist").primary_key<&artist::ArtistId>().type<&artist::Name>(
        "NVARCHAR(120)");
  }
};

struct album {
  std::int64_t AlbumId = 0;
  std::string Title;
  std::int64_t ArtistId = 0;

  static consteval auto table() {
    return hewn::table("Album")
        .primary_key<&album::AlbumId>()
        .type<&album::Title>("NVARCHAR(160)")
        .references<&album::ArtistId, &artist::ArtistId>()
        .index<&album::ArtistId>(hewn::name("IFK_AlbumArtistId"));
  }
};

struct employee {
  std::int64_t EmployeeId = 0;
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
        .type<&employee::LastName>("NVARCHAR(20)")
        .type<&employee::FirstName>("NVARCHAR(20)")
        .type<&employee::Title>("NVARCHAR(30)")
        .type<&employee::BirthDate>("DATETIME")
        .type<&employee::HireDate>("DATETIME")
        .type<&employee::Address>("NVARCHAR(70)")
        .type<&employee::City>("NVARCHAR(40)")
        .type<&employee::State>("NVARCHAR(40)")
        .type<&employee::Country>("NVARCHAR(40)")
        .type<&employee::PostalCode>("NVARCHAR(10)")
        .type<&employee::Phone>("NVARCHAR(24)")
        .type<&employee::Fax>("NVARCHAR(24)")
        .type<&employee::Email>("NVARCHAR(60)")
        .references<&employee::ReportsTo, &employee::EmployeeId>()
        .index<&employee::ReportsTo>(hewn::name("IFK_EmployeeReportsTo"));
  }
};

struct customer {
  std::int64_t CustomerId = 0;
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
        .type<&customer::FirstName>("NVARCHAR(40)")
        .type<&customer::LastName>("NVARCHAR(20)")
        .type<&customer::Company>("NVARCHAR(80)")
        .type<&customer::Address>("NVARCHAR(70)")
        .type<&customer::City>("NVARCHAR(40)")
        .type<&customer::State>("NVARCHAR(40)")
        .type<&customer::Country>("NVARCHAR(40)")
        .type<&customer::PostalCode>("NVARCHAR(10)")
        .type<&customer::Phone>("NVARCHAR(24)")
        .type<&customer::Fax>("NVARCHAR(24)")
        .type<&customer::Email>("NVARCHAR(60)")
        .references<&customer::SupportRepId, &employee::EmployeeId>()
        .index<&customer::SupportRepId>(hewn::name("IFK_CustomerSupportRepId"));
  }
};

struct genre {
  std::int64_t GenreId = 0;
  text Name;

  static consteval auto table() {
    return hewn::table("Genre").primary_key<&genre::GenreId>().type<&genre::Name>("NVARCHAR(120)");
  }
};

struct media_type {
  std::int64_t MediaTypeId = 0;
  text Name;

  static consteval auto table() {
    return hewn::table("MediaType")
        .primary_key<&media_type::MediaTypeId>()
        .type<&media_type::Name>("NVARCHAR(120)");
  }
};

struct track {
  std::int64_t TrackId = 0;
  std::string Name;
  number AlbumId;
  std::int64_t MediaTypeId = 0;
  number GenreId;
  text Composer;
  std::int64_t Milliseconds = 0;
  number Bytes;
  double UnitPrice = 0;

  static consteval auto table() {
    return hewn::table("Track")
        .primary_key<&track::TrackId>()
        .type<&track::Name>("NVARCHAR(200)")
        .type<&track::Composer>("NVARCHAR(220)")
        .type<&track::UnitPrice>("NUMERIC(10,2)")
        .references<&track::AlbumId, &album::AlbumId>()
        .references<&track::GenreId, &genre::GenreId>()
        .references<&track::MediaTypeId, &media_type::MediaTypeId>()
        .index<&track::AlbumId>(hewn::name("IFK_TrackAlbumId"))
        .index<&track::GenreId>(hewn::name("IFK_TrackGenreId"))
        .index<&track::MediaTypeId>(hewn::name("IFK_TrackMediaTypeId"));
  }
};

struct invoice {
  std::int64_t InvoiceId = 0;
  std::int64_t CustomerId = 0;
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
        .type<&invoice::InvoiceDate>("DATETIME")
        .type<&invoice::BillingAddress>("NVARCHAR(70)")
        .type<&invoice::BillingCity>("NVARCHAR(40)")
        .type<&invoice::BillingState>("NVARCHAR(40)")
        .type<&invoice::BillingCountry>("NVARCHAR(40)")
        .type<&invoice::BillingPostalCode>("NVARCHAR(10)")
        .type<&invoice::Total>("NUMERIC(10,2)")
        .references<&invoice::CustomerId, &customer::CustomerId>()
        .index<&invoice::CustomerId>(hewn::name("IFK_InvoiceCustomerId"));
  }
};

struct invoice_line {
  std::int64_t InvoiceLineId = 0;
  std::int64_t InvoiceId = 0;
  std::int64_t TrackId = 0;
  double UnitPrice = 0;
  std::int64_t Quantity = 0;

  static consteval auto table() {
    return hewn::table("InvoiceLine")
        .primary_key<&invoice_line::InvoiceLineId>()
        .type<&invoice_line::UnitPrice>("NUMERIC(10,2)")
        .references<&invoice_line::InvoiceId, &invoice::InvoiceId>()
        .references<&invoice_line::TrackId, &track::TrackId>()
        .index<&invoice_line::InvoiceId>(hewn::name("IFK_InvoiceLineInvoiceId"))
        .index<&invoice_line::TrackId>(hewn::name("IFK_InvoiceLineTrackId"));
  }
};

struct playlist {
  std::int64_t PlaylistId = 0;
  text Name;

  static consteval auto table() {
    return hewn::table("Playlist")
        .primary_key<&playlist::PlaylistId>()
        .type<&playlist::Name>("NVARCHAR(120)");
  }
};

struct playlist_track {
  std::int64_t PlaylistId = 0;
  std::int64_t TrackId = 0;

  static consteval auto table() {
    return hewn::table("PlaylistTrack")
        .primary_key<&playlist_track::PlaylistId, &playlist_track::TrackId>()
        .references<&playlist_track::PlaylistId, &playlist::PlaylistId>()
        .references<&playlist_track::TrackId, &track::TrackId>()
        .index<&playlist_track::PlaylistId>(hewn::name("IFK_PlaylistTrackPlaylistId"))
        .index<&playlist_track::TrackId>(hewn::name("IFK_PlaylistTrackTrackId"));
  }
};

}  // namespace chinook
