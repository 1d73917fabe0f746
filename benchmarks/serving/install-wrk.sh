#!/bin/sh
# The load of the serving benchmark comes from wrk: install it where that is allowed, else say what to install.
command -v wrk >/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing wrk"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq wrk >/dev/null && exit 0
fi
echo "The serving benchmark needs wrk: install the package wrk (Debian's name)." >&2
exit 1
