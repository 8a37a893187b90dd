# judge.sh - did every header compile alone? Each argument is a record of the compiler's answer about one, or about all.
set -euo pipefail

failed=0
for record in "$@"; do
  if [[ $(sed -n '$ s/^exit status //p' "$record") != 0 ]]; then
    case $record in
      */together.txt) echo "these headers do not compile together:" ;;
      *) name=${record##*/hewn/}; printf '<hewn/%s> does not compile on its own:\n' "${name%.txt}" ;;
    esac
    sed '$ d' "$record"
    failed=1
  fi
done
printf '%d records read\n' "$#"
exit "$failed"
