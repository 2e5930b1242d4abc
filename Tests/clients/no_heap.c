/* no_heap.c MODEL - shows that the library never calls the heap: its functions stand in for those of
   glibc and count, and from opening the model to the last run they must not be called. */
#include <headrace.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *memory, size_t bytes);
void *__libc_memalign(size_t alignment, size_t bytes);
void __libc_free(void *memory);

/* Declared here because C99's <stdlib.h> has only some of them. */
int posix_memalign(void **out, size_t alignment, size_t bytes);
void *aligned_alloc(size_t alignment, size_t bytes);
void *memalign(size_t alignment, size_t bytes);

static volatile unsigned long calls;

void *malloc(size_t bytes) {
  calls++;
  return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes) {
  calls++;
  return __libc_calloc(count, bytes);
}

void *realloc(void *memory, size_t bytes) {
  calls++;
  return __libc_realloc(memory, bytes);
}

void free(void *memory) {
  calls++;
  __libc_free(memory);
}

int posix_memalign(void **out, size_t alignment, size_t bytes) {
  calls++;
  *out = __libc_memalign(alignment, bytes);
  return *out ? 0 : ENOMEM;
}

void *aligned_alloc(size_t alignment, size_t bytes) {
  calls++;
  return __libc_memalign(alignment, bytes);
}

void *memalign(size_t alignment, size_t bytes) {
  calls++;
  return __libc_memalign(alignment, bytes);
}

static void require(int condition, const char *what) {
  if (condition) return;
  fprintf(stderr, "no_heap: not so: %s\n", what);
  exit(EXIT_FAILURE);
}

#define REQUIRE(condition) require(condition, #condition)

/* Two runs and, where the output can be sent, packets. */
static void use(hr_session *session, const hr_model *model, hr_split *split) {
  static const uint8_t pixels[64 * 64 * 3];
  static uint8_t packet[HR_MAX_PACKET_BYTES];
  hr_frame frame;
  hr_tensor output;
  size_t bytes;
  int run;
  hr_frame_init(&frame);
  REQUIRE(hr_frame_wrap(&frame, HR_RGB24, 64, 64, pixels, sizeof pixels, NULL) == HR_OK);
  for (run = 0; run < 2; run++) {
    uint32_t width, height;
    if (hr_model_frame_size(model, 0, &width, &height) == HR_OK)
      REQUIRE(hr_session_set_frame(session, 0, &frame, NULL) == HR_OK);
    REQUIRE(hr_session_run(session, NULL) == HR_OK);
    if (split) {
      hr_split_request request = {0};
      request.struct_size = sizeof request;
      REQUIRE(hr_split_pack(split, &request, packet, sizeof packet, &bytes, NULL, NULL) == HR_OK);
    }
  }
  output.struct_size = sizeof output;
  REQUIRE(hr_session_output(session, 0, &output) == HR_OK);
}

int main(int argc, char **argv) {
  static char memory[256 << 20]; /* pages that are never touched cost nothing */
  char *base = memory + (64 - (uintptr_t)memory % 64);
  hr_error error;
  hr_model model;
  hr_session_config config;
  hr_session *session;
  hr_split *split = NULL;
  size_t file_bytes, session_bytes, split_bytes;
  unsigned long before;
  void *volatile block; /* so that no compiler leaves the calls out */
  hr_status status;
  FILE *file;

  if (argc != 2) {
    fprintf(stderr, "usage: %s MODEL.hrm\n", argv[0]);
    return 2;
  }
  before = calls;
  block = malloc(1);
  free(block);
  REQUIRE(calls > before); /* the stand-ins are in place */

  file = fopen(argv[1], "rb");
  REQUIRE(file != NULL);
  file_bytes = fread(base, 1, sizeof memory / 2, file);
  fclose(file);

  before = calls;
  hr_error_init(&error);
  status = hr_model_open(&model, base, file_bytes, &error);
  if (status != HR_OK) {
    fprintf(stderr, "no_heap: %s: %s\n", argv[1], error.message);
    return EXIT_FAILURE;
  }
  base += (file_bytes + 63) & ~(size_t)63;
  hr_session_config_init(&config);
  session_bytes = hr_session_bytes(&model, &config);
  REQUIRE(session_bytes > 0 && session_bytes < sizeof memory / 2 - 64);
  REQUIRE(hr_session_init(&session, base, session_bytes, &model, &config, &error) == HR_OK);
  split_bytes = hr_split_bytes(&model);
  base += (session_bytes + 63) & ~(size_t)63;
  if (split_bytes > 0)
    REQUIRE(hr_split_head_init(&split, base, split_bytes, session, &error) == HR_OK);
  use(session, &model, split);
  REQUIRE(calls == before);

  printf("%s: no call to the heap\n", argv[1]);
  return EXIT_SUCCESS;
}
