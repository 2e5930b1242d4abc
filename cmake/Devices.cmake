# Devices.cmake - libheadrace_io.a (pictures, cameras, sound, links, threads on Linux) and headrace-demo.

find_package(Threads REQUIRED)
find_package(JPEG)
if(NOT JPEG_FOUND)
  message(FATAL_ERROR "libjpeg was not found. On Debian: apt-get install libjpeg62-turbo-dev; for "
    "another architecture: boards/scripts/sysroot.sh ARCHITECTURE FOLDER and "
    "-DHEADRACE_SYSROOT=FOLDER; or build the library alone with -DHEADRACE_IO=OFF.")
endif()

# Sound cards; without, hr_sound_open reads files and streams. A program that is linked statically has no
# libasound: that loads its configuration and plug-ins at run time.
option(HEADRACE_ALSA "Capture from sound cards, with ALSA" ON)
set(io_packages JPEG)
set(io_libraries -ljpeg)
if(HEADRACE_ALSA AND NOT HEADRACE_STATIC_PROGRAMS)
  find_package(ALSA)
  if(ALSA_FOUND)
    list(APPEND io_packages ALSA)
    list(APPEND io_libraries -lasound)
  else()
    message(WARNING "ALSA was not found: there will be no sound cards, which -DHEADRACE_ALSA=OFF would say. "
      "On Debian: apt-get install libasound2-dev; for another architecture: boards/scripts/sysroot.sh.")
  endif()
endif()
# Links by way of a broker and to inference servers. Their libraries are loaded when a program first wants them, so
# only their headers are needed here; a program that is linked statically loads none.
option(HEADRACE_MQTT "Links by MQTT, with libmosquitto at run time" ON)
option(HEADRACE_HTTP "Links to inference servers, with libcurl and libjansson at run time" ON)
set(io_includes)
set(io_definitions)

# find_headers(<option> <Debian's packages> <header>...)
function(find_headers name packages)
  if(NOT ${name} OR HEADRACE_STATIC_PROGRAMS)
    return()
  endif()
  set(folders)
  foreach(header IN LISTS ARGN)
    string(MAKE_C_IDENTIFIER "${name}_${header}" variable)
    find_path(${variable} ${header})
    mark_as_advanced(${variable})
    if(NOT ${variable})
      message(WARNING "${header} was not found: built without what -D${name}=OFF would say. On Debian: apt-get "
        "install ${packages}; for another architecture: boards/scripts/sysroot.sh.")
      return()
    endif()
    list(APPEND folders ${${variable}})
  endforeach()
  set(io_includes ${io_includes} ${folders} PARENT_SCOPE)
  set(io_definitions ${io_definitions} ${name} PARENT_SCOPE)
endfunction()
find_headers(HEADRACE_MQTT libmosquitto-dev mosquitto.h)
find_headers(HEADRACE_HTTP "libcurl4-openssl-dev libjansson-dev" curl/curl.h jansson.h)
if(io_definitions)
  list(APPEND io_libraries ${CMAKE_DL_LIBS})
  list(TRANSFORM io_libraries REPLACE "^dl$" "-ldl")
endif()

list(TRANSFORM io_packages REPLACE "(.+)" "\\1::\\1" OUTPUT_VARIABLE io_targets)

set(io ${sources}/HeadraceIO)
file(GLOB_RECURSE io_c CONFIGURE_DEPENDS ${io}/*.c)
file(GLOB_RECURSE io_headers CONFIGURE_DEPENDS ${io}/internal/*)
file(GLOB_RECURSE io_swift CONFIGURE_DEPENDS ${io}/*.swift)

add_library(headrace_io_c OBJECT ${io_c})
target_include_directories(headrace_io_c PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/include ${io} ${io_includes})
target_link_libraries(headrace_io_c PRIVATE ${io_targets} Threads::Threads)
target_compile_definitions(headrace_io_c PRIVATE $<$<IN_LIST:ALSA,${io_packages}>:HEADRACE_ALSA>
  $<$<BOOL:${HEADRACE_STATIC_PROGRAMS}>:HEADRACE_STATIC> ${io_definitions})
target_compile_options(headrace_io_c PRIVATE ${warnings} -ffunction-sections -fdata-sections)

# The parsers of untrusted bytes.
embedded_swift_object(HeadraceIO
  SOURCES ${io_swift} DEPENDS ${io_headers} ${CMAKE_CURRENT_SOURCE_DIR}/include/headrace_io.h
  OPTIONS -I ${io}/internal)

exported_archive(headrace_io
  HEADER ${CMAKE_CURRENT_SOURCE_DIR}/include/headrace_io.h
  OBJECTS ${HeadraceIO_OBJECT} $<TARGET_OBJECTS:headrace_io_c>)
add_library(Headrace::headrace_io ALIAS headrace_io)
target_link_libraries(headrace_io PUBLIC headrace ${io_targets} Threads::Threads ${CMAKE_DL_LIBS})

file(GLOB_RECURSE demo_c CONFIGURE_DEPENDS ${sources}/headrace-demo/*.c)
add_executable(headrace-demo ${demo_c})
target_link_libraries(headrace-demo PRIVATE Headrace::headrace_io)
target_compile_options(headrace-demo PRIVATE ${warnings})
target_link_options(headrace-demo PRIVATE -Wl,--gc-sections $<$<BOOL:${HEADRACE_STATIC_PROGRAMS}>:-static>)
