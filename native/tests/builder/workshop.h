// What the builder's tests share: a checkpoint file, plans over it, and the engine files that come out.
#pragma once

#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "builder/build_plan.h"
#include "builder/check_sources.h"
#include "builder/write_engine.h"

namespace trtllm::builder {

using nlohmann::json;

// A checkpoint file, a plan over it, and the sections that came out.
struct Workshop {
  Workshop() {
    std::string pattern = (std::filesystem::temp_directory_path() / "trtllm-builder-XXXXXX").string();
    folder = mkdtemp(pattern.data());
  }
  ~Workshop() { std::filesystem::remove_all(folder); }

  // Adds a tensor of floats stored as `dtype`; its values are kept in float.
  void tensor(const std::string& name, const std::string& dtype, std::vector<int64_t> shape, const std::vector<float>& values) {
    const size_t begin = data.size();
    for (float value : values) {
      uint16_t half = float_to_bf16(value);
      if (dtype == "F32") data.append(reinterpret_cast<const char*>(&value), 4);
      else data.append(reinterpret_cast<const char*>(&half), 2);
    }
    header[name] = {{"dtype", dtype}, {"shape", shape}, {"data_offsets", {begin, data.size()}}};
  }

  json part(const std::string& name, int64_t row_begin, int64_t row_end) const {
    const json& entry = header[name];
    const std::string text = header.dump();
    return {{"source", 0}, {"tensor", name}, {"dtype", entry["dtype"]}, {"shape", entry["shape"]}, {"offset", 8 + text.size() + entry["data_offsets"][0].get<size_t>()}, {"rows", {row_begin, row_end}}};
  }

  json plan(const std::vector<json>& entries) {
    const std::string text = header.dump();
    const uint64_t length = text.size();
    std::ofstream file(folder + "/model.safetensors", std::ios::binary);
    file.write(reinterpret_cast<const char*>(&length), 8);
    file << text << data;
    return {{"plan_version", 1}, {"rank", 0}, {"output", "rank0.engine"}, {"sources", json::array({{{"file", folder + "/model.safetensors"}, {"bytes", 8 + text.size() + data.size()}}})},
            {"entries", entries}, {"output_bytes", 0}, {"check_finite", true}};
  }

  std::vector<std::byte> build(const json& plan_json, int threads = 1) {
    const std::string path = folder + "/rank0.engine";
    std::filesystem::remove(path);
    const BuildPlan plan = parse_build_plan(plan_json.dump());
    check_sources(plan);
    write_engine(plan, folder, {}, threads, [](const Progress&) {});
    std::ifstream file(path, std::ios::binary);
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    const auto* bytes = reinterpret_cast<const std::byte*>(text.data());
    return {bytes, bytes + text.size()};
  }

  std::string folder, data;
  json header = json::object();
};

inline json entry_of(const std::string& name, std::vector<int64_t> shape, const std::vector<json>& parts, const char* dtype = "bfloat16", const char* arrange = "concat") {
  return {{"name", name}, {"layout", shape.size() == 1 ? "vector" : "tile16"}, {"dtype", dtype}, {"shape", shape}, {"parts", parts}, {"arrange", arrange}};
}

inline std::vector<float> random_values(size_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

inline std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.code() + ": " + error.what();
  }
  return "";
}

}  // namespace trtllm::builder
