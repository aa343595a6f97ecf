// What a command costs that is run in a folder: wall time, processor time with that of its
// children, memory.
#pragma once

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace andon {

struct Cost {
  bool ok = false;
  double wall = 0;
  double processor = 0;
  double megabytes = 0;
};

inline double Seconds(const timeval& t) { return double(t.tv_sec) + double(t.tv_usec) * 1e-6; }

// What it prints is dropped. The folder has its own CLI configuration, empty.tfrc.
inline Cost Run(const std::string& dir, const std::vector<std::string>& argv) {
  std::fflush(stdout);  // Else the child prints what is waiting there once more.
  auto began = std::chrono::steady_clock::now();
  pid_t child = fork();
  if (child == 0) {
    std::vector<char*> words;
    for (const std::string& word : argv) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    setenv("TF_CLI_CONFIG_FILE", "empty.tfrc", 1);
    bool ok = chdir(dir.c_str()) == 0 && freopen("/dev/null", "w", stdout) != nullptr;
    if (ok) execvp(words[0], words.data());
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  if (child < 0 || wait4(child, &status, 0, &usage) != child) return {};
  return {WIFEXITED(status) && WEXITSTATUS(status) == 0,
          std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(),
          Seconds(usage.ru_utime) + Seconds(usage.ru_stime),
          static_cast<double>(usage.ru_maxrss) / 1024};
}

}  // namespace andon
