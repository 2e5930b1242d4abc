#!/bin/sh
# sysroot.sh arm64|armhf|armel FOLDER [PACKAGE...] - unpacks Debian packages of another architecture
# (libjpeg, ALSA and the headers for links, if none is named) into FOLDER, without installing them, without root and without
# touching the system's apt configuration.
set -eu
arch=$1
mkdir -p "$2"
dest=$(cd "$2" && pwd)
shift 2
[ $# -gt 0 ] || set -- libjpeg62-turbo libjpeg62-turbo-dev libasound2 libasound2-dev \
    libmosquitto-dev libcurl4-openssl-dev libjansson-dev
suite=${DEBIAN_SUITE:-bookworm}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir -p "$tmp/lists/partial" "$tmp/cache/archives/partial"
# Only the release's own index: the security index of a foreign architecture may lag behind.
mirror=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE)' |
    awk -v r="$suite" '$2 == r { print $1; exit }')
[ -n "$mirror" ] || mirror=https://deb.debian.org/debian
echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" \
    >"$tmp/sources.list"
apt() {
    apt-get -qq -o "APT::Architecture=$arch" -o "APT::Architectures=$arch" \
        -o "Dir::Etc::sourcelist=$tmp/sources.list" -o Dir::Etc::sourceparts=- \
        -o "Dir::State::lists=$tmp/lists" -o "Dir::Cache=$tmp/cache" \
        -o APT::Sandbox::User= "$@"
}
apt update
(cd "$tmp" && apt download "$@" && for deb in *.deb; do dpkg -x "$deb" "$dest"; done)
