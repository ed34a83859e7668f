#!/bin/sh
# The browser tests need Chromium and a Chinese font. On Debian and Ubuntu they are installed here when missing and allowed.
set -eu
for name in chromium chromium-browser google-chrome; do
    if command -v "$name" >/dev/null 2>&1; then found=1; fi
done
if [ -n "${found:-}" ] && fc-list :lang=zh 2>/dev/null | grep -q .; then exit 0; fi
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk fontconfig >/dev/null
else
    echo "The browser tests need Chromium and a Chinese font: apt-get install chromium fonts-noto-cjk" >&2
    exit 1
fi
