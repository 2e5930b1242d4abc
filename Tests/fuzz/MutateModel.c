/* MutateModel.c - libFuzzer's mutator for .hrm files. Bytes changed at random rarely leave a model that
   opens; this changes whole fields and records of the format (Sources/Headrace/Model/FORMAT.md), and every
   third time leaves the work to libFuzzer's own mutations. The target puts the checksums right. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "hrm.h"

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t byte_count, size_t capacity);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t byte_count, size_t capacity, unsigned seed);

static uint32_t state;

/* A number below `limit`, by xorshift (Marsaglia 2003). */
static uint32_t draw(uint32_t limit) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return limit ? state % limit : 0;
}

static uint32_t load(const uint8_t *bytes) {
  uint32_t word;
  memcpy(&word, bytes, sizeof word);
  return word;
}

static void store(uint8_t *bytes, uint32_t word) { memcpy(bytes, &word, sizeof word); }

/* An array of records inside the file. */
struct section {
  uint8_t *first;
  uint32_t count;
  uint32_t record_bytes;
};

static struct section clip(uint8_t *bytes, size_t byte_count, uint32_t offset, uint32_t count,
                           uint32_t record_bytes) {
  if (offset > byte_count) return (struct section){bytes, 0, record_bytes};
  size_t most = (byte_count - offset) / record_bytes;
  return (struct section){bytes + offset, count < most ? count : (uint32_t)most, record_bytes};
}

enum { TENSORS, OPERATORS, OPERANDS, INTERFACE, METADATA, FRAME_INPUTS, CONSTANTS, FIELDS };

static struct section section_of(uint8_t *bytes, size_t byte_count, uint32_t which) {
  hrm_header header;
  memcpy(&header, bytes, sizeof header);
  switch (which) {
    case TENSORS:
      return clip(bytes, byte_count, header.tensors_offset, header.tensor_count, 64);
    case OPERATORS:
      return clip(bytes, byte_count, header.operators_offset, header.operator_count, 96);
    case OPERANDS:
      return clip(bytes, byte_count, header.operands_offset, header.operand_count, 4);
    case INTERFACE:
      return clip(bytes, byte_count, header.interface_offset,
                  header.input_count + header.output_count, 4);
    case METADATA:
      return clip(bytes, byte_count, header.metadata_offset, header.metadata_count, 16);
    case FRAME_INPUTS:
      return clip(bytes, byte_count, header.frame_inputs_offset, header.frame_input_count, 16);
    case CONSTANTS:
      return clip(bytes, byte_count, header.constants_offset, UINT32_MAX, 4);
    default: /* from arena_bytes to the last offset */
      return clip(bytes, byte_count, 32, 24, 4);
  }
}

/* What a word may become: limits of the format, of its types, and of small tensors. */
static uint32_t telling(uint32_t old) {
  static const uint32_t words[] = {
      0,          1,          2,          3,          4,          5,          7,          8,
      9,          16,         30,         31,         32,         62,         63,         64,
      127,        128,        255,        256,        512,        513,        1024,       4096,
      65535,      65536,      1u << 24,   1u << 30,   0x7fffffff, 0x80000000, 0xffffff80, 0xffffffff,
      0x3f800000, 0x7f7fffff, 0x7f800000, 0x7fc00000, 0xff800000, 0x00000001, 0x38000000, 0xbf800000};
  switch (draw(6)) {
    case 0: return old + 1;
    case 1: return old - 1;
    case 2: return old << draw(4);
    case 3: return old >> draw(4);
    case 4: return draw(12);
    default: return words[draw(sizeof words / sizeof *words)];
  }
}

/* Gives every arena tensor a place of its own. */
static void lay_out(uint8_t *bytes, struct section tensors) {
  hrm_header header;
  memcpy(&header, bytes, sizeof header);
  header.arena_bytes = 0;
  for (uint32_t i = 0; i < tensors.count; i++) {
    hrm_tensor tensor;
    uint8_t *record = tensors.first + 64 * (size_t)i;
    memcpy(&tensor, record, sizeof tensor);
    if (tensor.storage != HRM_ARENA) continue;
    tensor.offset = (uint32_t)header.arena_bytes;
    header.arena_bytes += ((uint64_t)tensor.bytes + 63) & ~UINT64_C(63);
    memcpy(record, &tensor, sizeof tensor);
  }
  memcpy(bytes, &header, sizeof header);
}

/* Gives a tensor another extent, the bytes that follow from it, and often a place of its own. */
static void reshape(uint8_t *bytes, struct section tensors) {
  if (tensors.count == 0) return;
  hrm_tensor tensor;
  uint8_t *record = tensors.first + 64 * (size_t)draw(tensors.count);
  memcpy(&tensor, record, sizeof tensor);
  static const uint8_t element_bytes[] = {0, 4, 1, 2, 4, 8};
  tensor.dims[draw(tensor.rank <= HRM_MAX_RANK ? tensor.rank : HRM_MAX_RANK)] = 1 + draw(20);
  tensor.bytes = element_bytes[tensor.type <= HRM_INT64 ? tensor.type : 0];
  for (int axis = 0; axis < HRM_MAX_RANK; axis++) tensor.bytes *= tensor.dims[axis];
  memcpy(record, &tensor, sizeof tensor);
  if (tensor.storage == HRM_ARENA && draw(4)) lay_out(bytes, tensors);
}

static void change(uint8_t *bytes, size_t byte_count) {
  static const uint8_t weighted[] = {TENSORS,  TENSORS,   OPERATORS, OPERATORS,    OPERATORS, OPERATORS,
                                     OPERANDS, INTERFACE, METADATA,  FRAME_INPUTS, CONSTANTS, FIELDS};
  struct section section = section_of(bytes, byte_count, weighted[draw(sizeof weighted)]);
  if (section.count == 0) return;
  const uint32_t words = section.record_bytes / 4;
  uint8_t *record = section.first + (size_t)section.record_bytes * draw(section.count);
  uint8_t *other = section.first + (size_t)section.record_bytes * draw(section.count);
  uint8_t *word = record + 4 * (size_t)draw(words);
  switch (draw(8)) {
    case 0: reshape(bytes, section_of(bytes, byte_count, TENSORS)); break;
    case 1: memmove(record, other, section.record_bytes); break;
    case 2: store(word, load(other + 4 * (size_t)draw(words))); break;
    case 3: word[draw(4)] = (uint8_t)draw(30); break;
    case 4: word[draw(4)] ^= (uint8_t)(1u << draw(8)); break;
    default: store(word, telling(load(word))); break;
  }
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t byte_count, size_t capacity, unsigned seed) {
  state = seed | 1;
  if (byte_count < HRM_HEADER_BYTES || draw(3) == 0)
    return LLVMFuzzerMutate(bytes, byte_count, capacity);
  for (uint32_t changes = 1 + draw(4); changes > 0; changes--) change(bytes, byte_count);
  return byte_count;
}
