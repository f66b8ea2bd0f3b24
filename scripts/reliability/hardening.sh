#!/usr/bin/env bash
# What the program that is shipped is linked with and calls, read from its file:
# what makes an error in it hard to use, no network, and no other program run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
# shellcheck source=scripts/reliability/lib.sh
. scripts/reliability/lib.sh
require_build

need binutils has readelf
install_missing

program=$MNIST_BUILD/mnist
says() { readelf --wide "$1" "$program" | grep -qE "$2"; } # SECTIONS PATTERN
# What it takes from libc, one a line, without versions.
readelf --wide --dyn-syms "$program" |
    awk '$7 == "UND" { sub("@.*", "", $8); print $8 }' >"$scratch/imports"
imports() { grep -qxE "$1" "$scratch/imports"; }
does_not() { ! "$@"; }

expect "a position-independent program" says --file-header 'Type: +DYN'
expect "... that is a program" says --program-headers 'INTERP'
expect "relocations are read-only" says --program-headers 'GNU_RELRO'
expect "... and done before it starts" says --dynamic 'FLAGS.*NOW'
expect "a stack that is not run" says --program-headers 'GNU_STACK.* RW '
expect "no memory both written and run" \
    does_not says --program-headers 'LOAD.* RWE'
expect "a guard on the stack" imports __stack_chk_fail
expect "checked copies" imports '__(memcpy|snprintf|vsnprintf|fprintf|printf)_chk'
expect "no text relocations" does_not says --dynamic TEXTREL
expect "no search path for libraries" does_not says --dynamic 'RPATH|RUNPATH'
for name in socket connect bind listen accept send sendto recv recvfrom \
    getaddrinfo gethostbyname res_query; do
    expect "no $name" does_not imports "$name"
done
for name in system popen execl execlp execle execv execve execvp fork vfork \
    posix_spawn dlopen mmap mktemp tmpnam tempnam gets strcpy strcat sprintf \
    vsprintf sscanf scanf fscanf atoi atol atof strtok rand srand alloca abort \
    __assert_fail; do
    expect "no $name" does_not imports "($name|__${name}_chk)"
done
report hardening
