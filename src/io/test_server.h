// A real server for a unit test: tests/servers/NAME.py, owned by the test. Only for tests.
//
//   static TestServer server("postgres");
//   if (!server.missing().empty()) GTEST_SKIP() << "needs " << server.missing();
//   Connect(server["url"].AsString());
#pragma once

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "base/json.h"

namespace andon::io {

// The destructor closes the pipe, upon which the server ends, and waits for it.
class TestServer {
 public:
  explicit TestServer(const std::string& name) {
    std::string program = std::string(ANDON_SOURCE_DIR) + "/tests/servers/" + name + ".py";
    int in[2], out[2];
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) return;
    pid_ = fork();
    if (pid_ == 0) {
      dup2(in[0], STDIN_FILENO);
      dup2(out[1], STDOUT_FILENO);
      execlp("python3", "python3", program.c_str(), nullptr);
      _exit(127);
    }
    close(in[0]);
    close(out[1]);
    to_ = in[1];
    from_ = out[0];
    facts_ = Answer();
  }
  TestServer(const TestServer&) = delete;
  TestServer& operator=(const TestServer&) = delete;
  ~TestServer() {
    close(to_);
    close(from_);
    if (pid_ > 0) waitpid(pid_, nullptr, 0);
  }

  // The program that is not on this machine, or empty.
  std::string missing() const {
    return facts_.is_object() ? facts_["missing"].AsString() : std::string("python3");
  }
  const Json& operator[](std::string_view fact) const { return facts_[fact]; }

  Json Ask(std::string line) {
    line += '\n';
    return write(to_, line.data(), line.size()) < 0 ? Json() : Answer();
  }

 private:
  Json Answer() {
    std::string line;
    for (char c; read(from_, &c, 1) == 1 && c != '\n';) line += c;
    return Json::Parse(line).value_or(Json());
  }

  pid_t pid_ = -1;
  int to_ = -1, from_ = -1;
  Json facts_;
};

}  // namespace andon::io
