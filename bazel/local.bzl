"""Libraries that are already on the machine, or downloaded when they are not.

Order: the root named by the user, the system's own, the one that ./bazelw unpacked into .deps/, the download.
The repositories carry the names and targets of the Bazel Central Registry's modules, so that the same BUILD files
work with and without bzlmod.
"""

_SYSTEM_ROOTS = ["/usr/local", "/usr"]

_HEADER = """load("@rules_cc//cc:defs.bzl", "cc_library")

package(default_visibility = ["//visibility:public"])

"""

def _unpacked_root(ctx, folder):
    return str(ctx.path(Label("//:WORKSPACE")).dirname) + "/.deps/" + folder

# ------------------------------------------------------------------------------------------------ Boost

_BOOST_OLDEST = 108700  # 1.87: Boost.PFR with names and up to 200 fields, Hash2, UUID v7

def _boost_version(ctx, root):
    header = ctx.path(root + "/include/boost/version.hpp")
    if not header.exists:
        return 0
    for line in ctx.read(header).splitlines():
        if line.startswith("#define BOOST_VERSION "):
            return int(line.split(" ")[2])
    return 0

# What each library owns under include/boost. Only these become inputs of a compilation: Boost has 15,000 headers.
_BOOST_FILES = {
    "assert": ["assert", "assert.hpp", "current_function.hpp"],
    "config": ["config", "config.hpp", "cstdint.hpp", "cxx11_char_types.hpp", "detail/workaround.hpp", "limits.hpp", "version.hpp"],
    "container_hash": ["container_hash", "functional/hash.hpp"],
    "describe": ["describe", "describe.hpp"],
    "hash2": ["hash2"],
    "mp11": ["mp11", "mp11.hpp"],
    "pfr": ["pfr", "pfr.hpp"],
    "static_assert": ["static_assert.hpp"],
    "throw_exception": ["throw_exception.hpp", "exception/exception.hpp"],
    "type_traits": ["type_traits"],
    "uuid": ["uuid", "uuid.hpp"],
}

_BOOST_RELEASE = "1.90.0"
_BOOST_SHA256 = {
    "assert": "1f48f929e69146db222fdf9538ec81c7cbd3ca88b94343644942b477031a3bba",
    "config": "1390bd79fbf270e40cfe5ac6b899f4a9c4e47139b6e17b4c1f7f78822adaa9fc",
    "container_hash": "415d6a01b2d8a07ab36dbf9e31a8fec6fa0e51185d1015a087c153de28cfaba5",
    "describe": "4ca9c54d50c5bd8ec68811475ef96ec1ac0abbfbf19f55789823aabcbb704812",
    "hash2": "22625bf8dca16341676e3a5ae8eca9437a3492b14be81a32eeac3ffac6bff2e5",
    "mp11": "ca52bde753586dcba29739cfd55abb473bf80c934c6d49a2b58023ed4e48adf6",
    "pfr": "38a761989ece4dad406d9e2ea2a4ba618ba44ce517721239d532a61479aca0a1",
    "static_assert": "3b7980c5968d585b04f980bbb4e81bbbf0b6d1a0b7c965c2a3426b0acb4a5f49",
    "throw_exception": "30e2834ba64587a363750e35c627ee045f89be05d0cc9eab7251414eba88e110",
    "type_traits": "d8f1f937a56dacbd5bd3067312896f3b2b84ddf7cbeb93f21e1ffd844e512587",
    "uuid": "855801530b6dd3ec932296d275dc84cd5517049979126e01469c85456bfca29e",
}

def _boost_impl(ctx):
    candidates = _SYSTEM_ROOTS + [_unpacked_root(ctx, "boost")]
    named = ctx.os.environ.get("HEWN_BOOST_ROOT", "")
    if named:
        candidates = [named]
        if _boost_version(ctx, named) < _BOOST_OLDEST:
            fail("HEWN_BOOST_ROOT=%s has no include/boost of version 1.87 or later; name another prefix, or unset it" % named)
    for root in candidates:
        if _boost_version(ctx, root) < _BOOST_OLDEST:
            continue
        for library in ctx.attr.libraries:
            for entry in _BOOST_FILES[library]:
                source = ctx.path(root + "/include/boost/" + entry)
                if source.exists:
                    ctx.symlink(source, "include/boost/" + entry)
        break
    if not ctx.path("include").exists:
        for library in ctx.attr.libraries:
            ctx.download_and_extract(
                "https://github.com/boostorg/%s/archive/refs/tags/boost-%s.tar.gz" % (library, _BOOST_RELEASE),
                output = "include",
                sha256 = _BOOST_SHA256[library],
                stripPrefix = "%s-boost-%s/include" % (library, _BOOST_RELEASE),
            )
    ctx.file("WORKSPACE", "")
    ctx.file("BUILD.bazel", _HEADER + """cc_library(
    name = "{name}",
    hdrs = glob(["include/**"]),
    includes = ["include"],
)
""".format(name = ctx.name))

boost_repository = repository_rule(
    implementation = _boost_impl,
    attrs = {"libraries": attr.string_list(mandatory = True)},
    environ = ["HEWN_BOOST_ROOT"],
    local = True,  # a Boost that was upgraded or unpacked since is seen
)

# ------------------------------------------------------------------------------------------------ others

def _library_impl(ctx):
    found = False
    for root in _SYSTEM_ROOTS + [_unpacked_root(ctx, ctx.attr.unpacked)]:
        include = None
        for folder in ["/include/"] + ["/include/%s/" % sub for sub in ctx.attr.subfolders]:
            if include == None and ctx.path(root + folder + ctx.attr.probe).exists:
                include = root + folder
        if include == None:
            continue
        for entry in ctx.attr.headers:
            source = ctx.path(include + entry)
            if source.exists:
                ctx.symlink(source, "include/" + entry)
        for archive in ctx.attr.archives:
            for folder in ["/lib", "/lib64", "/lib/x86_64-linux-gnu", "/lib/aarch64-linux-gnu"]:
                source = ctx.path(root + folder + "/" + archive)
                if source.exists:
                    ctx.symlink(source, "lib/" + archive)
                    break
        found = True
        break
    if not found and ctx.attr.missing:
        fail("hewn: " + ctx.attr.missing)
    if not found:
        ctx.download_and_extract(ctx.attr.url, sha256 = ctx.attr.sha256, stripPrefix = ctx.attr.strip_prefix)
    ctx.file("WORKSPACE", "")
    ctx.file("BUILD.bazel", _HEADER + (ctx.attr.local_build if found else ctx.attr.downloaded_build))

library_repository = repository_rule(
    implementation = _library_impl,
    attrs = {
        "probe": attr.string(mandatory = True, doc = "the header by which an installed copy is recognised"),
        "headers": attr.string_list(doc = "what the library owns under include/"),
        "subfolders": attr.string_list(doc = "where else below include/ its headers may be"),
        "missing": attr.string(doc = "what to say where it is not installed and cannot be downloaded"),
        "archives": attr.string_list(doc = "static libraries that belong to it"),
        "unpacked": attr.string(doc = "its folder in .deps/"),
        "local_build": attr.string(doc = "targets for include/ and lib/"),
        "downloaded_build": attr.string(doc = "targets for the archive"),
        "url": attr.string(),
        "sha256": attr.string(),
        "strip_prefix": attr.string(),
    },
    local = True,
)

def _files_impl(ctx):
    for path, content in ctx.attr.files.items():
        ctx.file(path, content)

files_repository = repository_rule(
    implementation = _files_impl,
    attrs = {"files": attr.string_dict(mandatory = True)},
    doc = "A repository made of the given files; for stand-ins.",
)
