#include "tuner/whole_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "base/error.h"

namespace trtllm::tuner {
namespace {

bool write_all(int file, const std::string& text) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t count = ::write(file, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR) return false;
    done += count > 0 ? static_cast<size_t>(count) : 0;
  }
  return ::fsync(file) == 0;
}

}  // namespace

void write_whole_file(const std::string& path, const std::string& text) {
  const std::string partial = path + ".tmp-" + std::to_string(::getpid());
  const auto fail = [&] {
    const std::string reason = std::strerror(errno);
    ::unlink(partial.c_str());
    throw Error("IO_ERROR", path + " could not be written: " + reason);
  };
  const int file = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) fail();
  const bool is_written = write_all(file, text);
  const bool is_closed = ::close(file) == 0;
  if (!is_written || !is_closed || std::rename(partial.c_str(), path.c_str()) != 0) fail();
}

}  // namespace trtllm::tuner
