#!/bin/sh
# The tests of several workers need PostgreSQL's programs. On Debian and Ubuntu they are installed here when missing and allowed.
set -eu
if command -v initdb >/dev/null 2>&1 || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql >/dev/null
else
    echo "The tests of several workers need PostgreSQL: apt-get install postgresql" >&2
    exit 1
fi
