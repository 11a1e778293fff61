#!/bin/sh
# Makes the secrets compose.production.yaml reads, once: what is there already is left alone.
#
#   docker/secrets.sh [FOLDER]      (docker/production/secrets)
#
# The folder is its owner's alone; the files in it can be read by whoever a container runs as, and a container sees
# only those it is given. Keep a copy of vault.key elsewhere: without it nothing kept can be read.
set -eu

folder=${1:-$(dirname "$0")/production/secrets}
mkdir -p "$folder"
chmod 700 "$folder"
umask 022
for name in vault.key audit.key database-password; do
  [ -e "$folder/$name" ] && continue
  head -c 32 /dev/urandom | base64 | tr -d '\n' > "$folder/$name"
  echo "$folder/$name"
done
