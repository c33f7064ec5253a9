# cmake -DROOT=<source root> -DOUT=<file.cc> -P embed_edge.cmake: deploy/content's files for the edge as C++ strings.
set(text "#include \"router/content/edge.h\"\n\nnamespace troupe::content {\n\n")
string(APPEND text "const std::vector<EdgeFile>& EdgeTemplates() {\n  static const std::vector<EdgeFile> kFiles = {\n")
foreach(name troupe-content.js troupe-edge.js troupe-edge.conf troupe-edge.vcl)
  file(READ ${ROOT}/deploy/content/${name} content)
  string(APPEND text "      {\"${name}\", R\"edge_file(${content})edge_file\"},\n")
endforeach()
string(APPEND text "  };\n  return kFiles;\n}\n\n}  // namespace troupe::content\n")
file(WRITE ${OUT} "${text}")
