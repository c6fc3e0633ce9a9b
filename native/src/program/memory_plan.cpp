#include "program/memory_plan.h"

#include <algorithm>
#include <numeric>

namespace trtllm::program {
namespace {

// What a phase reads from before it, and what it writes. Threads take rows of a phase at their own pace: within it all is needed at once.
class Touched {
 public:
  Touched(const Phase& phase, int num_buffers) : reads_(num_buffers), writes_(num_buffers) {
    std::visit([this](const auto& known) { add(known); }, phase);
  }

  bool reads(int buffer) const { return reads_[buffer]; }
  bool writes(int buffer) const { return writes_[buffer]; }

 private:
  void read(int buffer) { reads_[buffer] = reads_[buffer] || !writes_[buffer]; }
  void write(int buffer) { writes_[buffer] = true; }

  void add(const RowPhase& phase) {
    for (const RowOp& op : phase.ops) std::visit([this](const auto& known) { add(known); }, op);
  }
  void add(const LinearPhase& phase) {
    read(phase.input);
    const int output = phase.output == kLogits ? static_cast<int>(writes_.size()) - 1 : phase.output;
    if (phase.epilogue == ops::Epilogue::add_residual) read(output);
    write(output);
  }
  void add(const AttentionPhase& phase) {
    read(phase.qkv);
    write(phase.output);
  }
  void add(const EmbedOp& op) { write(op.output); }
  void add(const HeadNormOp& op) { read(op.heads.buffer); }
  void add(const RopeOp& op) { read(op.heads.buffer); }
  void add(const KvWriteOp& op) { read(op.qkv); }
  template <typename Op>  // norm, quantize, select_rows: rows of one buffer to rows of another
  void add(const Op& op) {
    read(op.input);
    write(op.output);
  }

  std::vector<bool> reads_, writes_;
};

bool live_together(int a, int b, const std::vector<std::vector<bool>>& live) {
  return std::ranges::any_of(live, [&](const std::vector<bool>& phase) { return phase[a] && phase[b]; });
}

struct Range {
  int64_t begin, end;
};

// The lowest gap of that many bytes between ranges sorted by their begin.
int64_t lowest_gap(const std::vector<Range>& taken, int64_t bytes) {
  int64_t place = 0;
  for (const Range& range : taken) {
    if (range.begin - place >= bytes) break;
    place = std::max(place, range.end);
  }
  return place;
}

}  // namespace

std::vector<std::vector<bool>> live_buffers(const Program& program) {
  const int num_buffers = static_cast<int>(program.buffers.size()) + 1;
  std::vector<std::vector<bool>> live(program.phases.size(), std::vector<bool>(num_buffers));
  std::vector<bool> needed_after(num_buffers);
  needed_after.back() = true;
  for (size_t phase = program.phases.size(); phase-- > 0;) {
    const Touched touched(program.phases[phase], num_buffers);
    for (int buffer = 0; buffer < num_buffers; ++buffer) {
      live[phase][buffer] = needed_after[buffer] || touched.reads(buffer) || touched.writes(buffer);
      needed_after[buffer] = touched.reads(buffer) || (needed_after[buffer] && !touched.writes(buffer));
    }
  }
  return live;
}

MemoryPlan place_buffers(const std::vector<int64_t>& bytes, const std::vector<std::vector<bool>>& live) {
  std::vector<int> order(bytes.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::ranges::greater{}, [&](int buffer) { return bytes[buffer]; });
  MemoryPlan plan{.offsets = std::vector<int64_t>(bytes.size())};
  for (size_t at = 0; at < order.size(); ++at) {
    std::vector<Range> taken;
    for (size_t before = 0; before < at; ++before) {
      const int other = order[before];
      if (live_together(order[at], other, live)) taken.push_back({plan.offsets[other], plan.offsets[other] + round_up(bytes[other], kPageBytes)});
    }
    std::ranges::sort(taken, std::ranges::less{}, &Range::begin);
    const int64_t begin = lowest_gap(taken, bytes[order[at]]);
    plan.offsets[order[at]] = begin;
    plan.bytes = std::max(plan.bytes, begin + round_up(bytes[order[at]], kPageBytes));
  }
  return plan;
}

}  // namespace trtllm::program
