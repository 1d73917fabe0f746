#!/bin/sh
# LightGBM needs the system's OpenMP library: install it where that is allowed, else say what to install. Takes the Python to ask.
"$1" -c "import lightgbm" 2>/dev/null && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing the OpenMP library"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq libgomp1 >/dev/null && exit 0
fi
echo "Training needs the OpenMP library: install the package libgomp1 (Debian) or libgomp (Fedora)." >&2
exit 1
