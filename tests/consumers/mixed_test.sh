# mixed_test.sh - a program some files of which are header-only and others are not is refused when it is linked.
source tests/consumers/setup.sh

for file in one other; do
  source=$work/consumers/program/mixed/$file.cpp
  for sections in "" -fdata-sections; do
    flags=(-std=c++20 -Wall -Wextra -Wpedantic -Werror -I "$work/hewn/include" $sections)
    "$CXX" "${flags[@]}" -c "$source" -o "$work/$file.headers$sections.o"
    "$CXX" "${flags[@]}" -DHEWN_SEPARATE_COMPILATION -c "$source" -o "$work/$file.apart$sections.o"
  done
done

link() {  # the form of the one file, that of the other, and the linker
  "$CXX" "$work/one.$1.o" "$work/other.$2.o" $3 -o "$work/program" >"$work/log" 2>&1
}

refused() {
  if link "$@"; then
    printf 'linked with "%s": one file %s, the other %s\n' "$3" "$1" "$2"
    exit 1
  fi
  grep -q header_only_and_compiled_files_of_hewn_cannot_be_mixed "$work/log" || { cat "$work/log"; exit 1; }
}

works() {
  link "$@" || { cat "$work/log"; exit 1; }
  check "$work/program"
}

# The linker that this compiler takes by itself, and the others that are here.
linkers=("")
for linker in bfd gold lld mold; do
  ! "$CXX" "-fuse-ld=$linker" -Wl,--version >/dev/null 2>&1 || linkers+=("-fuse-ld=$linker")
done
for linker in "${linkers[@]}"; do
  works headers headers "$linker"
  works apart apart "$linker"
  refused headers apart "$linker"
  refused apart headers "$linker"
  # Nothing is thrown away before it is compared.
  works headers-fdata-sections headers-fdata-sections "$linker -Wl,--gc-sections"
  works apart-fdata-sections apart-fdata-sections "$linker -Wl,--gc-sections"
  refused headers-fdata-sections apart-fdata-sections "$linker -Wl,--gc-sections"
  refused apart-fdata-sections headers-fdata-sections "$linker -Wl,--gc-sections"
done
