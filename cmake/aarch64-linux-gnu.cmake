# aarch64-linux-gnu.cmake - 64-bit ARM boards: every ARMv8-A CPU; kernels for newer ones are chosen at run time.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(EMBEDDED_SWIFT_TARGET aarch64-none-none-elf)
set(HEADRACE_QEMU qemu-aarch64-static)
include(${CMAKE_CURRENT_LIST_DIR}/cross.cmake)
