#!/bin/sh
# Starts the program; installs what it needs the first time. start.command is this file for macOS (a double click), and
# start.bat does the same on Windows. All that is done is in graphs/engine/commands/_starting.
cd "$(dirname -- "$0")" || exit 1
from=graphs/engine/commands/_starting
if [ ! -f "$from/start.py" ]; then
  printf '[안 됨] 프로그램의 파일이 없습니다.\n   -> 압축을 모두 푼 다음, 풀린 폴더에서 켜 주세요.\n   (Unpack everything first.)\n'
  exit 1
fi
PATH=$PATH:$HOME/.local/bin
[ "$(uname)" != Darwin ] || PATH=$PATH:/opt/homebrew/bin:/usr/local/bin

# find CODE NAME ...: the first of the Pythons that runs the code; that of macOS alone only offers to install something
find() {
  code=$1
  shift
  for each in "$@"; do
    found=$(command -v "$each") || continue
    [ "$found" != /usr/bin/python3 ] || [ "$(uname)" != Darwin ] || continue
    ! "$found" -c "$code" >/dev/null 2>&1 || return 0
  done
  return 1
}

fits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'
names='python3.13 python3.12 python3.14 python3.11 python3 python'
# shellcheck disable=SC2086
if find "import venv, ensurepip; $fits" $names || find "$fits" $names; then
  :
elif command -v uv >/dev/null 2>&1; then
  printf '파이썬이 없어서 uv로 받습니다. 창을 닫지 마세요.\n'
  found=$(uv python find --system 3.13 2>/dev/null) || { uv python install 3.13 && found=$(uv python find --system 3.13); } || found=
elif find 'import sys; sys.exit(sys.version_info < (3, 7))' python3 python; then
  :
else
  found=
fi
if [ -z "$found" ]; then
  cat "$from/no_python.txt"
  [ ! -t 0 ] || { printf '\n엔터를 누르면 창이 닫힙니다. '; read -r _; }
  exit 1
fi
exec "$found" "$from/start.py" "$@"
