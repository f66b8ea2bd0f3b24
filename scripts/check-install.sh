#!/usr/bin/env bash
# What users of an installed copy have: the program, its man page, the library
# from CMake, from pkg-config and from C++, the README's example, and a .deb.
#
#     scripts/check-install.sh [BUILD]     BUILD is build-install by default
#
# Installs what it needs where that is missing (Debian, Ubuntu). As root, where
# there is no package mnist, the .deb is installed and removed again.
# shellcheck disable=SC2317 # functions are called through `check`
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=scripts/lib.sh
. scripts/lib.sh
root=$PWD
build=${1:-build-install}

heading "Tools"
need_build_tools
need g++ has g++
need pkg-config has pkg-config
need groff-base has groff
need binutils has readelf
need dpkg-dev has dpkg-shlibdeps
install_missing
[ $# != 0 ] || build_in "$build"
show_quietly cmake --build "$build" --parallel "$(nproc)"
build=$(cd "$build" && pwd)

# shellcheck source=tests/support/shell.sh
. tests/support/shell.sh
set +e
unset DESTDIR MNIST_DATA PKG_CONFIG_PATH
export LC_ALL=C.UTF-8
cd "$scratch" || exit
version=$("$build/mnist" --version | sed -n '1s/^mnist //p')

# --- Files ------------------------------------------------------------------

heading "cmake --install"
DESTDIR=$scratch/staged run cmake --install "$build" --prefix /opt/mnist
check "with DESTDIR and a prefix" exits 0
check "  installcheck finds all of it there" \
    env DESTDIR="$scratch/staged" cmake --build "$build" --target installcheck
# Moved, as a package is unpacked: nothing may name the folder it came from.
prefix="$scratch/moved here"
mv "$scratch/staged/opt/mnist" "$prefix"
leftovers() { find "$scratch/staged" -type f; }
check "  nothing is outside the prefix" test -z "$(leftovers)"
lib=$(dirname "$(find "$prefix" -name libmnist.a)")
for file in bin/mnist bin/get-mnist share/man/man1/mnist.1 \
    share/bash-completion/completions/mnist share/zsh/site-functions/_mnist \
    share/fish/vendor_completions.d/mnist.fish share/doc/mnist/LICENSE \
    include/mnist.h include/mnist/train.h; do
    check "  $file" test -f "$prefix/$file"
done
check "  the library's names" test -h "$lib/libmnist.so" -a \
    -f "$lib/libmnist.so.$version" -a -f "$lib/pkgconfig/mnist.pc"
check "  the shared library knows its own" grep -q \
    "SONAME.*libmnist.so.${version%.*}" <<<"$(readelf -d "$lib/libmnist.so")"
needed() { readelf -d "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'; }
only_libc() { ! grep -vE '^lib(c|m|pthread)\.so\.|^ld-' <<<"$(needed "$1")"; }
check "  and needs libc and libm only" only_libc "$lib/libmnist.so"

PATH=$prefix/bin:$PATH
run mnist --version
check "the copy runs" says "mnist $version"
run mnist synth data/mnist --train 300 --test 100
check "  draws digits" exits 0
run mnist train --epochs 1 --quiet
check "  trains" exits 0
run get-mnist --help
check "get-mnist tells of itself" says "Usage: $prefix/bin/get-mnist"

# --- man --------------------------------------------------------------------

heading "man"
page=$prefix/share/man/man1/mnist.1
run groff -man -Tutf8 -ww -z "$page"
check "groff renders the page" exits 0
check "  without a warning" test -z "$output"
plain() { groff -man -Tutf8 -P-cbou -rLL=100n "$page"; }
in_page() { grep -qE -- "(^ +|, )$1( |\$)" <<<"$rendered"; }
rendered=$(plain)
for command in $(mnist --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
    check "  mnist $command" grep -qE "^ +mnist $command\$" <<<"$rendered"
    for option in $(mnist "$command" --help |
        grep -oE '^ {2,6}(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
        check "  mnist $command $option" in_page "$option"
    done
done
for status in 0 1 2 3 4 5 6 7; do
    check "  exit status $status" grep -qE "^ +$status " <<<"$rendered"
done

# --- The library ------------------------------------------------------------

heading "The headers, one by one"
alone() { # COMPILER STANDARD LANGUAGE HEADER
    printf '#include <%s>\ntypedef int alone;\n' "$4" |
        "$1" -std="$2" -x "$3" -Wall -Wextra -Wpedantic -Werror \
            -I "$prefix/include" -fsyntax-only -
}
for header in $(cd "$prefix/include" && find . -name '*.h' | cut -c 3-); do
    check "$header in C99" alone gcc c99 c "$header"
    check "$header in C11" alone gcc c11 c "$header"
    check "$header in C++17" alone g++ c++17 c++ "$header"
done

heading "From a CMake project"
run cmake -S "$root/tests/consumer" -B consumer -DCMAKE_PREFIX_PATH="$prefix"
check "find_package" exits 0
run cmake --build consumer
check "builds" exits 0
for program in mnist_c shared_c mnist_cc shared_cc; do
    run "consumer/$program"
    check "$program runs" exits 0
    check "  with this version" says "mnist $version: "
done
check "the one is static" test -z "$(needed consumer/mnist_c | grep mnist)"
check "the other is shared" grep -q "libmnist.so.${version%.*}" \
    <<<"$(needed consumer/shared_c)"
run env PATH=/usr/bin:/bin cmake -S "$root/tests/consumer" -B without
check "without the package it fails" says "mnistConfig.cmake"

heading "With pkg-config"
export PKG_CONFIG_PATH=$lib/pkgconfig
run pkg-config --exists --print-errors "mnist = $version"
check "mnist.pc is found" exits 0
# What pkg-config says is to be split as a shell would.
compile() { # SOURCE PROGRAM [PKG-CONFIG-OPTION...]
    local source=$1 program=$2
    shift 2
    run bash -c "gcc -Wall -Wextra -Werror '$source' -o '$program' \
        $(pkg-config --cflags --libs "$@" mnist)"
}
compile "$root/tests/consumer/consumer.c" with_shared
check "builds with the shared library" exits 0
run env LD_LIBRARY_PATH="$lib" ./with_shared
check "  and runs" says "mnist $version: "
hide_shared() { mkdir hidden && mv "$lib"/libmnist.so* hidden; }
hide_shared
compile "$root/tests/consumer/consumer.c" with_static --static
check "builds with the static library" exits 0
run ./with_static
check "  and runs" says "mnist $version: "
mv hidden/* "$lib"

quietly cmake -S "$root" -B static-only -DMNIST_BUILD_SHARED=OFF
export PKG_CONFIG_PATH=$scratch/static-only/src/install
run pkg-config --libs mnist
check "where only the static library is, it brings libm" \
    says "-lmnist -lm -pthread"
export PKG_CONFIG_PATH=$lib/pkgconfig

heading "The README's program"
awk '$0 == "```c" { inside = 1; next } /^```$/ { inside = 0 } inside' \
    "$root/README.md" >example.c
check "there is one" grep -q "int main" example.c
compile example.c example
check "builds against the installed copy" exits 0
run env LD_LIBRARY_PATH="$lib" ./example
check "  and trains" says "accuracy 0."

# --- Packages ---------------------------------------------------------------

heading "cpack"
run cpack --config "$build/CPackConfig.cmake" -G DEB -B "$scratch/deb"
check "makes a .deb" exits 0
deb=$(find "$scratch/deb" -maxdepth 1 -name '*.deb')
field() { dpkg-deb --field "$deb" "$1"; }
check "  named mnist" test "$(field Package)" = mnist
check "  of this version" test "$(field Version)" = "$version"
check "  which needs libc only" grep -qx 'libc6 (>= [0-9.]*)' \
    <<<"$(field Depends)"
check "  with a section" test "$(field Section)" = science
check "  and a maintainer" test -n "$(field Maintainer)"
contents=$(dpkg-deb --contents "$deb")
for file in usr/bin/mnist usr/share/man/man1/mnist.1.gz \
    usr/share/doc/mnist/copyright \
    usr/share/bash-completion/completions/mnist; do
    check "  $file" grep -qF " ./$file" <<<"$contents"
done
check "  all root's" test -z "$(grep -v ' root/root ' <<<"$contents")"

if [ "$(id -u)" = 0 ] && ! dpkg --status mnist >/dev/null 2>&1; then
    run dpkg --install "$deb"
    check "dpkg installs it" exits 0
    run env -C / /usr/bin/mnist --version
    check "  it runs" says "mnist $version"
    check "  and is what mnist means" test "$(PATH=/usr/bin:/bin \
        command -v mnist)" = /usr/bin/mnist
    run gcc example.c -lmnist -o packaged
    check "  a program links it" exits 0
    run ./packaged
    check "  and runs" says "accuracy 0."
    run dpkg --remove mnist
    check "  dpkg removes it" exits 0
    check "  all of it" is_missing /usr/bin/mnist
else
    dpkg-deb --extract "$deb" unpacked
    run unpacked/usr/bin/mnist --version
    check "unpacked, it runs" says "mnist $version"
fi

heading "dist"
run cmake --build "$build" --target package_source
check "cmake --build --target package_source" exits 0
archive=$build/mnist-$version.tar.gz
if git -C "$root" rev-parse >/dev/null 2>&1; then
    run diff <(tar tzf "$archive" | grep -v '/$' | cut -d / -f 2- | sort) \
        <(git -C "$root" ls-files | sort)
    check "  holds what git holds" exits 0
fi
rm -f "$archive"

heading "uninstall"
run cmake --install "$build" --prefix "$scratch/gone"
check "installed once more" exits 0
run cmake --build "$build" --target uninstall
check "cmake --build --target uninstall" exits 0
check "  leaves no file" test -z "$(find "$scratch/gone" ! -type d)"
check "  and no folder of its own" test -z "$(find "$scratch/gone" -name mnist)"
run cmake --build "$build" --target installcheck
check "  and installcheck says so" silent_on "is mnist $version"
finish
