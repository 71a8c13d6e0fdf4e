// The commands of the `puente` binary (design section 2).
#pragma once

namespace puente {

// Runs the command that the arguments name and returns the process's exit code: 0 for success, 1
// for a configuration that can't be used, 2 for arguments that can't be understood. `run` returns
// after a drain.
int RunCommandLine(int argc, char** argv);

}  // namespace puente
