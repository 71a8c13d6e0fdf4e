#include "proxy/command_line.h"

int main(int argc, char** argv) { return puente::RunCommandLine(argc, argv); }
