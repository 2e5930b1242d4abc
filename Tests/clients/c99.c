/* c99.c MODEL - what headrace.h has for models, sessions, frames and packets, as a C99 program uses it. Exits with 1 at
   the first surprise. */
#include <headrace.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void require(int condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "c99: not so: %s\n", what);
  exit(EXIT_FAILURE);
}

#define REQUIRE(condition) require(condition, #condition)

static void succeed(hr_status status, const hr_error *error) {
  if (status == HR_OK) return;
  fprintf(stderr, "c99: %s: %s\n", hr_status_string(status), error->message);
  exit(EXIT_FAILURE);
}

#include "blocks.h"

static void *read_file(const char *path, size_t *byte_count) {
  FILE *file = fopen(path, "rb");
  long size = -1;
  void *bytes;
  REQUIRE(file != NULL);
  if (fseek(file, 0, SEEK_END) == 0) size = ftell(file);
  REQUIRE(size > 0);
  rewind(file);
  bytes = aligned((size_t)size);
  *byte_count = fread(bytes, 1, (size_t)size, file);
  REQUIRE(*byte_count == (size_t)size);
  fclose(file);
  return bytes;
}

/* The simplest hr_parallel_for: one after the other, backwards, to show that order does not matter. */
static void backwards(void *calls, uint32_t count, hr_parallel_body body, void *context) {
  uint32_t i;
  for (i = count; i > 0; i--) body(context, i - 1);
  ++*(unsigned long *)calls;
}

static uint64_t ticks(void *counter) { return *(uint64_t *)counter += 1000; }

static void observe(void *count, uint32_t operator_index, const hr_tensor *output) {
  REQUIRE(operator_index == *(uint32_t *)count);
  REQUIRE(output->data != NULL && output->bytes > 0);
  ++*(uint32_t *)count;
}

/* A picture if the model takes one, else a ramp of real numbers. */
static void fill(hr_session *session, const hr_model *model, uint32_t index, hr_error *error) {
  enum { WIDTH = 320, HEIGHT = 240 };
  static uint8_t pixels[WIDTH * HEIGHT * 3];
  uint32_t width, height;
  size_t i, count;
  float *values;
  hr_tensor tensor;

  if (hr_model_frame_size(model, index, &width, &height) == HR_OK) {
    hr_frame frame;
    REQUIRE(width > 0 && height > 0);
    for (i = 0; i < sizeof pixels; i++) pixels[i] = (uint8_t)(i * 7 + i / 960);
    hr_frame_init(&frame);
    succeed(hr_frame_wrap(&frame, HR_RGB24, WIDTH, HEIGHT, pixels, sizeof pixels, error), error);
    succeed(hr_session_set_frame(session, index, &frame, error), error);
    return;
  }
  memset(&tensor, 0, sizeof tensor);
  tensor.struct_size = sizeof tensor;
  succeed(hr_session_input(session, index, &tensor), error);
  for (count = 1, i = 0; i < tensor.rank; i++) count *= tensor.dims[i];
  values = malloc(count * sizeof *values);
  REQUIRE(values != NULL);
  for (i = 0; i < count; i++) values[i] = (float)(i % 255) / 255.0f;
  succeed(hr_tensor_write_float(&tensor, values, count), error);
  free(values);
}

/* A packet that breaks off, in memory that ends where it does. */
static void refuse_truncated(const uint8_t *packet, size_t bytes, hr_error *error) {
  static const size_t lengths[] = {0, 1, 19, 20, 23, 24, 25};
  hr_packet_info info;
  size_t i;
  info.struct_size = sizeof info;
  for (i = 0; i <= sizeof lengths / sizeof *lengths; i++) {
    size_t length = i < sizeof lengths / sizeof *lengths ? lengths[i] : bytes - 1;
    uint8_t *part = malloc(length + (length == 0));
    REQUIRE(part != NULL);
    memcpy(part, packet, length);
    REQUIRE(hr_packet_inspect(part, length, &info, error) == HR_BAD_PAYLOAD);
    free(part);
  }
}

