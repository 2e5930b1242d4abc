/* inference.h - what is said to an inference server: the Open Inference Protocol, version 2, with tensors in binary
   behind the JSON where the server has that extension, else in the JSON. */
#ifndef HR_IO_INFERENCE_H
#define HR_IO_INFERENCE_H

#include "internal/failure.h"

enum {
  HR_INFERENCE_RANK = 4,
  HR_INFERENCE_NAME = 64,        /* bytes of an input's name */
  HR_INFERENCE_HEADER = 512,     /* bytes of a request's JSON, filled up with spaces, so that a header says it once */
  HR_INFERENCE_CLASSES = 65536
};

/* What a server's model reads and makes. */
struct hr_inference_model {
  hr_link_content content;
  int is_int8; /* else float32, or a packet's bytes */
  int takes_binary;
  char input[HR_INFERENCE_NAME + 1];
  uint32_t rank;
  int64_t shape[HR_INFERENCE_RANK]; /* -1: any */
  char output[HR_INFERENCE_NAME + 1]; /* FP32, a row of classes; "": the server lists no outputs */
  uint32_t output_rank;
  int64_t output_shape[HR_INFERENCE_RANK];
};

/* HR_UNSUPPORTED_FORMAT: the JSON library is not installed. */
hr_status hr_inference_load(hr_error *error);

/* Whether the answer to GET /v2 lists the extension for tensors in binary. */
int hr_inference_has_binary(const char *json, size_t byte_count);

/* Reads the answer to GET /v2/models/NAME; takes_binary is the caller's. HR_UNSUPPORTED_FORMAT: the model reads nothing
   that a head has, or makes no classes; HR_BAD_PAYLOAD: it is no such answer. */
hr_status hr_inference_read_model(const char *json, size_t byte_count, struct hr_inference_model *out,
                                  hr_error *error);

/* Writes a request; in binary, its first HR_INFERENCE_HEADER bytes are JSON. HR_INVALID_ARGUMENT: the model reads
   latents of another shape or type. */
hr_status hr_inference_write_packet(const struct hr_inference_model *model, const uint8_t *packet, size_t packet_bytes,
                                    uint8_t *out, size_t capacity, size_t *out_bytes);
hr_status hr_inference_write_tensor(const struct hr_inference_model *model, const hr_tensor *latent, uint8_t *out,
                                    size_t capacity, size_t *out_bytes, hr_error *error);

/* Reads a response, whose first json_bytes are JSON, into status, class_count and classes of an answer: those of the
   model's output, or of the first of type FP32 if the model's are not known, which has a probability for each class, or
   any number, whose softmax is taken then. HR_BAD_PAYLOAD: it is not of the name, type and shape that the model has, or
   does not hold as many numbers. */
hr_status hr_inference_read_response(const struct hr_inference_model *model, const uint8_t *bytes, size_t byte_count,
                                     size_t json_bytes, hr_answer *out, hr_error *error);

#endif /* HR_IO_INFERENCE_H */
