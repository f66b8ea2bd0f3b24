# Whether all that the last `cmake --install` wrote is there, and whether the
# installed program runs and is of this version.
if(NOT EXISTS ${MANIFEST})
  message(FATAL_ERROR "${MANIFEST} is not there: install first")
endif()
file(STRINGS ${MANIFEST} files)
set(program "")
foreach(file ${files})
  set(file "$ENV{DESTDIR}${file}")
  if(NOT EXISTS "${file}")
    message(FATAL_ERROR "${file} was installed and is not there")
  elseif(file MATCHES "/bin/mnist$")
    set(program "${file}")
  endif()
endforeach()
execute_process(COMMAND "${program}" --version RESULT_VARIABLE status
                OUTPUT_VARIABLE text)
string(REGEX MATCH "^[^\n]*" line "${text}")
if(NOT status EQUAL 0 OR NOT line STREQUAL "mnist ${VERSION}")
  message(FATAL_ERROR "${program} --version: status ${status}, '${line}'; "
                      "expected 0 and 'mnist ${VERSION}'")
endif()
message(STATUS "${program} is ${line}")
