# arm-linux-gnueabi.cmake - 32-bit ARM without floating-point hardware. Every floating-point
# operation is a call to libgcc here, which is how a test shows that a fixed-point model makes none.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR armv7l)
set(CMAKE_C_COMPILER arm-linux-gnueabi-gcc)
set(CMAKE_CXX_COMPILER arm-linux-gnueabi-g++)
set(EMBEDDED_SWIFT_TARGET armv7-none-none-eabi)
set(EMBEDDED_SWIFT_FLAGS -Xcc -mfloat-abi=soft -Xcc -mfpu=none -DHEADRACE_SMLAD)
set(HEADRACE_QEMU qemu-arm-static -cpu cortex-a7,vfp=off,neon=off)
include(${CMAKE_CURRENT_LIST_DIR}/cross.cmake)
