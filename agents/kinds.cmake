# Every kind of agent, one line each. A kind is a folder agents/<kind>: kind.yaml says what it takes and gives, <kind>.h
# declares troupe::<kind>::Make, CMakeLists.txt makes the library troupe_<kind>. From this list come the subfolders that
# are built, what is linked into troupe-agent, and what router and agents know of kinds.
set(TROUPE_KINDS
  scripted
  embed
  classify
  extract
  generate
  retrieve
  redact
)
