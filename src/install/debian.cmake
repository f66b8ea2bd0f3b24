# What Debian has otherwise than others, done to the tree that cpack packs: the
# licence is named copyright, a change log is there, and texts are compressed.
if(NOT CPACK_GENERATOR STREQUAL DEB)
  return()
endif()
set(share ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
string(APPEND share ${CPACK_PACKAGING_INSTALL_PREFIX}/share)
set(doc ${share}/doc/mnist)
file(RENAME ${doc}/LICENSE ${doc}/copyright)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${doc}/changelog
"mnist (${CPACK_PACKAGE_VERSION}) unstable; urgency=low

  * Made by cpack from the source of that version.

 -- ${CPACK_PACKAGE_CONTACT}  ${date}
")
file(GLOB texts ${share}/man/*/*.1 ${doc}/changelog)
execute_process(COMMAND gzip -9n ${texts} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "gzip failed: ${status}")
endif()
file(GLOB packed ${share}/man/*/*.gz ${doc}/*.gz)
file(CHMOD ${packed} PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
