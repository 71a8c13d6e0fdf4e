// Runs lines that are meant to be copied into a shell.
#pragma once

#include <string>

namespace puente::examples {

// What `lines` print, on either stream, when sh runs them. Waits for their end. What sh itself has
// to say, that a program is not there for example, is in it as well.
std::string RunInShell(const std::string& lines);

}  // namespace puente::examples
