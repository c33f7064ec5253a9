#include "router/cli/commands/command.h"

int main(int argc, char** argv) { return troupe::cli::Main(argc, argv); }
