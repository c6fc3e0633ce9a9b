#include "program/tiny_engine.h"

#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <random>

#include "base/sha256.h"
#include "engine_file/engine_writer.h"

namespace trtllm::program {
namespace {

constexpr uint32_t kGroupSize = 32;

class EngineFiles {
 public:
  EngineFiles(const TinyShape& shape, std::string directory)
      : shape_(shape), dtype_(shape.dtype == "float32" ? DType::float32 : DType::bfloat16), directory_(std::move(directory)) {}

  void write() const {
    write_text("graph.json", tiny_graph(shape_).dump());
    write_text("config.json", manifest().dump());
    write_weights();
  }

 private:
  nlohmann::json manifest() const {
    return {{"version", "0.0.0"},
            {"pretrained_config", {{"dtype", shape_.dtype}, {"vocab_size", shape_.vocab_size}}},
            {"build_config", {{"max_batch_size", shape_.max_batch_size}, {"max_num_tokens", shape_.max_num_tokens}, {"max_seq_len", shape_.max_positions}}},
            {"trtllm",
             {{"format_version", 1},
              {"model_name", "tiny"},
              {"graph_sha256", to_hex(sha256(tiny_graph(shape_).dump()))},
              {"rank_files", nlohmann::json::array()}}}};
  }

  void write_text(const std::string& name, const std::string& text) const { std::ofstream(directory_ + "/" + name) << text; }

  std::vector<engine_file::SectionSpec> sections() const {
    std::vector<engine_file::SectionSpec> all;
    const auto vector = [&](const std::string& name, int n) {
      all.push_back({name, engine_file::Layout::vector, DType::float32, {static_cast<uint64_t>(n)}, static_cast<uint64_t>(round_up(n, 16)), 1});
    };
    const auto groups = [&](const std::string& name, DType dtype, int n, int k) {
      const auto count = static_cast<uint64_t>((k + kGroupSize - 1) / kGroupSize);
      all.push_back({name, engine_file::Layout::group16, dtype, {static_cast<uint64_t>(n), count}, static_cast<uint64_t>(round_up(n, 16)), count});
    };
    const auto quantized = [&](const std::string& name, int n, int k) {
      const bool is_int8 = shape_.qformat.starts_with("int8");
      all.push_back({name, engine_file::Layout::tile16, is_int8 ? DType::int8 : DType::int4, {static_cast<uint64_t>(n), static_cast<uint64_t>(k)},
                     static_cast<uint64_t>(round_up(n, 16)), static_cast<uint64_t>(round_up(k, 64)), is_int8 ? 0u : kGroupSize});
      if (shape_.qformat == "int4_wo") return groups(name + ".group_scale", DType::float32, n, k);
      vector(name + ".scale", n);
      if (shape_.qformat == "w4a8") groups(name + ".multiplier", DType::int8, n, k);
    };
    const auto matrix = [&](const std::string& name, int n, int k) {
      if (!shape_.qformat.empty()) return quantized(name, n, k);
      all.push_back({name, engine_file::Layout::tile16, dtype_, {static_cast<uint64_t>(n), static_cast<uint64_t>(k)},
                     static_cast<uint64_t>(round_up(n, 16)), static_cast<uint64_t>(round_up(k, 32))});
    };
    const auto linear = [&](const std::string& name, int n, int k) {
      matrix(name, n, k);
      if (shape_.has_bias) vector(name + ".bias", n);
    };
    const int q_width = shape_.num_heads * shape_.head_dim, kv_width = shape_.num_kv_heads * shape_.head_dim;
    matrix("embedding", shape_.vocab_size, shape_.hidden_size);
    if (!shape_.is_tied) matrix("lm_head", shape_.vocab_size, shape_.hidden_size);
    vector("final_norm", shape_.hidden_size);
    for (int i = 0; i < shape_.num_layers; ++i) {
      const std::string layer = "layers." + std::to_string(i) + ".";
      vector(layer + "attention_norm", shape_.hidden_size);
      linear(layer + "attention.qkv", q_width + 2 * kv_width, shape_.hidden_size);
      if (shape_.has_qk_norm) vector(layer + "attention.q_norm", shape_.head_dim);
      if (shape_.has_qk_norm) vector(layer + "attention.k_norm", shape_.head_dim);
      linear(layer + "attention.output", shape_.hidden_size, q_width);
      vector(layer + "mlp_norm", shape_.hidden_size);
      linear(layer + "mlp.gate_up", 2 * static_cast<int>(round_up(shape_.intermediate_size, 16)), shape_.hidden_size);
      linear(layer + "mlp.down", shape_.hidden_size, shape_.intermediate_size);
    }
    return all;
  }

