# Sourced by deploy/run and tests/run: picks the compiler, says how many jobs a build may use.
# shellcheck shell=bash
if [[ -z ${CXX:-} ]]; then
  if command -v clang++-16 >/dev/null; then
    export CC=clang-16 CXX=clang++-16
  else
    export CC=gcc CXX=g++
  fi
fi
jobs=${GREENROOM_JOBS:-$(nproc)}
# About 1.5 GiB a compiler: a small machine builds with fewer.
memory_jobs=$(( $(awk '/MemAvailable/ {print $2}' /proc/meminfo) / 1572864 ))
(( memory_jobs >= 1 )) || memory_jobs=1
(( jobs <= memory_jobs )) || jobs=$memory_jobs
