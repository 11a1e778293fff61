#!/bin/sh
# Installs Passerelle from this checkout into a folder of its own: PREFIX/bin/passerelle. Needs no root, writes nothing
# outside PREFIX, and takes the versions of constraints.txt.
#
#   docker/install.sh PREFIX [--with-sandbox]
#
# PYTHON names the interpreter (3.11 or newer); pip's own variables (PIP_INDEX_URL…) are heard.
set -eu

prefix=${1:?usage: install.sh PREFIX [--with-sandbox]}
case ${2-} in
  "") wanted= ;;
  --with-sandbox) wanted='[sandbox]' ;;
  *) echo "install.sh: unknown option $2" >&2; exit 2 ;;
esac
python=${PYTHON:-python3}
source=$(cd "$(dirname "$0")/.." && pwd)

"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "install.sh: $python is older than Python 3.11; name another with PYTHON=" >&2
  exit 2
}
"$python" -m venv "$prefix"
"$prefix/bin/python" -m pip install --quiet --no-cache-dir --disable-pip-version-check \
  --constraint "$source/constraints.txt" "$source$wanted"
"$prefix/bin/passerelle" --help >/dev/null
echo "$prefix/bin/passerelle"
