// The comparison as tables in tests/compat/README.md.
#pragma once

#include <string>
#include <vector>

#include "tests/compat/compat_case.h"

namespace puente::test {

std::string ReadReadme();
void WriteReadme(const std::string& text);

// The text with what stands between "<!-- cases -->" and "<!-- end of cases -->" made from the
// cases. Throws std::runtime_error when these marks are not there.
std::string ReadmeWithTable(const std::string& readme, const std::vector<Theme>& themes);

}  // namespace puente::test
