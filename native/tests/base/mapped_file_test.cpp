#include "base/mapped_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "base/error.h"

namespace trtllm {
namespace {

class MappedFileTest : public ::testing::Test {
 protected:
  MappedFileTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "trtllm-mapped-XXXXXX").string();
    folder = mkdtemp(pattern.data());
  }
  ~MappedFileTest() override { std::filesystem::remove_all(folder); }

  std::string file(const std::string& text) const {
    std::ofstream(folder + "/file", std::ios::binary) << text;
    return folder + "/file";
  }

  std::string folder;
};

std::string text_of(const MappedFile& file) { return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()}; }

void expect_io_error(const std::function<void()>& action, const std::string& path) {
  try {
    action();
    FAIL() << path << " was taken";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "IO_ERROR");
    EXPECT_NE(std::string(error.what()).find(path), std::string::npos) << error.what();
  }
}

TEST_F(MappedFileTest, shows_the_whole_file_and_outlives_its_name_and_its_move) {
  const std::string text = std::string(10'000, 'x') + '\0' + "end";
  const std::string path = file(text);
  MappedFile first(path);
  first.will_need();
  std::filesystem::remove(path);
  const MappedFile second(std::move(first));
  EXPECT_EQ(text_of(second), text);
  EXPECT_EQ(second.path(), path);
  EXPECT_TRUE(first.bytes().empty());
}

TEST_F(MappedFileTest, an_empty_file_maps_to_nothing) {
  const MappedFile empty(file(""));
  empty.will_need();
  EXPECT_TRUE(empty.bytes().empty());
}

TEST_F(MappedFileTest, refuses_what_is_missing_or_no_regular_file_by_name) {
  for (const std::string& path : {folder + "/missing", folder, std::string("/dev/null")}) expect_io_error([&] { MappedFile{path}; }, path);
}

TEST_F(MappedFileTest, a_small_file_is_read_up_to_its_limit_and_no_further) {
  const std::string path = file("12345");
  EXPECT_EQ(read_small_file(path, 5), "12345");
  expect_io_error([&] { read_small_file(path, 4); }, path);
}

}  // namespace
}  // namespace trtllm
