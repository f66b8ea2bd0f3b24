# cpack: a .deb or a .tar.gz of what is installed, and `package_source`.
set(MNIST_MAINTAINER "The mnist authors <root@localhost>" CACHE STRING
    "Who makes the packages: NAME <ADDRESS>")
set(CPACK_PACKAGE_CONTACT "${MNIST_MAINTAINER}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "trainer and runner of digit classifiers")
set(CPACK_PACKAGE_DESCRIPTION
"mnist trains, evaluates and runs the classic classifiers of handwritten
digits, from IDX files, without Python or a framework. With its C library,
man page and completions for bash, zsh and fish.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_GENERATOR TGZ)
set(CPACK_SOURCE_GENERATOR TGZ)
set(CPACK_SOURCE_PACKAGE_FILE_NAME mnist-${PROJECT_VERSION})
set(CPACK_SOURCE_IGNORE_FILES /build /\\\\.git$ /\\\\.git/ /data/mnist/
    /data/digits/ \\\\.safetensors$)

# dpkg-shlibdeps knows which version of libc it takes.
find_program(MNIST_SHLIBDEPS dpkg-shlibdeps)
if(MNIST_SHLIBDEPS)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
else()
  set(CPACK_DEBIAN_PACKAGE_DEPENDS libc6)
endif()
mark_as_advanced(MNIST_SHLIBDEPS)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "curl | wget")
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/debian.cmake)
include(CPack)
