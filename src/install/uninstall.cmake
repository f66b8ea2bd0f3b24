# Removes the files of the last `cmake --install`, by the list that it left in
# the build folder, and the folders that are this package's own, which have its
# name, once they are empty. DESTDIR must be what it was then.
if(NOT EXISTS ${MANIFEST})
  message(FATAL_ERROR "${MANIFEST} is not there: nothing was installed from "
                      "this build folder")
endif()
file(STRINGS ${MANIFEST} files)
foreach(file ${files})
  set(file "$ENV{DESTDIR}${file}")
  if(EXISTS "${file}" OR IS_SYMLINK "${file}")
    message(STATUS "Removing ${file}")
    file(REMOVE "${file}")
  else()
    message(STATUS "Already gone: ${file}")
  endif()
  get_filename_component(folder "${file}" DIRECTORY)
  get_filename_component(name "${folder}" NAME)
  file(GLOB left "${folder}/*" "${folder}/.*")
  if(name STREQUAL mnist AND IS_DIRECTORY "${folder}" AND NOT left)
    message(STATUS "Removing ${folder}")
    file(REMOVE_RECURSE "${folder}")
  endif()
endforeach()
