#!/bin/sh
# The browser tests drive the system's Chromium: install it where that is allowed, else say what to install.
command -v chromium >/dev/null && command -v chromedriver >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Chromium and its driver"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq chromium chromium-driver >/dev/null && exit 0
fi
echo "The browser tests need Chromium and its driver: install the packages chromium and chromium-driver (Debian's names)." >&2
exit 1
