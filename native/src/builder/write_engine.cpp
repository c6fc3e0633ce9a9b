#include "builder/write_engine.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <mutex>
#include <unordered_map>

#include "base/error.h"
#include "base/thread_team.h"
#include "builder/pack.h"
#include "builder/row_source.h"
#include "engine_file/engine_writer.h"

namespace trtllm::builder {
namespace {

using engine_file::EngineWriter;
using engine_file::Layout;
using engine_file::SectionSpec;

// Packed bytes held at once: a batch of tile columns is packed by all threads, then written by one.
constexpr int64_t kBatchBytes = 8 << 20;

SectionSpec spec_of(const Entry& entry) {
  SectionSpec spec{entry.name, entry.layout, entry.dtype, {static_cast<uint64_t>(entry.n)}, static_cast<uint64_t>(entry.n_padded()), static_cast<uint64_t>(entry.k_padded())};
  if (entry.layout == Layout::tile16) spec.shape.push_back(static_cast<uint64_t>(entry.k));
  if (entry.layout == Layout::group16) spec.shape.push_back(static_cast<uint64_t>(entry.num_groups()));
  if (entry.dtype == DType::int4) spec.group_size = static_cast<uint32_t>(entry.quantize->group_size);
  return spec;
}

std::vector<SectionSpec> specs_of(const BuildPlan& plan) {
  std::vector<SectionSpec> specs;
  for (const Entry& entry : plan.entries) specs.push_back(spec_of(entry));
  return specs;
}

// One thread's memory.
struct Scratch {
  std::vector<std::byte> raw;
  std::vector<float> rows;
  std::vector<QuantizedRow> quantized{kTileColumns};
  std::vector<ConversionStats> stats;  // one for each part of the entry at hand
};

// One side of 16 quantized rows: codes in tiles, or for each scale in turn its value of the 16 outputs.
void pack_quantized(const Entry& entry, std::span<std::byte> out, Scratch& scratch) {
  const Quantize& quantize = *entry.quantize;
  for (int64_t i = 0; i < kTileColumns; ++i)
    quantize_row({scratch.rows.data() + i * entry.k, static_cast<size_t>(entry.k)}, quantize.scheme, quantize.group_size, scratch.quantized[i]);
  if (quantize.output == Output::codes) return pack_code_column(scratch.quantized, entry.k, entry.dtype, out);
  for (int64_t i = 0; i < kTileColumns; ++i) {
    const QuantizedRow& row = scratch.quantized[i];
    if (quantize.output == Output::scale) std::memcpy(&out[i * 4], &row.scale, 4);
    for (int64_t g = 0; quantize.output == Output::group_scale && g < entry.num_groups(); ++g) std::memcpy(&out[(g * kTileColumns + i) * 4], &row.group_scales[g], 4);
    for (int64_t g = 0; quantize.output == Output::multiplier && g < entry.num_groups(); ++g) out[g * kTileColumns + i] = static_cast<std::byte>(row.multipliers[g]);
  }
}

// 16 rows of the entry, from `column` * 16 on, into the tiles of that column.
void pack_column(const Entry& entry, const SourceFiles& sources, int64_t column, std::span<std::byte> out, Scratch& scratch) {
  scratch.rows.resize(static_cast<size_t>(kTileColumns * entry.k));
  for (int64_t i = 0; i < kTileColumns; ++i) {
    const std::span<float> row{scratch.rows.data() + i * entry.k, static_cast<size_t>(entry.k)};
    read_row(entry, sources, column * kTileColumns + i, row, scratch.raw, scratch.stats);
  }
  if (entry.quantize) pack_quantized(entry, out, scratch);
  else pack_tile_column(scratch.rows.data(), entry.k, entry.dtype, out);
}

class Packer {
 public:
  Packer(const BuildPlan& plan, EngineWriter& writer, int num_threads, const std::function<void(const Progress&)>& on_progress)
      : plan_(plan), sources_(plan.sources), writer_(writer), team_(num_threads), scratch_(num_threads), on_progress_(on_progress) {
    for (const SectionSpec& section : writer.sections()) progress_.total_bytes += section.bytes();
  }

  void write(size_t section, const Entry& entry) {
    progress_.entry = &entry.name;
    for (Scratch& scratch : scratch_) scratch.stats.assign(entry.parts.size(), {});
    writer_.begin_section(section);
    if (entry.layout == Layout::vector && !entry.quantize) write_vector(entry);
    else write_tiles(entry);
    writer_.end_section();
    account(entry);
  }

