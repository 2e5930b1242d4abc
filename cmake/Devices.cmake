# Devices.cmake - libheadrace_io.a (pictures, cameras, threads on Linux) and headrace-demo.

find_package(Threads REQUIRED)
find_package(JPEG)
if(NOT JPEG_FOUND)
  message(FATAL_ERROR "libjpeg was not found. On Debian: apt-get install libjpeg62-turbo-dev; for "
    "another architecture: boards/scripts/sysroot.sh ARCHITECTURE FOLDER and "
    "-DHEADRACE_SYSROOT=FOLDER; or build the library alone with -DHEADRACE_IO=OFF.")
endif()

set(io ${sources}/HeadraceIO)
file(GLOB_RECURSE io_c CONFIGURE_DEPENDS ${io}/*.c)
file(GLOB_RECURSE io_headers CONFIGURE_DEPENDS ${io}/internal/*)
file(GLOB_RECURSE io_swift CONFIGURE_DEPENDS ${io}/*.swift)

add_library(headrace_io_c OBJECT ${io_c})
target_include_directories(headrace_io_c PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/include ${io})
target_link_libraries(headrace_io_c PRIVATE JPEG::JPEG Threads::Threads)
target_compile_options(headrace_io_c PRIVATE ${warnings} -ffunction-sections -fdata-sections)

# The parsers of untrusted bytes.
embedded_swift_object(HeadraceIO
  SOURCES ${io_swift} DEPENDS ${io_headers} ${CMAKE_CURRENT_SOURCE_DIR}/include/headrace_io.h
  OPTIONS -I ${io}/internal)

exported_archive(headrace_io
  HEADER ${CMAKE_CURRENT_SOURCE_DIR}/include/headrace_io.h
  OBJECTS ${HeadraceIO_OBJECT} $<TARGET_OBJECTS:headrace_io_c>)
add_library(Headrace::headrace_io ALIAS headrace_io)
target_link_libraries(headrace_io PUBLIC headrace JPEG::JPEG Threads::Threads)

file(GLOB_RECURSE demo_c CONFIGURE_DEPENDS ${sources}/headrace-demo/*.c)
add_executable(headrace-demo ${demo_c})
target_link_libraries(headrace-demo PRIVATE Headrace::headrace_io)
target_compile_options(headrace-demo PRIVATE ${warnings})
target_link_options(headrace-demo PRIVATE -Wl,--gc-sections $<$<BOOL:${HEADRACE_STATIC_PROGRAMS}>:-static>)
