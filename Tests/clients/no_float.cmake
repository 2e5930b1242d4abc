# no_float.cmake - shows that a fixed-point model makes no floating-point operation: on a CPU without
# floating point each one is a call to libgcc or libm, and each such call of the library is led
# through a function that ends the program while a model runs.
set(stubs ${CMAKE_CURRENT_BINARY_DIR}/float_stubs)
add_custom_command(
  OUTPUT ${stubs}.S ${stubs}.options
  COMMAND ${CMAKE_CURRENT_SOURCE_DIR}/float_stubs.sh ${CMAKE_NM} $<TARGET_FILE:headrace> ${stubs}
  DEPENDS headrace float_stubs.sh
  COMMENT "Finding the library's floating-point calls")
enable_language(ASM)
add_client(no_float no_float.c Headrace::headrace)
target_sources(no_float PRIVATE ${stubs}.S)
target_link_options(no_float PRIVATE @${stubs}.options)
