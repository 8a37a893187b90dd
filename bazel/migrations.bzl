"""Migration files inside the program, so that it needs no folder at run time.

    load("@hewn//bazel:migrations.bzl", "hewn_migrations")

    hewn_migrations(
        name = "app_migrations",
        srcs = glob(["migrations/*.sql"]),
    )

gives a library with one header, which is included as "<package>/app_migrations.hpp" and read with
`hewn::read_migrations(app_migrations)`.
"""

load("@rules_cc//cc:defs.bzl", "cc_library")

_TOOL = Label("//bazel:embed_migrations.sh")
_MIGRATE = Label("//:migrate")

def hewn_migrations(name, srcs, **kwargs):
    """A cc_library whose header `name`.hpp holds the files `srcs` as the array `name`."""
    tool = str(_TOOL)
    native.genrule(
        name = name + "_header",
        srcs = srcs,
        outs = [name + ".hpp"],
        cmd = "bash $(location %s) %s $@ $(SRCS)" % (tool, name),
        tools = [tool],
    )
    cc_library(
        name = name,
        hdrs = [name + ".hpp"],
        deps = [str(_MIGRATE)],
        **kwargs
    )