/* Sends output 0, and looks at what is sent. */
static void send_latent(hr_session *session, const hr_model *model, const hr_tensor *output, hr_error *error) {
  static uint8_t packet[HR_MAX_PACKET_BYTES];
  hr_split_request request = {0};
  hr_split_result result;
  hr_packet_info info;
  hr_split *split;
  void *memory;
  size_t bytes = 0, split_bytes = hr_split_bytes(model);
  if (output->type != HR_INT8 && output->type != HR_INT16) {
    REQUIRE(split_bytes == 0);
    return;
  }
  memory = aligned(split_bytes);
  REQUIRE(hr_split_head_init(&split, memory, split_bytes - 1, session, error) == HR_OUT_OF_MEMORY);
  succeed(hr_split_head_init(&split, memory, split_bytes, session, error), error);
  request.struct_size = sizeof request;
  request.rate = hr_split_rates(split) - 1;
  request.sequence = 7;
  result.struct_size = sizeof result;
  succeed(hr_split_pack(split, &request, packet, sizeof packet, &bytes, &result, error), error);
  REQUIRE(bytes > HR_PACKET_HEADER_BYTES && bytes == result.packet_bytes && result.lost_permille == 0);
  info.struct_size = sizeof info;
  succeed(hr_packet_inspect(packet, bytes, &info, error), error);
  REQUIRE(info.kind == HR_PACKET_LATENT && info.sequence == 7 && info.model_id == hr_split_model_id(split));
  refuse_truncated(packet, bytes, error);
  REQUIRE(hr_split_pack(split, &request, packet, 10, &bytes, NULL, error) == HR_BUFFER_TOO_SMALL);
  request.rate++;
  REQUIRE(hr_split_pack(split, &request, packet, sizeof packet, &bytes, NULL, error) == HR_INVALID_ARGUMENT);
  REQUIRE(error->message[0] != '\0');
}

static void check_text(const hr_model *model) {
  const char *text = NULL;
  size_t bytes = 0;
  if (hr_model_metadata(model, "name", &text, &bytes) == HR_OK) REQUIRE(text != NULL);
  REQUIRE(hr_model_metadata(model, "no such key", &text, &bytes) == HR_NOT_FOUND);
  REQUIRE(text == NULL && bytes == 0);
  REQUIRE(hr_model_label(model, UINT32_MAX, &text, &bytes) == HR_NOT_FOUND);
}

static void check_profile(const hr_session *session, uint32_t operators) {
  hr_operator_profile profile;
  uint32_t i;
  profile.struct_size = sizeof profile;
  for (i = 0; i < operators; i++) {
    REQUIRE(hr_session_profile(session, i, &profile) == HR_OK);
    REQUIRE(profile.operator_index == i && profile.nanoseconds == 1000);
    REQUIRE(profile.operator_name[0] != '\0' && profile.output_name != NULL);
  }
  REQUIRE(hr_session_profile(session, operators, &profile) == HR_INVALID_ARGUMENT);
}

/* One RGB frame into a smaller one, and a frame that lies about its memory. */
static void check_frame(hr_error *error) {
  static const uint8_t gray[8 * 8];
  uint8_t rgb[4 * 4 * 3];
  hr_frame frame;
  hr_frame_init(&frame);
  succeed(hr_frame_wrap(&frame, HR_GRAY8, 8, 8, gray, sizeof gray, error), error);
  memset(rgb, 1, sizeof rgb);
  succeed(hr_frame_to_rgb(&frame, HR_FIT_STRETCH, HR_FILTER_AUTO, rgb, 12, 4, 4, error), error);
  REQUIRE(rgb[47] == 0 || rgb[47] == 16 || rgb[47] == rgb[0]);
  frame.plane_bytes[0] = 63;
  REQUIRE(hr_frame_to_rgb(&frame, HR_FIT_STRETCH, HR_FILTER_AUTO, rgb, 12, 4, 4, error)
          == HR_BAD_FRAME);
}

/* Numbers that no int of 32 bits holds are refused as others are. */
static void check_great_numbers(void) {
  hr_array array;
  hr_locator_config config;
  memset(&array, 0xff, sizeof array);
  hr_locator_config_init(&config);
  REQUIRE(hr_locator_bytes(&array, &config) == 0);
  array.struct_size = sizeof array;
  REQUIRE(hr_locator_bytes(&array, &config) == 0);
  REQUIRE(hr_array_named(&array, "uma-8", NULL) == HR_OK);
  REQUIRE(hr_locator_bytes(&array, &config) > 0);
  array.channels[1] = UINT32_MAX;
  REQUIRE(hr_locator_bytes(&array, &config) == 0);
  REQUIRE(hr_array_named(&array, "uma-8", NULL) == HR_OK);
  config.struct_size = UINT32_MAX;
  REQUIRE(hr_locator_bytes(&array, &config) > 0);
}

