# armv6-linux-gnueabi.cmake - ARM1176 boards: ARMv6 with VFPv2 and no NEON. Raspberry Pi OS has another
# ABI for them than any of Debian's cross compilers: programs are linked statically, so that they run there.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR armv6l)
set(CMAKE_C_COMPILER arm-linux-gnueabi-gcc)
set(CMAKE_CXX_COMPILER arm-linux-gnueabi-g++)
set(EMBEDDED_SWIFT_TARGET armv6-none-none-eabi)
set(EMBEDDED_SWIFT_FLAGS
  -Xcc -mcpu=arm1176jzf-s -Xcc -mfloat-abi=softfp -Xcc -mfpu=vfp2 -Xcc -munaligned-access -DHEADRACE_SMLAD)
set(CMAKE_C_FLAGS_INIT "-mcpu=arm1176jzf-s -marm -mfloat-abi=softfp -mfpu=vfpv2")
set(CMAKE_CXX_FLAGS_INIT "-mcpu=arm1176jzf-s -marm -mfloat-abi=softfp -mfpu=vfpv2")
set(HEADRACE_STATIC_PROGRAMS ON)
set(JPEG_LIBRARY ${HEADRACE_SYSROOT}/usr/lib/arm-linux-gnueabi/libjpeg.a CACHE FILEPATH "")
set(HEADRACE_QEMU qemu-arm-static -cpu arm1176)
include(${CMAKE_CURRENT_LIST_DIR}/cross.cmake)
