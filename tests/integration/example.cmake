# The example at the top of router/client/client.h as a file of its own: cmake -DHEADER=... -DOUT=... -P example.cmake
file(READ ${HEADER} header)
if(NOT header MATCHES "\n// ```cpp\n(.*)\n// ```\n")
  message(FATAL_ERROR "${HEADER} has no example between // ```cpp and // ```")
endif()
string(REGEX REPLACE "\n// ?" "\n" example "\n${CMAKE_MATCH_1}\n")
file(WRITE ${OUT} "${example}")
