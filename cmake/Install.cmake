# Install.cmake - bin, lib, include, share/headrace/models, and what find_package and pkg-config read.

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/Headrace)
set(libraries headrace)
set(headers include/headrace.h)
set(pkgconfig headrace)
if(HEADRACE_IO)
  list(APPEND libraries headrace_io)
  list(APPEND headers include/headrace_io.h)
  list(APPEND pkgconfig headrace_io)
  install(TARGETS headrace-demo RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(TARGETS ${libraries} EXPORT HeadraceTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

file(GLOB_RECURSE models CONFIGURE_DEPENDS RELATIVE ${sources}/Models ${sources}/Models/*.hrm)
foreach(model IN LISTS models)
  cmake_path(GET model PARENT_PATH folder)
  install(FILES ${sources}/Models/${model} DESTINATION ${CMAKE_INSTALL_DATADIR}/headrace/models/${folder})
endforeach()

install(EXPORT HeadraceTargets NAMESPACE Headrace:: DESTINATION ${package_dir})
configure_package_config_file(cmake/HeadraceConfig.cmake.in HeadraceConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(HeadraceConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/HeadraceConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/HeadraceConfigVersion.cmake DESTINATION ${package_dir})

# Relative to the file itself, so that an installed tree can be moved to a board.
list(JOIN io_libraries " " io_libraries)
file(RELATIVE_PATH pc_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
foreach(name IN LISTS pkgconfig)
  configure_file(cmake/${name}.pc.in ${name}.pc @ONLY)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}.pc
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
endforeach()