  const std::map<SourceDtype, ConversionStats>& converted() const { return converted_; }

 private:
  void write_vector(const Entry& entry) {
    std::vector<float> values(static_cast<size_t>(entry.n_padded()), 0.0f);
    for (int64_t i = 0; i < entry.n; ++i) read_row(entry, sources_, i, {values.data() + i, 1}, scratch_[0].raw, scratch_[0].stats);
    append(std::as_bytes(std::span(values)));
  }

  void write_tiles(const Entry& entry) {
    const int64_t column_bytes = entry.column_bytes();
    const int64_t num_columns = entry.n_padded() / kTileColumns;
    const int64_t batch = std::clamp<int64_t>(kBatchBytes / column_bytes, 1, num_columns);
    std::vector<std::byte> packed(static_cast<size_t>(batch * column_bytes));
    for (int64_t first = 0; first < num_columns; first += batch) {
      const int64_t count = std::min(batch, num_columns - first);
      const std::span<std::byte> out{packed.data(), static_cast<size_t>(count * column_bytes)};
      std::fill(out.begin(), out.end(), std::byte{0});
      WorkCounter counter;
      in_parallel([&](int thread) {
        for (int i; (i = counter.take(static_cast<int>(count))) >= 0;)
          pack_column(entry, sources_, first + i, out.subspan(static_cast<size_t>(i * column_bytes), static_cast<size_t>(column_bytes)), scratch_[thread]);
      });
      append(out);
    }
  }

  // Runs on every thread; the first exception is thrown here.
  void in_parallel(const std::function<void(int)>& task) {
    std::mutex mutex;
    std::exception_ptr failure;
    team_.run([&](int thread) {
      try {
        task(thread);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
      }
    });
    if (failure) std::rethrow_exception(failure);
  }

  void append(std::span<const std::byte> bytes) {
    writer_.append(bytes);
    progress_.done_bytes += bytes.size();
    on_progress_(progress_);
  }

  void account(const Entry& entry) {
    for (size_t i = 0; i < entry.parts.size(); ++i) {
      ConversionStats stats;
      for (const Scratch& scratch : scratch_) stats.merge(scratch.stats[i]);
      if (plan_.check_finite && stats.num_nonfinite > 0)
        throw Error("TENSOR_NONFINITE", entry.parts[i].tensor + " (" + entry.name + "): " + std::to_string(stats.num_nonfinite) +
                                            " values are NaN, infinite or too large for the stored type; give --allow-nonfinite to build anyway");
      converted_[entry.parts[i].dtype].merge(stats);
    }
  }

  const BuildPlan& plan_;
  SourceFiles sources_;
  EngineWriter& writer_;
  ThreadTeam team_;
  std::vector<Scratch> scratch_;
  const std::function<void(const Progress&)>& on_progress_;
  Progress progress_;
  std::map<SourceDtype, ConversionStats> converted_;
};

// `on_open` hears of the writer while it lives, and of its end however that comes.
class OpenNotice {
 public:
  OpenNotice(const std::function<void(const EngineWriter*)>& on_open, const EngineWriter& writer) : on_open_(on_open) {
    if (on_open_) on_open_(&writer);
  }
  ~OpenNotice() {
    if (on_open_) on_open_(nullptr);
  }
  OpenNotice(const OpenNotice&) = delete;

 private:
  const std::function<void(const EngineWriter*)>& on_open_;
};

}  // namespace

BuildResult write_engine(const BuildPlan& plan, const std::string& directory, const Sha256Digest& manifest_sha256, int num_threads,
                         const std::function<void(const Progress&)>& on_progress, const std::function<void(const EngineWriter*)>& on_open) {
  EngineWriter writer(directory + "/" + plan.output, plan.rank, specs_of(plan));
  const OpenNotice notice(on_open, writer);
  std::unordered_map<std::string, const Entry*> by_name;
  for (const Entry& entry : plan.entries) by_name[entry.name] = &entry;
  Packer packer(plan, writer, num_threads, on_progress);
  for (size_t i = 0; i < writer.sections().size(); ++i) packer.write(i, *by_name.at(writer.sections()[i].name));
  writer.finish(manifest_sha256);
  return {writer.file_bytes(), packer.converted()};
}

}  // namespace trtllm::builder
