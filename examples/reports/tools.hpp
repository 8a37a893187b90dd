// examples/reports/tools.hpp - which tools sell: shares, the best of each kind, baskets, sizes.
// SPDX-License-Identifier: BSL-1.0
#pragma once

#include "by_hand.hpp"
#include "model.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace reports {

// ---- percent of total

struct share {
  std::string category;
  std::int64_t cents = 0;
  std::optional<double> percent;

  bool operator==(const share&) const = default;
};

inline auto share_of_category() {
  const auto cents = hewn::sum(col<&purchase_line::cents>);
  return from<tool>.join<purchase_line>()
      .group_by(col<&tool::category>)
      .order_by(cents.desc())
      .select<share>(col<&tool::category>, cents, 100.0 * cents / hewn::sum(cents).over());
}

inline constexpr by_hand share_of_category_by_hand{R"(
    SELECT t.category, CAST(SUM(l.cents) AS bigint) AS cents,
      CAST(100 * SUM(l.cents) AS double precision) / CAST(SUM(SUM(l.cents)) OVER () AS bigint)
        AS percent
    FROM tools t JOIN purchase_lines l ON l.tool_id = t.id
    GROUP BY t.category ORDER BY SUM(l.cents) DESC)"};

// ---- top N per group

// [best_of_category]
struct ranked_tool {
  std::string category;
  std::int64_t place = 0;
  std::string name;
  std::int64_t cents = 0;

  bool operator==(const ranked_tool&) const = default;
};

/// The two tools of each category that earn most.
inline auto best_of_category() {
  const auto cents = hewn::sum(col<&purchase_line::cents>);
  const auto best_first =
      hewn::partition_by(col<&tool::category>).order_by(cents.desc(), col<&tool::name>);
  const auto ranked = from<tool>.join<purchase_line>()
                          .group_by(col<&tool::id>)
                          .select<ranked_tool>(col<&tool::category>,
                                               hewn::row_number().over(best_first),
                                               col<&tool::name>, cents);
  return hewn::with(ranked)
      .from<ranked_tool>()
      .where(col<&ranked_tool::place> <= 2)
      .order_by(col<&ranked_tool::category>, col<&ranked_tool::place>)
      .select<ranked_tool>(hewn::row_of<ranked_tool>);
}
// [/best_of_category]

inline constexpr by_hand best_of_category_by_hand{R"(
    SELECT * FROM (
      SELECT t.category, ROW_NUMBER() OVER (PARTITION BY t.category
                                            ORDER BY SUM(l.cents) DESC, t.name) AS place,
        t.name, CAST(SUM(l.cents) AS bigint) AS cents
      FROM tools t JOIN purchase_lines l ON l.tool_id = t.id GROUP BY t.id) AS ranked
    WHERE place <= 2 ORDER BY category, place)"};

// ---- bought together

struct pair_of_tools {
  std::string first;
  std::string second;
  std::int64_t purchases = 0;

  bool operator==(const pair_of_tools&) const = default;
};

using other_line = hewn::alias<purchase_line, "other_line">;
using other_tool = hewn::alias<tool, "other_tool">;

inline auto bought_together() {
  return from<purchase_line>
      .join<other_line>(other_line::col<&purchase_line::purchase_id> ==
                            col<&purchase_line::purchase_id> &&
                        other_line::col<&purchase_line::tool_id> > col<&purchase_line::tool_id>)
      .join<tool>(col<&tool::id> == col<&purchase_line::tool_id>)
      .join<other_tool>(other_tool::col<&tool::id> == other_line::col<&purchase_line::tool_id>)
      .group_by(col<&tool::id>, other_tool::col<&tool::id>)
      .order_by(hewn::count().desc(), col<&tool::id>, other_tool::col<&tool::id>)
      .limit(6)
      .select<pair_of_tools>(col<&tool::name>, other_tool::col<&tool::name>, hewn::count());
}

inline constexpr by_hand bought_together_by_hand{R"(
    SELECT t.name AS first, u.name AS second, COUNT(*) AS purchases
    FROM purchase_lines l
    JOIN purchase_lines m ON m.purchase_id = l.purchase_id AND m.tool_id > l.tool_id
    JOIN tools t ON t.id = l.tool_id JOIN tools u ON u.id = m.tool_id
    GROUP BY t.id, u.id ORDER BY COUNT(*) DESC, t.id, u.id
    LIMIT 6)"};

// ---- never bought

struct shelf_warmer {
  std::string name;
  std::string category;

  bool operator==(const shelf_warmer&) const = default;
};

inline auto never_bought() {
  return from<tool>.where(!hewn::exists(from<purchase_line>.correlate<tool>()))
      .order_by(col<&tool::id>)
      .select<shelf_warmer>(col<&tool::name>, col<&tool::category>);
}

inline constexpr by_hand never_bought_by_hand{R"(
    SELECT name, category FROM tools t
    WHERE NOT EXISTS (SELECT 1 FROM purchase_lines l WHERE l.tool_id = t.id) ORDER BY id)"};

// ---- histogram

struct value_of_purchase {
  std::int64_t purchase_id = 0;
  std::int64_t from_cents = 0;
};
struct bucket {
  std::int64_t from_cents = 0;
  std::int64_t purchases = 0;

  bool operator==(const bucket&) const = default;
};

/// Purchases by their value, in steps of 20.00.
inline auto sizes_of_purchases() {
  const auto cents = hewn::sum(col<&purchase_line::cents>);
  const auto values =
      from<purchase_line>.group_by(col<&purchase_line::purchase_id>).select<value_of_purchase>(col<&purchase_line::purchase_id>, cents / 2000 * 2000);
  return hewn::with(values)
      .from<value_of_purchase>()
      .group_by(col<&value_of_purchase::from_cents>)
      .order_by(col<&value_of_purchase::from_cents>)
      .select<bucket>(col<&value_of_purchase::from_cents>, hewn::count());
}

inline constexpr by_hand sizes_of_purchases_by_hand{R"(
    SELECT cents / 2000 * 2000 AS from_cents, COUNT(*) AS purchases
    FROM (SELECT CAST(SUM(cents) AS bigint) AS cents FROM purchase_lines
          GROUP BY purchase_id) AS purchase_values
    GROUP BY 1 ORDER BY 1)"};

}  // namespace reports
