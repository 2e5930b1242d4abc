# EmbeddedSwift.cmake - compiles Embedded Swift modules to object files and merges them.
#
# CMake's own Swift language cannot produce one object per CPU variant and insists on
# linking a test program for the target, so swiftc is called directly.

find_program(SWIFTC swiftc REQUIRED)

# Toolchain files set the target; a native build finds its own.
if(NOT EMBEDDED_SWIFT_TARGET)
  if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
    set(EMBEDDED_SWIFT_TARGET x86_64-unknown-linux-gnu)
  elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
    set(EMBEDDED_SWIFT_TARGET aarch64-none-none-elf)
  else()
    message(FATAL_ERROR "No Embedded Swift target is known for ${CMAKE_SYSTEM_PROCESSOR}: "
      "set EMBEDDED_SWIFT_TARGET and EMBEDDED_SWIFT_FLAGS, as the toolchain files in cmake/ do.")
  endif()
endif()

# embedded_swift_object(<name> SOURCES <file>... [DEPENDS <file>...] [SMALL]
#                       [EXPORT <symbol>=<new name>...] [OPTIONS <option>...])
# Compiles absolute SOURCES as one module and sets <name>_OBJECT to the object's path. SMALL
# optimizes for size. Traps of a function share one call of hr_panic, and no register is kept for
# frames, which nothing walks: less code, and faster. EXPORT names the symbols that stay global, and
# what they are called from then on: needed for CPU variants, because every Embedded Swift object
# carries weak copies of the runtime and of standard library specializations, compiled for its own
# CPU, and the linker would otherwise let all code share the first copy it meets.
function(embedded_swift_object name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "SMALL" "" "SOURCES;DEPENDS;OPTIONS;EXPORT")
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${name}.o)
  set(optimize -O)
  if(arg_SMALL)
    set(optimize -Osize)
  endif()
  set(rename)
  set(localize)
  if(arg_EXPORT)
    list(TRANSFORM arg_EXPORT PREPEND --redefine-sym= OUTPUT_VARIABLE rename)
    list(TRANSFORM arg_EXPORT REPLACE "^.*=" "--keep-global-symbol=" OUTPUT_VARIABLE keep)
    # Two commands: objcopy would look for the names that the symbols had.
    set(rename COMMAND ${CMAKE_OBJCOPY} ${rename} ${object})
    set(localize COMMAND ${CMAKE_OBJCOPY} ${keep} ${object})
  endif()
  add_custom_command(
    OUTPUT ${object}
    COMMAND
      ${SWIFTC} -target ${EMBEDDED_SWIFT_TARGET} -module-name ${name} -swift-version 6
      -parse-as-library -wmo "$<IF:$<CONFIG:Debug>,-Onone,${optimize}>" "$<$<CONFIG:Debug>:-g>"
      -enable-experimental-feature Embedded -enable-experimental-feature Lifetimes
      -Xfrontend -function-sections -Xfrontend -disable-stack-protector
      -Xfrontend -trap-function -Xfrontend hr_panic -Xfrontend -mergeable-traps
      -warnings-as-errors
      -Xcc -fPIC -Xcc -fomit-frame-pointer ${EMBEDDED_SWIFT_FLAGS} ${arg_OPTIONS} -c ${arg_SOURCES} -o ${object}
    ${rename} ${localize}
    DEPENDS ${arg_SOURCES} ${arg_DEPENDS}
    COMMENT "Compiling Embedded Swift module ${name}"
    COMMAND_EXPAND_LISTS VERBATIM)
  set(${name}_OBJECT ${object} PARENT_SCOPE)
endfunction()

# exported_functions(<variable> <header>)
# Lists the functions that a C header declares, from its lines of the form
# "type name(...", so that the header stays the one place that says what is public.
function(exported_functions variable header)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${header})
  file(READ ${header} text)
  string(REGEX REPLACE "/\\*([^*]|\\*+[^*/])*\\*+/" "" text "${text}")
  string(REGEX REPLACE "typedef[^;{]*\\([^;]*;" "" text "${text}")
  string(REGEX MATCHALL "\n[a-z][a-z0-9_ ]*[ *]hr_[a-z0-9_]+\\(" declarations "${text}")
  set(names)
  foreach(declaration IN LISTS declarations)
    string(REGEX REPLACE ".*[ *](hr_[a-z0-9_]+)\\($" "\\1" name "${declaration}")
    list(APPEND names ${name})
  endforeach()
  list(REMOVE_DUPLICATES names)
  list(SORT names)
  set(${variable} ${names} PARENT_SCOPE)
endfunction()

# exported_archive(<target> HEADER <header> OBJECTS <object>...)
# Links the objects into one, drops what no function of the header reaches and makes every
# other symbol local, so that no swift_* symbol clashes with the application's own. Functions
# stay in sections of their own, also those of the same name in several objects, so that an
# application's linker can drop what that does not reach. The list of functions is left in
# <target>.exports for the tests.
function(exported_archive target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "HEADER" "OBJECTS")
  exported_functions(exports ${arg_HEADER})
  set(list ${CMAKE_CURRENT_BINARY_DIR}/${target}.exports)
  list(JOIN exports "\n" lines)
  file(CONFIGURE OUTPUT ${list} CONTENT "${lines}\n" @ONLY)
  list(TRANSFORM exports PREPEND -Wl,-u,)
  set(merged ${CMAKE_CURRENT_BINARY_DIR}/${target}.merged.o)
  set(object ${CMAKE_CURRENT_BINARY_DIR}/${target}.o)
  add_custom_command(
    OUTPUT ${object}
    COMMAND ${CMAKE_C_COMPILER} -r -nostdlib -Wl,--gc-sections "-Wl,--unique=.text.*" ${exports} -o ${merged}
      ${arg_OBJECTS}
    COMMAND ${CMAKE_OBJCOPY} --strip-unneeded --keep-global-symbols=${list} ${merged} ${object}
    DEPENDS ${arg_OBJECTS} ${list}
    COMMENT "Merging ${target}"
    COMMAND_EXPAND_LISTS VERBATIM)
  add_library(${target} STATIC ${object})
  set_target_properties(${target} PROPERTIES LINKER_LANGUAGE C)
endfunction()
