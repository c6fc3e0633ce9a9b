// A small engine directory in a temporary folder: two sections, a manifest, a graph that nobody reads.
#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <unistd.h>
#include <vector>

#include "base/sha256.h"
#include "engine_file/engine_writer.h"

namespace trtllm::engine_file {

inline std::vector<std::byte> read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
  return {bytes, bytes + text.size()};
}

inline void write_bytes(const std::string& path, std::span<const std::byte> bytes) {
  std::ofstream(path, std::ios::binary).write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

struct EngineDirectory {
  EngineDirectory() {
    static int count = 0;
    path = std::filesystem::temp_directory_path() / ("trtllm-engine-file-" + std::to_string(getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directory(path);
    const std::string graph = "{}";
    manifest = R"({"trtllm":{"format_version":1,"graph_sha256":")" + to_hex(sha256(graph)) + "\"}}";
    write_bytes(path + "/graph.json", std::as_bytes(std::span(graph)));
    write_bytes(path + "/config.json", std::as_bytes(std::span(manifest)));
    EngineWriter writer(file(), 0, {{"b.weight", Layout::tile16, DType::bfloat16, {20, 40}, 32, 64}, {"a.norm", Layout::vector, DType::float32, {10}, 16, 1}});
    for (size_t i = 0; i < writer.sections().size(); ++i) {
      writer.begin_section(i);
      writer.append(std::vector<std::byte>(writer.sections()[i].bytes(), static_cast<std::byte>(i + 1)));
      writer.end_section();
    }
    writer.finish(sha256(manifest));
  }
  ~EngineDirectory() { std::filesystem::remove_all(path); }
  std::string file() const { return path + "/rank0.engine"; }

  std::string path, manifest;
};

}  // namespace trtllm::engine_file
