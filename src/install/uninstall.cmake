# Removes the files of the last `cmake --install`, by the list that it left in
# the build folder. DESTDIR must be what it was then.
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
endforeach()
