#include "base/host_limits.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

namespace trtllm {
namespace {

namespace fs = std::filesystem;

// A machine's /proc and /sys/fs/cgroup, as far as they are read.
class FakeRoot {
 public:
  FakeRoot() {
    std::string pattern = (fs::temp_directory_path() / "host-limits-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~FakeRoot() { fs::remove_all(path_); }

  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((path_ / file).parent_path());
    std::ofstream(path_ / file) << text;
  }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

TEST(HostLimits, WithoutAGroupItIsWhatTheMachineHas) {
  const FakeRoot root;
  root.write("proc/meminfo", "MemTotal: 9000 kB\nMemAvailable:    4000 kB\n");
  EXPECT_EQ(available_memory_bytes(root.path()), 4000 * 1024);
}

TEST(HostLimits, TheTightestGroupOfTheTreeCounts) {
  const FakeRoot root;
  root.write("proc/meminfo", "MemAvailable: 4000 kB\n");
  root.write("proc/self/cgroup", "0::/a/b\n");
  root.write("sys/fs/cgroup/a/memory.max", "1000000\n");
  root.write("sys/fs/cgroup/a/memory.current", "400000\n");
  root.write("sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 100000\n");
  root.write("sys/fs/cgroup/a/b/memory.max", "max\n");
  root.write("sys/fs/cgroup/a/b/memory.current", "1\n");
  EXPECT_EQ(available_memory_bytes(root.path()), 700000);
}

TEST(HostLimits, GroupsOfVersion1AreRead) {
  const FakeRoot root;
  root.write("proc/meminfo", "MemAvailable: 4000 kB\n");
  root.write("proc/self/cgroup", "5:memory:/c\n");
  root.write("sys/fs/cgroup/memory/c/memory.limit_in_bytes", "500000\n");
  root.write("sys/fs/cgroup/memory/c/memory.usage_in_bytes", "200000\n");
  EXPECT_EQ(available_memory_bytes(root.path()), 300000);
}

TEST(HostLimits, AQuotaOfProcessorTimeLowersTheCores) {
  const FakeRoot root;
  root.write("sys/fs/cgroup/cpu.max", "max 100000\n");
  const int all = usable_cores(root.path());
  EXPECT_GE(all, 1);
  root.write("sys/fs/cgroup/cpu.max", "150000 100000\n");
  EXPECT_EQ(usable_cores(root.path()), 1);
}

}  // namespace
}  // namespace trtllm
