// The machine's limits, against which every speed is read: arithmetic peaks, read bandwidth by working set, barrier latency.
#pragma once

#include <string>
#include <vector>

namespace trtllm::roofline {

struct Options {
  int threads = 0;      // 0: every core that this process may use
  double seconds = 5;   // for all measurements together
};

struct ArithmeticPeak {
  std::string isa;   // "avx2", "avx512", "amx"
  std::string type;  // "fp32": fused multiply-adds in registers; "bf16", "int8": AMX tiles, or dot products of vectors
  int threads;
  double gflops;     // 10^9 operations a second (int8: integer ones), a multiply-add counted as two
};

struct ReadBandwidth {
  std::string level;       // "L1", "L2", "L3", "DRAM"
  long bytes_per_thread;   // working set; DRAM's are far larger than L3 together
  int threads;
  double gbytes_per_second;  // 10^9 bytes
};

struct Roofline {
  std::vector<std::string> isas;  // classes that this machine runs, fastest last
  std::string cpu_features;
  int threads;                    // what "all threads" means below
  std::vector<ArithmeticPeak> arithmetic;  // for 1 thread and for all
  std::vector<ReadBandwidth> read;         // for 1 thread and for all
  double barrier_ns;                       // one barrier of the team of all threads
};

// Throws Error{BAD_FLAG}, and Error{ISA_UNAVAILABLE} on a machine with neither AVX2 nor AVX-512.
Roofline measure(const Options& options);

// One object with the fields above, same names; "seconds" is what the measurement took.
std::string to_json(const Roofline& roofline, double seconds);

}  // namespace trtllm::roofline
