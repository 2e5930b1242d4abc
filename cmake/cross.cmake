# cross.cmake - what the cross toolchain files share: where libraries of the target are found, and
# how its programs run here. Expects HEADRACE_QEMU, the emulator's command.
string(REGEX REPLACE "-gcc$" "" triple ${CMAKE_C_COMPILER})

# The root of unpacked target packages; see boards/scripts/sysroot.sh.
set(libraries /usr/${triple}/lib)
if(HEADRACE_SYSROOT)
  list(APPEND CMAKE_FIND_ROOT_PATH ${HEADRACE_SYSROOT})
  set(CMAKE_LIBRARY_ARCHITECTURE ${triple})
  string(APPEND CMAKE_C_FLAGS_INIT " -isystem ${HEADRACE_SYSROOT}/usr/include/${triple}")
  string(APPEND libraries ":${HEADRACE_SYSROOT}/usr/lib/${triple}")
endif()
list(APPEND CMAKE_FIND_ROOT_PATH /usr/${triple})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE BOTH)
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES HEADRACE_SYSROOT)

# LD_LIBRARY_PATH keeps a libc6 of this architecture installed on the build machine
# (found through /etc/ld.so.cache) from being mixed with this one's ld.so.
set(CMAKE_CROSSCOMPILING_EMULATOR
  ${HEADRACE_QEMU} -L /usr/${triple} -E LD_LIBRARY_PATH=${libraries})
