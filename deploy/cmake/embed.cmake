# cmake -DROOT=<folder> -DFILES=a,b -DHEADER=<a.h> -DTYPE=<type> -DFUNCTION=<name> -DOUT=<file.cc> -P embed.cmake: what
# troupe_embed (Troupe.cmake) runs when a file has changed.
string(REPLACE "," ";" files "${FILES}")
set(text "#include \"${HEADER}\"\n\n")
string(APPEND text "const std::vector<${TYPE}>& ${FUNCTION}() {\n  static const std::vector<${TYPE}> kFiles = {\n")
foreach(file IN LISTS files)
  file(READ ${ROOT}/${file} content)
  string(APPEND text "      {\"${file}\", R\"embedded(${content})embedded\"},\n")
endforeach()
string(APPEND text "  };\n  return kFiles;\n}\n")
file(WRITE ${OUT} "${text}")
