// Writes the tables of tests/compat/README.md anew: `make compat-table`.
#include "tests/compat/table.h"

int main() {
  using namespace puente::test;
  WriteReadme(ReadmeWithTables(ReadReadme(), LoadThemes()));
}
