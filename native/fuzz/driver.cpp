// A small mutation loop for compilers without libFuzzer: every seed of a folder as it is, then seeds changed at random.
// Usage: NAME CORPUS [--seconds N]. The random numbers are fixed, so a crash comes back; the input is left in crash-input.
#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

using Input = std::vector<uint8_t>;
Input g_input;  // the one being run, for the signal handler

void save_input(int signal) {
  const int file = ::open("crash-input", O_CREAT | O_TRUNC | O_WRONLY, 0600);
  if (file >= 0) {
    [[maybe_unused]] const ssize_t ignored = ::write(file, g_input.data(), g_input.size());
  }
  std::signal(signal, SIG_DFL);
  ::raise(signal);
}

void run(Input input) {
  g_input = std::move(input);
  LLVMFuzzerTestOneInput(g_input.data(), g_input.size());
}

std::vector<Input> read_corpus(const std::string& folder) {
  std::vector<Input> seeds{{}};
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream file(entry.path(), std::ios::binary);
    seeds.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return seeds;
}

// One change: a byte, an interesting number, a cut, a doubled run, or the tail of another seed.
void mutate(Input& input, const std::vector<Input>& seeds, std::mt19937& random) {
  static constexpr uint32_t kNumbers[] = {0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x01000000, 0x04000001, 256};
  const size_t at = input.empty() ? 0 : random() % input.size();
  switch (random() % 6) {
    case 0: if (!input.empty()) input[at] = static_cast<uint8_t>(random()); break;
    case 1: if (!input.empty()) input[at] ^= static_cast<uint8_t>(1u << random() % 8); break;
    case 2: if (at + 4 <= input.size()) std::memcpy(&input[at], &kNumbers[random() % std::size(kNumbers)], 4); break;
    case 3: input.resize(at); break;
    case 4: {
      const Input run(input.begin() + static_cast<std::ptrdiff_t>(at), input.begin() + static_cast<std::ptrdiff_t>(std::min(input.size(), at + 1 + random() % 32)));
      input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), run.begin(), run.end());
      break;
    }
    default: {
      const Input& other = seeds[random() % seeds.size()];
      input.resize(at);
      if (!other.empty()) input.insert(input.end(), other.begin() + static_cast<std::ptrdiff_t>(random() % other.size()), other.end());
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 && !(argc == 4 && std::strcmp(argv[2], "--seconds") == 0)) return std::fprintf(stderr, "usage: %s CORPUS [--seconds N]\n", argv[0]), 2;
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE}) std::signal(signal, save_input);
  const std::vector<Input> seeds = read_corpus(argv[1]);
  for (const Input& seed : seeds) run(seed);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(argc == 4 ? std::atoi(argv[3]) : 5);
  std::mt19937 random(1);
  size_t count = 0;
  for (; std::chrono::steady_clock::now() < end; ++count) {
    Input input = seeds[random() % seeds.size()];
    for (unsigned changes = 1 + random() % 8; changes > 0; --changes) mutate(input, seeds, random);
    run(std::move(input));
  }
  std::printf("%zu seeds, %zu mutations, no crash\n", seeds.size(), count);
  return 0;
}
