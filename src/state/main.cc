// state_tool, for the comparison with Terraform (tests/terraform/state.py):
//
//   state_tool read FILE    reads a state and writes it again to standard output
//   state_tool hold FILE    holds the lock and says "held" until standard input ends; for
//                           each line there it writes the state with the next serial
#include <iostream>
#include <string>

#include "io/local_file_system.h"
#include "state/local_backend.h"

namespace andon {
namespace {

int Read(const std::string& path) {
  auto text = io::LocalFileSystem().Read(path);
  if (!text.ok()) {
    std::cerr << text.error().message << "\n";
    return 1;
  }
  state::ReadResult read = state::ReadState(*text, path);
  Sources sources;
  sources.Add(path, *text);
  for (const Diagnostic& one : read.diagnostics) std::cerr << Render(one, sources, false);
  if (!read.state) return 1;
  auto written = state::WriteState(*read.state, [](std::string_view piece) {
    std::cout << piece;
    return Result<void>();
  });
  return written.ok() ? 0 : 1;
}

int Hold(const std::string& path) {
  auto info = state::NewLockInfo("OperationTypeApply", "1.12.6", SystemClock());
  auto file = state::LockedFile::Acquire(path, info);
  if (!file.ok()) {
    std::cerr << file.error().message << "\n";
    return 1;
  }
  std::cout << "held " << info.id << std::endl;
  io::LocalFileSystem files;
  for (std::string line; std::getline(std::cin, line);) {
    state::Loaded loaded = state::Load(files, *state::LocalStorage(files, {.state = path}));
    state::State next = loaded.state.value_or(state::State());
    ++next.serial;
    auto done = file->Replace([&](const state::Sink& sink) { return WriteState(next, sink); });
    if (!done.ok()) std::cerr << done.error().message << "\n";
    std::cout << (done.ok() ? "written" : "failed") << std::endl;
  }
  return file->Release().ok() ? 0 : 1;
}

}  // namespace
}  // namespace andon

int main(int argc, char** argv) {
  std::string command = argc == 3 ? argv[1] : "";
  if (command == "read") return andon::Read(argv[2]);
  if (command == "hold") return andon::Hold(argv[2]);
  std::cerr << "usage: state_tool read|hold FILE\n";
  return 2;
}
