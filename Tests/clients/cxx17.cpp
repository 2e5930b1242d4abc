// cxx17.cpp MODEL - headrace.h from C++17: real threads, owned memory, the same bytes as one thread.
#include <headrace.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace {

void succeed(hr_status status, const hr_error &error) {
  if (status != HR_OK)
    throw std::runtime_error(std::string(hr_status_string(status)) + ": " + error.message);
}

void require(bool condition, const char *what) {
  if (!condition) throw std::runtime_error(std::string("not so: ") + what);
}

// Memory that begins at a multiple of 64 bytes.
class Block {
 public:
  explicit Block(std::size_t bytes) : storage_(bytes + 64), bytes_(bytes) {
    void *start = storage_.data();
    std::size_t room = storage_.size();
    start_ = std::align(64, bytes, start, room);
  }
  Block(Block &&) = default;
  void *data() const { return start_; }
  std::size_t size() const { return bytes_; }

 private:
  std::vector<unsigned char> storage_;
  std::size_t bytes_;
  void *start_;
};

Block readFile(const char *path) {
  std::ifstream file(path, std::ios::binary);
  const std::vector<char> bytes(std::istreambuf_iterator<char>(file), {});
  require(!bytes.empty(), "the model can be read");
  Block block(bytes.size());
  std::memcpy(block.data(), bytes.data(), bytes.size());
  return block;
}

void inThreads(void *, std::uint32_t count, hr_parallel_body body, void *context) {
  std::vector<std::thread> threads;
  for (std::uint32_t i = 1; i < count; i++) threads.emplace_back(body, context, i);
  body(context, 0);
  for (auto &thread : threads) thread.join();
}

// The bytes of every output, computed by `count` threads from inputs that hold a pattern.
std::vector<unsigned char> outputs(const hr_model &model, std::uint32_t count) {
  hr_error error;
  hr_error_init(&error);
  hr_session_config config;
  hr_session_config_init(&config);
  config.threads = count;
  config.parallel = inThreads;
  const Block memory(hr_session_bytes(&model, &config));
  hr_session *session = nullptr;
  succeed(hr_session_init(&session, memory.data(), memory.size(), &model, &config, &error), error);

  hr_requirements needs{};
  needs.struct_size = sizeof needs;
  succeed(hr_model_get_requirements(&model, &needs), error);
  hr_tensor tensor{};
  tensor.struct_size = sizeof tensor;
  for (std::uint32_t i = 0; i < needs.input_count; i++) {
    succeed(hr_session_input(session, i, &tensor), error);
    std::size_t elements = 1;
    for (std::uint32_t axis = 0; axis < tensor.rank; axis++) elements *= tensor.dims[axis];
    std::vector<float> values(elements);
    for (std::size_t k = 0; k < elements; k++)
      values[k] = static_cast<float>(k * 37 % 256) / 128.0f - 1.0f;
    succeed(hr_tensor_write_float(&tensor, values.data(), elements), error);
  }
  succeed(hr_session_run(session, &error), error);
  std::vector<unsigned char> bytes;
  for (std::uint32_t i = 0; i < needs.output_count; i++) {
    succeed(hr_session_output(session, i, &tensor), error);
    const auto *data = static_cast<const unsigned char *>(tensor.data);
    bytes.insert(bytes.end(), data, data + tensor.bytes);
  }
  return bytes;
}

}  // namespace

int main(int argc, char **argv) try {
  if (argc != 2) {
    std::fprintf(stderr, "usage: %s MODEL.hrm\n", argv[0]);
    return 2;
  }
  const Block file = readFile(argv[1]);
  hr_error error;
  hr_error_init(&error);
  hr_model model;
  succeed(hr_model_open(&model, file.data(), file.size(), &error), error);
  const auto expected = outputs(model, 1);
  for (std::uint32_t threads = 2; threads <= 5; threads++)
    require(outputs(model, threads) == expected, "threads do not change the outputs");
  require(!expected.empty(), "there are outputs");
  std::printf("%s: %zu bytes of outputs, the same with 1 to 5 threads\n", argv[1], expected.size());
  return EXIT_SUCCESS;
} catch (const std::exception &failure) {
  std::fprintf(stderr, "cxx17: %s\n", failure.what());
  return EXIT_FAILURE;
}
