#include "base/host_limits.h"

#include <sched.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>
#include <string>

namespace trtllm {
namespace {

namespace fs = std::filesystem;
constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();

// The number behind `key` in a file of "key number" lines; with an empty key, the file's first word.
std::optional<int64_t> read_number(const fs::path& file, const std::string& key = "") {
  std::ifstream stream(file);
  std::string word;
  while (stream >> word) {
    if (!key.empty() && word != key) {
      stream.ignore(kUnlimited, '\n');
      continue;
    }
    if (!key.empty()) stream >> word;
    char* end = nullptr;
    const long long value = std::strtoll(word.c_str(), &end, 10);
    return end == word.c_str() ? std::nullopt : std::optional<int64_t>(value);  // "max" is no number
  }
  return std::nullopt;
}

int64_t machine_bytes(const fs::path& root) {
  const std::optional<int64_t> kib = read_number(root / "proc/meminfo", "MemAvailable:");
  return kib ? *kib * 1024 : kUnlimited;
}

// What one group leaves. Cached file pages count as free: the kernel gives them up.
int64_t group_bytes(const fs::path& group, const char* limit_file, const char* usage_file, const std::string& cache_key) {
  const std::optional<int64_t> limit = read_number(group / limit_file);
  const std::optional<int64_t> usage = read_number(group / usage_file);
  if (!limit || !usage) return kUnlimited;
  const int64_t cached = read_number(group / "memory.stat", cache_key).value_or(0);
  return std::max<int64_t>(0, *limit - std::max<int64_t>(0, *usage - cached));
}

// The path after the last ':' of the line that begins with `prefix`: "0::/a/b" or "5:memory:/a/b".
std::string group_path(const fs::path& root, bool is_version_2) {
  std::ifstream stream(root / "proc/self/cgroup");
  for (std::string line; std::getline(stream, line);) {
    const bool matches = is_version_2 ? line.starts_with("0::") : line.find(":memory:") != std::string::npos;
    if (matches) return line.substr(line.rfind(':') + 1);
  }
  return "/";
}

// The tightest of a group and all above it.
template <class Limit>
int64_t tightest(const fs::path& mount, const std::string& path, Limit limit) {
  int64_t least = limit(mount);
  fs::path group = mount;
  for (const fs::path& part : fs::path(path).relative_path()) {
    group /= part;
    least = std::min(least, limit(group));
  }
  return least;
}

// cpu.max is "QUOTA PERIOD" or "max PERIOD": so many microseconds of all cores together a period.
int64_t group_cores(const fs::path& group) {
  std::ifstream stream(group / "cpu.max");
  int64_t quota = 0, period = 0;
  if (!(stream >> quota >> period) || period <= 0) return kUnlimited;
  return std::max<int64_t>(1, quota / period);
}

}  // namespace

int64_t available_memory_bytes(const fs::path& root) {
  const int64_t version_2 = tightest(root / "sys/fs/cgroup", group_path(root, true),
                                     [](const fs::path& group) { return group_bytes(group, "memory.max", "memory.current", "inactive_file"); });
  const int64_t version_1 = tightest(root / "sys/fs/cgroup/memory", group_path(root, false), [](const fs::path& group) {
    return group_bytes(group, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file");
  });
  return std::min({machine_bytes(root), version_2, version_1});
}

int usable_cores(const fs::path& root) {
  cpu_set_t set;
  const int64_t allowed = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;
  return static_cast<int>(std::min(allowed, tightest(root / "sys/fs/cgroup", group_path(root, true), group_cores)));
}

}  // namespace trtllm