int main(int argc, char **argv) {
  hr_error error;
  hr_model model;
  hr_requirements needs, again;
  hr_session_config config;
  hr_session *session = NULL;
  hr_tensor input, output;
  size_t byte_count, session_bytes, i, count;
  unsigned long calls = 0;
  uint64_t time = 0;
  uint32_t observed = 0;
  uint8_t *first;
  float *values;
  void *bytes, *memory;

  if (argc != 2) {
    fprintf(stderr, "usage: %s MODEL.hrm\n", argv[0]);
    return 2;
  }
  REQUIRE(hr_abi_version() == HR_ABI_VERSION);
  REQUIRE(hr_version_string()[0] != '\0');
  REQUIRE(hr_crc32c("123456789", 9) == 0xe3069283u);
  hr_error_init(&error);

  bytes = read_file(argv[1], &byte_count);
  needs.struct_size = again.struct_size = sizeof needs;
  succeed(hr_model_requirements(
              bytes, byte_count < HR_REQUIREMENTS_BYTES ? byte_count : HR_REQUIREMENTS_BYTES, &needs,
              &error),
          &error);
  REQUIRE(needs.file_bytes == byte_count);
  REQUIRE(hr_model_open(&model, bytes, byte_count - 1, &error) == HR_BAD_MODEL);
  REQUIRE(error.status == HR_BAD_MODEL && error.message[0] != '\0');
  succeed(hr_model_open(&model, bytes, byte_count, &error), &error);
  succeed(hr_model_get_requirements(&model, &again), &error);
  REQUIRE(memcmp(&needs, &again, sizeof needs) == 0);
  check_text(&model);

  memset(&input, 0, sizeof input);
  memset(&output, 0, sizeof output);
  input.struct_size = output.struct_size = sizeof input;
  for (i = 0; i < needs.input_count; i++)
    REQUIRE(hr_model_input(&model, (uint32_t)i, &input) == HR_OK && input.data == NULL);
  for (i = 0; i < needs.output_count; i++)
    REQUIRE(hr_model_output(&model, (uint32_t)i, &output) == HR_OK && output.name != NULL);
  REQUIRE(hr_model_input(&model, needs.input_count, &input) == HR_INVALID_ARGUMENT);

  hr_session_config_init(&config);
  REQUIRE(hr_session_bytes(&model, &config) == needs.session_bytes);
  config.threads = 3;
  config.parallel = backwards;
  config.parallel_context = &calls;
  config.clock = ticks;
  config.clock_context = &time;
  config.observer = observe;
  config.observer_context = &observed;
  session_bytes = hr_session_bytes(&model, &config);
  REQUIRE(session_bytes >= needs.session_bytes);
  memory = aligned(session_bytes);
  REQUIRE(hr_session_init(&session, memory, session_bytes - 1, &model, &config, &error)
          == HR_OUT_OF_MEMORY);
  REQUIRE(error.needed == session_bytes);
  succeed(hr_session_init(&session, memory, session_bytes, &model, &config, &error), &error);
  REQUIRE(hr_session_kernels(session)[0] != '\0');

  for (i = 0; i < needs.input_count; i++) fill(session, &model, (uint32_t)i, &error);
  succeed(hr_session_run(session, &error), &error);
  REQUIRE(observed == needs.operator_count);
  check_profile(session, needs.operator_count);

  succeed(hr_session_output(session, 0, &output), &error);
  for (count = 1, i = 0; i < output.rank; i++) count *= output.dims[i];
  values = malloc(count * sizeof *values);
  REQUIRE(values != NULL);
  succeed(hr_tensor_read_float(&output, values, count), &error);
  REQUIRE(hr_tensor_read_float(&output, values, count + 1) == HR_INVALID_ARGUMENT);
  send_latent(session, &model, &output, &error);
  check_frame(&error);

  /* One thread gives the same bytes. */
  first = malloc(output.bytes);
  REQUIRE(first != NULL);
  memcpy(first, output.data, output.bytes);
  hr_session_config_init(&config);
  succeed(hr_session_init(&session, memory, session_bytes, &model, &config, &error), &error);
  for (i = 0; i < needs.input_count; i++) fill(session, &model, (uint32_t)i, &error);
  succeed(hr_session_run(session, &error), &error);
  succeed(hr_session_output(session, 0, &output), &error);
  REQUIRE(memcmp(first, output.data, output.bytes) == 0);

  check_great_numbers();

  REQUIRE(hr_session_run(NULL, &error) == HR_INVALID_ARGUMENT);
  REQUIRE(hr_split_unpack(NULL, NULL, 0, NULL, &error) == HR_INVALID_ARGUMENT);
  printf("%s: %u operators, %lu shared out, first output %g\n", argv[1],
         (unsigned)needs.operator_count, calls, (double)values[0]);
  free(first);
  free(values);
  free_blocks();
  return EXIT_SUCCESS;
}
