// The comparison as tables in tests/compat/README.md.
#pragma once

#include <string>
#include <vector>

#include "tests/compat/compat_case.h"

namespace puente::test {

// A file of tests/compat; empty when there is none.
std::string ReadCompatFile(const std::string& name);
std::string ReadReadme();
void WriteReadme(const std::string& text);

// The text with what stands between its marks ("<!-- differences -->" and so on) made from the
// cases. Throws std::runtime_error when a mark is not there.
std::string ReadmeWithTables(const std::string& readme, const std::vector<Theme>& themes);

}  // namespace puente::test
