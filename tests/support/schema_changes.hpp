// tests/support/schema_changes.hpp - changes of a schema that make sense on every database.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <hewn/dialect/text/quote.hpp>
#include <hewn/schema/database_model.hpp>
#include <hewn/sync/model/intent.hpp>

#include <support/random_schema.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace support {

/// A schema and what it is to become, each change with what depends on it and with its intent.
class schema_changes : protected random_schema {
 public:
  hewn::schema::database live;
  hewn::wanted_schema wanted;

 protected:
  using random_schema::random_schema;
  using foreign_key = hewn::schema::foreign_key;

  static std::string quoted(std::string_view name) { return hewn::quote_identifier(name); }

  template <class List>
  auto& one_of(List& choices) {
    return choices[static_cast<std::size_t>(between(0, static_cast<int>(choices.size()) - 1))];
  }

  static bool computed(const table_type& t) {
    return std::any_of(t.columns.begin(), t.columns.end(),
                       [](const column& c) { return c.generated != hewn::schema::generated::no; });
  }

  static void replace_all(std::string& text, const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != text.npos; at = text.find(from, at + to.size()))
      text.replace(at, from.size(), to);
  }

  static void replace_name(std::vector<std::string>& names, const std::string& from,
                           const std::string& to) {
    std::replace(names.begin(), names.end(), from, to);
  }

  void rename_table(table_type& t) {
    const std::string from = t.name;
    const std::string to = name("t");
    for (table_type& other : wanted.schema.tables)
      for (foreign_key& k : other.foreign_keys)
        if (k.target_table == from) k.target_table = to;
    t.name = to;
    // Intents use the names that things have afterwards.
    for (hewn::intent& i : wanted.intents)
      if (i.table == from) i.table = to;
    wanted.intents.push_back(
        {.kind = hewn::intent_kind::rename_table, .table = to, .former = from});
  }

  void drop_table(const table_type& t) {
    const std::string gone = t.name;
    const bool referred = one_in(2);
    std::erase_if(wanted.schema.tables, [&](const table_type& x) { return x.name == gone; });
    std::erase_if(wanted.intents, [&](const hewn::intent& i) { return i.table == gone; });
    if (!referred)
      for (table_type& other : wanted.schema.tables)
        std::erase_if(other.foreign_keys,
                      [&](const foreign_key& k) { return k.target_table == gone; });
    wanted.intents.push_back({.kind = hewn::intent_kind::drop_table, .table = gone});
  }

  void rename_column(table_type& t, const std::string from) {
    const std::string to = name("c");
    for (column& c : t.columns) {
      if (c.name == from) c.name = to;
      replace_all(c.generated_text, quoted(from), quoted(to));
    }
    for (hewn::schema::check& k : t.checks) replace_all(k.text, quoted(from), quoted(to));
    for (hewn::schema::unique_key& k : t.unique_keys) replace_name(k.columns, from, to);
    for (hewn::schema::index& i : t.indexes) {
      replace_all(i.where, quoted(from), quoted(to));
      for (hewn::schema::index_part& p : i.parts) {
        if (p.expression)
          replace_all(p.text, quoted(from), quoted(to));
        else if (p.text == from)
          p.text = to;
      }
    }
    for (foreign_key& k : t.foreign_keys) replace_name(k.columns, from, to);
    for (table_type& other : wanted.schema.tables)
      for (foreign_key& k : other.foreign_keys)
        if (k.target_table == t.name) replace_name(k.target_columns, from, to);
    for (hewn::intent& i : wanted.intents)
      if (i.table == t.name && i.column == from) i.column = to;
    for (hewn::intent& i : wanted.intents) replace_all(i.expression, quoted(from), quoted(to));
    wanted.intents.push_back(
        {.kind = hewn::intent_kind::rename_column, .table = t.name, .column = to, .former = from});
  }

  // With everything of its table that needs it.
  void drop_column(table_type& t, const column gone) {
    if (gone.key_position != 0) return;
    const auto reads = [&](const std::string& text) {
      return text.find(quoted(gone.name)) != text.npos;
    };
    const auto names_it = [&](const std::vector<std::string>& names) {
      return std::find(names.begin(), names.end(), gone.name) != names.end();
    };
    if (std::any_of(t.columns.begin(), t.columns.end(),
                    [&](const column& c) { return reads(c.generated_text); }))
      return;
    std::erase_if(t.columns, [&](const column& c) { return c.name == gone.name; });
    std::erase_if(t.checks, [&](const hewn::schema::check& k) { return reads(k.text); });
    std::erase_if(t.unique_keys,
                  [&](const hewn::schema::unique_key& k) { return names_it(k.columns); });
    std::erase_if(t.foreign_keys, [&](const foreign_key& k) { return names_it(k.columns); });
    for (table_type& other : wanted.schema.tables)
      std::erase_if(other.foreign_keys, [&](const foreign_key& k) {
        return k.target_table == t.name && names_it(k.target_columns);
      });
    std::erase_if(t.indexes, [&](const hewn::schema::index& i) {
      return reads(i.where) ||
             std::any_of(i.parts.begin(), i.parts.end(), [&](const hewn::schema::index_part& p) {
               return p.expression ? reads(p.text) : p.text == gone.name;
             });
    });
    std::erase_if(wanted.intents, [&](const hewn::intent& i) {
      return (i.table == t.name && i.column == gone.name) || reads(i.expression);
    });
    if (!one_in(5))
      wanted.intents.push_back(
          {.kind = hewn::intent_kind::drop_column, .table = t.name, .column = gone.name});
  }
};

}  // namespace support