  void write_weights() const {
    engine_file::EngineWriter writer(directory_ + "/rank0.engine", 0, sections());
    std::mt19937 random(1);
    for (size_t i = 0; i < writer.sections().size(); ++i) {
      const engine_file::SectionSpec& section = writer.sections()[i];
      writer.begin_section(i);
      writer.append(bytes_of(section, random));
      writer.end_section();
    }
    writer.finish(sha256(manifest().dump()));
  }

  std::span<const std::byte> bytes_of(const engine_file::SectionSpec& section, std::mt19937& random) const {
    if (section.dtype == DType::int8 || section.dtype == DType::int4) return code_bytes(section, random);
    return section.layout == engine_file::Layout::tile16 ? tile16_bytes(section, random) : vector_bytes(section, random);
  }

  // Any codes will do, padding included: inputs are zero there. Multipliers: 1 to 15.
  std::span<const std::byte> code_bytes(const engine_file::SectionSpec& section, std::mt19937& random) const {
    std::vector<uint8_t> bytes(section.bytes());
    const bool is_multiplier = section.layout == engine_file::Layout::group16;
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(is_multiplier ? 1 + random() % 15 : random());
    return keep(bytes);
  }

  // Biases and norms; scales so that weights come out as large as the plain ones.
  std::span<const std::byte> vector_bytes(const engine_file::SectionSpec& section, std::mt19937& random) const {
    const bool is_norm = section.name.find("norm") != std::string::npos;
    const bool is_scale = section.name.ends_with("scale");
    std::normal_distribution<float> noise(is_norm ? 1.0f : is_scale ? 0.003f : 0.0f, is_scale ? 0.0003f : 0.1f);
    const size_t columns = section.layout == engine_file::Layout::vector ? 1 : section.k_padded;
    std::vector<float> values(section.n_padded * columns, 0.0f);
    for (size_t i = 0; i < section.shape[0] * columns; ++i) values[i] = noise(random);
    return keep(values);
  }

  // docs/engine-format.md, tile16; padding rows of gate and up inside gate_up are zero too.
  std::span<const std::byte> tile16_bytes(const engine_file::SectionSpec& section, std::mt19937& random) const {
    const size_t k_padded = section.k_padded;
    std::normal_distribution<float> noise(0.0f, 1.5f / std::sqrt(static_cast<float>(section.shape[1])));
    std::vector<float> floats(section.n_padded * k_padded, 0.0f);
    std::vector<uint16_t> halves(dtype_ == DType::bfloat16 ? floats.size() : 0, 0);
    for (size_t n = 0; n < section.shape[0]; ++n) {
      if (section.name.ends_with("gate_up") && n / 32 * 16 + n % 16 >= static_cast<size_t>(shape_.intermediate_size)) continue;
      for (size_t k = 0; k < section.shape[1]; ++k) {
        const float value = noise(random);
        floats[(n / 16 * k_padded + k) * 16 + n % 16] = value;
        if (!halves.empty()) halves[((n / 16 * (k_padded / 32) + k / 32) * 16 + k % 32 / 2) * 32 + n % 16 * 2 + k % 2] = float_to_bf16(value);
      }
    }
    return halves.empty() ? keep(floats) : keep(halves);
  }

  template <class Value>
  std::span<const std::byte> keep(const std::vector<Value>& values) const {
    const auto bytes = std::as_bytes(std::span(values));
    section_bytes_.assign(bytes.begin(), bytes.end());
    return section_bytes_;
  }

  const TinyShape& shape_;
  DType dtype_;
  std::string directory_;
  mutable std::vector<std::byte> section_bytes_;
};

}  // namespace

TinyEngine::TinyEngine(const TinyShape& shape) {
  std::string pattern = (std::filesystem::temp_directory_path() / "tiny-engine-XXXXXX").string();
  directory_ = mkdtemp(pattern.data());
  EngineFiles(shape, directory_).write();
}

TinyEngine::~TinyEngine() { std::filesystem::remove_all(directory_); }

}  // namespace trtllm::program
