"""The rooms of folders of headers: what only hewn includes, in the order in which data passes."""

load("@rules_cc//cc:defs.bzl", "cc_library")

ROOMS = {
    "dialect": [
        "text",
        "read",
        "write",
    ],
    "db": [
        "values",
        "connection",
        "pool",
        "listen",
    ],
    "query": [
        "pieces",
        "expressions",
        "functions",
        "plan",
        "select",
        "rows",
        "statements",
        "type_erasure",
        "bulk",
        "verbs",
        "inspect",
        "pages",
        "shapes",
    ],
    "sync": [
        "model",
        "diff",
        "facts",
        "approval",
        "plan",
        "online",
        "apply",
        "kept",
    ],
    "migrate": [
        "files",
        "history",
        "losses",
        "trial",
        "run",
    ],
    "sqlite": [
        "failure",
        "client",
        "copy",
        "comparison",
        "seal",
        "schema",
    ],
    "postgres": [
        "wire",
        "failure",
        "client",
        "listen",
        "schema",
        "migrate",
    ],
    "any": [
        "client",
        "schema",
    ],
    "json": [
        "column",
        "sync",
    ],
}

def hewn_rooms(folder, deps):
    """A library for each room, <folder>_<room>, that sees the rooms before it.

    Args:
      folder: of include/hewn, a key of ROOMS
      deps: what its rooms may include besides
    """
    for room in ROOMS[folder]:
        name = "%s_%s" % (folder, room)
        cc_library(
            name = name,
            hdrs = native.glob(["include/hewn/%s/%s/*.hpp" % (folder, room)]),
            strip_include_prefix = "include",
            deps = deps,
        )
        deps = [":" + name]
