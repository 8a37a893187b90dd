# included_anyway.awk - which header a file includes anyway: awk -f included_anyway.awk FILE HEADER...
#
# A HEADER has one line, its include. The last is printed that is reached from the first lines of FILE, those before anything but comments, through
# such lines of hewn's headers. To have read it before FILE gives FILE nothing that it has not then. It may give something to another
# header on the way, which forgot to include it; that one is a FILE of its own, and from there it is not reached.

function name_of(line) {
  sub(/^#include </, "", line)
  sub(/>.*/, "", line)
  return line
}

function read_first_lines(file,    line, name) {
  while ((getline line < file) > 0) {
    if (line ~ /^[ \t]*(\/\/.*)?$/ || line ~ /^#pragma once/) continue
    if (line !~ /^#include </) break
    name = name_of(line)
    if (name in reached) continue
    reached[name] = 1
    if (name ~ /^hewn\//) read_first_lines("include/" name)
  }
  close(file)
}

BEGIN {
  read_first_lines(ARGV[1])
  for (i = 2; i < ARGC; ++i)
    if ((getline line < ARGV[i]) > 0 && name_of(line) in reached) chosen = ARGV[i]
  print chosen
}
