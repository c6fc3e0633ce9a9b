#include "tuner/linear_timer.h"

#include <chrono>
#include <cmath>
#include <cstring>
#include <random>

namespace trtllm::tuner {
namespace {

using program::LinearPhase;

constexpr float kCodeDeviation = 32;  // a quarter of int8's range

bool is_alike(const LinearPhase& a, const LinearPhase& b) {
  return program::linear_name(a) == program::linear_name(b) && a.rows == b.rows && (a.bias == nullptr) == (b.bias == nullptr);
}

// Codes, their sums and a scale: a row as `quantize` leaves it.
void fill_int8_row(std::byte* row, int width, std::mt19937& random) {
  std::normal_distribution<float> normal(0, kCodeDeviation);
  auto* codes = reinterpret_cast<int8_t*>(row);
  auto* sums = reinterpret_cast<int32_t*>(row + ops::Int8Row::sums_offset(width));
  int32_t sum = 0;
  for (int k = 0; k < round_up(width, 64); ++k) {
    if (k % ops::Int8Row::kSumCodes == 0) sums[k / ops::Int8Row::kSumCodes] = sum;
    codes[k] = k < width ? static_cast<int8_t>(std::clamp(std::lround(normal(random)), -127L, 127L)) : int8_t{0};
    sum += codes[k];
  }
  std::memcpy(row + ops::Int8Row::total_offset(width), &sum, sizeof sum);
  constexpr float kScale = 0.01f;
  std::memcpy(row + ops::Int8Row::scale_offset(width), &kScale, sizeof kScale);
}

void fill_row(std::byte* row, int width, ops::ActivationStorage storage, std::mt19937& random) {
  std::normal_distribution<float> normal;
  for (int k = 0; k < width; ++k) {
    const float value = round_to_bf16(normal(random));
    if (storage == ops::ActivationStorage::bfloat16) reinterpret_cast<uint16_t*>(row)[k] = float_to_bf16(value);
    else reinterpret_cast<float*>(row)[k] = value;
  }
}

program::Program bind(const engine_file::EngineReader& engine) {
  return program::bind_program(program::parse_graph(engine.graph_text()), program::WeightSource(engine));
}

}  // namespace

LinearTimer::LinearTimer(const std::string& engine, ops::Isa isa, int num_threads, int max_rows, int max_logit_rows)
    : engine_(std::make_unique<engine_file::EngineReader>(engine, 0)),
      kernels_(ops::kernels(isa, program::parse_graph(engine_->graph_text()).dtype)),
      program_(bind(*engine_)),
      workspace_(program_, kernels_, num_threads, max_rows, max_logit_rows),
      team_(num_threads),
      ranges_(num_threads) {
  engine_->will_need();
}

std::vector<Alike> LinearTimer::groups() const {
  std::vector<Alike> groups;
  for (const program::Phase& phase : program_.phases) {
    const auto* linear = std::get_if<LinearPhase>(&phase);
    if (linear == nullptr) continue;
    const auto group = std::ranges::find_if(groups, [&](const Alike& alike) { return is_alike(*alike.front(), *linear); });
    if (group == groups.end()) groups.push_back({linear});
    else group->push_back(linear);
  }
  return groups;
}

void LinearTimer::fill_input(const Alike& alike, int rows) {
  std::mt19937 random(1);
  const LinearPhase& phase = *alike.front();
  for (int row = 0; row < rows; ++row) {
    std::byte* input = workspace_.row(phase.input, row);
    if (phase.is_int8) fill_int8_row(input, phase.weight.k, random);
    else fill_row(input, phase.weight.k, kernels_.activation, random);
  }
}

double LinearTimer::time(const Alike& alike, int rows, const program::Tactic& tactic, int count) {
  const size_t first = next_;
  next_ += static_cast<size_t>(count);
  const auto start = std::chrono::steady_clock::now();
  team_.run([&](int thread) {
    kernels_.thread_begin();
    for (int i = 0; i < count; ++i) {
      const LinearPhase& phase = *alike[(first + static_cast<size_t>(i)) % alike.size()];
      program::deal_linear(phase, ranges_, thread);
      team_.barrier();
      program::run_linear({.phase = phase, .kernels = kernels_, .workspace = workspace_, .rows = rows, .num_threads = team_.size(), .vocab_size = program_.vocab_size, .tactic = tactic},
                          ranges_, thread);
      team_.barrier();
    }
    kernels_.thread_end();
  });
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() / count;
}

}  // namespace trtllm::tuner
