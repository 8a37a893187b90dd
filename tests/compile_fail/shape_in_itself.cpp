// expect: hewn: a shape holds itself, and would be as deep as the rows are; give each level a struct of its own, or read rows of any depth by hewn::with_recursive()
#include <hewn/shapes.hpp>
#include <hewn/sqlite.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

struct team {
  std::int64_t id = 0;
  std::string name;
  std::optional<std::int64_t> parent_id;
  static consteval auto table() {
    return hewn::table("teams").references<&team::parent_id, &team::id>();
  }
};

struct small_team {
  team self;
  std::vector<team> parts;
};

struct team_tree {
  team self;
#ifdef HEWN_MISTAKE
  std::vector<team_tree> parts;
#else
  std::vector<small_team> parts;
#endif
};

using hewn::shape;

auto pages(const hewn::sqlite::database& db) { return db.all(shape<team_tree>); }
