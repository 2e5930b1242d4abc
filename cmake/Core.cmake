# Core.cmake - libheadrace.a: Embedded Swift and a little C, with no operating system beneath.

set(sources ${CMAKE_CURRENT_SOURCE_DIR}/Sources)
file(GLOB_RECURSE core_c CONFIGURE_DEPENDS ${sources}/CHeadrace/*.c)
file(GLOB_RECURSE core_headers CONFIGURE_DEPENDS ${sources}/CHeadrace/include/*)
file(GLOB_RECURSE core_swift CONFIGURE_DEPENDS ${sources}/Headrace/*.swift)
file(GLOB_RECURSE kernels_swift CONFIGURE_DEPENDS ${sources}/HeadraceKernels/*.swift)
list(APPEND core_headers ${CMAKE_CURRENT_SOURCE_DIR}/include/headrace.h)
set(core_include ${sources}/CHeadrace/include)

add_library(headrace_c OBJECT ${core_c})
target_include_directories(headrace_c PRIVATE ${core_include})
target_compile_options(headrace_c PRIVATE
  ${warnings} -ffunction-sections -fdata-sections -fno-stack-protector)

embedded_swift_object(Headrace
  SOURCES ${core_swift} DEPENDS ${core_headers} SMALL
  OPTIONS -I ${core_include} -DHEADRACE_VARIANTS)
set(core_objects ${Headrace_OBJECT})

# add_kernels(<variant> [<compiler flag>...])
# Compiles the kernels once more, for the CPUs that have what the flags say.
function(add_kernels variant)
  string(TOUPPER ${variant} upper)
  embedded_swift_object(HeadraceKernels_${variant}
    SOURCES ${kernels_swift} DEPENDS ${core_headers}
    EXPORT hr_kernels_baseline=hr_kernels_${variant}
      hr_int8_convolution_kernels_baseline=hr_int8_convolution_kernels_${variant}
      hr_frame_kernels_baseline=hr_frame_kernels_${variant}
    OPTIONS -I ${core_include} -DHEADRACE_${upper} ${ARGN})
  set(core_objects ${core_objects} ${HeadraceKernels_${variant}_OBJECT} PARENT_SCOPE)
endfunction()

add_kernels(baseline)
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "aarch64")
  add_kernels(dotprod -Xcc -march=armv8.2-a+dotprod)
elseif(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  add_kernels(avx2 -Xcc -march=x86-64-v3)
  add_kernels(vnni -Xcc -march=x86-64-v4 -Xcc -mavx512vnni)
endif()

exported_archive(headrace
  HEADER ${CMAKE_CURRENT_SOURCE_DIR}/include/headrace.h
  OBJECTS ${core_objects} $<TARGET_OBJECTS:headrace_c>)
add_library(Headrace::headrace ALIAS headrace)
target_include_directories(headrace PUBLIC
  $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(headrace PUBLIC m)
