// A trtllm-worker under test, spoken to over a socket as the runtime does.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "worker/frame_codec.h"

namespace trtllm::worker {

class WorkerChild {
 public:
  explicit WorkerChild(const std::vector<std::string>& arguments) {
    int sockets[2], errors[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    EXPECT_EQ(::pipe2(errors, O_CLOEXEC), 0);
    pid_ = ::fork();
    if (pid_ == 0) run(sockets[1], errors[1], arguments);
    ::close(sockets[1]);
    ::close(errors[1]);
    socket_ = sockets[0];
    errors_ = errors[0];
  }
  ~WorkerChild() {
    close_socket();
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
    ::close(errors_);
  }
  WorkerChild(const WorkerChild&) = delete;
  WorkerChild& operator=(const WorkerChild&) = delete;

  // The executables lie side by side in the build folder.
  static std::string executable() { return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "trtllm-worker").string(); }

  void send(const nlohmann::json& header, const std::vector<int32_t>& tail = {}) { send_bytes(encode_frame(header, std::as_bytes(std::span(tail)))); }
  void send_bytes(const std::string& bytes) { EXPECT_EQ(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL), static_cast<ssize_t>(bytes.size())); }

  // The next frame; nothing when the worker closed the connection or said nothing for 30 s.
  std::optional<Frame> receive() {
    while (true) {
      if (std::optional<Frame> frame = decoder_.next()) return frame;
      pollfd waiting{.fd = socket_, .events = POLLIN, .revents = 0};
      if (::poll(&waiting, 1, 30'000) <= 0) return std::nullopt;
      std::byte bytes[4096];
      const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
      if (count <= 0) return std::nullopt;
      decoder_.push(std::span(bytes, static_cast<size_t>(count)));
    }
  }

  // The next frame of that type, others skipped.
  std::optional<Frame> receive(const std::string& type) {
    while (std::optional<Frame> frame = receive()) {
      if (frame->header["type"] == type) return frame;
    }
    return std::nullopt;
  }

  void close_socket() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }

  // Reads what it still says, then its exit status; -signal where one ended it.
  int wait() {
    while (socket_ >= 0 && receive()) {
    }
    int status = 0;
    ::waitpid(std::exchange(pid_, -1), &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  // What it wrote to standard error; call after wait().
  std::string errors() {
    std::string text;
    char bytes[4096];
    for (ssize_t count; (count = ::read(errors_, bytes, sizeof bytes)) > 0;) text.append(bytes, static_cast<size_t>(count));
    return text;
  }

 private:
  [[noreturn]] static void run(int socket, int errors, const std::vector<std::string>& arguments) {
    ::dup2(socket, STDIN_FILENO);
    ::dup2(errors, STDERR_FILENO);
    std::string program = executable();
    std::vector<char*> argv{program.data()};
    for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }

  pid_t pid_ = -1;
  int socket_ = -1, errors_ = -1;
  FrameDecoder decoder_;
};

}  // namespace trtllm::worker
