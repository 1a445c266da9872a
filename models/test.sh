#!/usr/bin/env bash
# npm run test:models: installs what the tests need into models/.venv (once), runs them. Python 3.11 or newer.
set -euo pipefail
cd "$(dirname "$0")"

python=${PYTHON:-python3}
if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  echo "models: Python 3.11 or newer is needed (set PYTHON to one)." >&2
  exit 1
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv
  else
    echo "models: Python's venv module is missing; install python3-venv." >&2
    exit 1
  fi
fi
wanted=$(sha256sum requirements.txt | cut -d' ' -f1)
if [ "$(cat .venv/installed 2>/dev/null || true)" != "$wanted" ]; then
  "$python" -m venv --clear .venv
  .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
  echo "$wanted" > .venv/installed
fi
.venv/bin/python -m pytest -q tests
