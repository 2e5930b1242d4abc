/* one_network.c - runs one int8 network of convolutions and nothing else: what the linker keeps of the
   library for it is the least that a program carries. Reads the model from standard input, runs it on
   zeros, writes the output's bytes. */
#include <headrace.h>

#include <stdio.h>
#include <stdlib.h>

static _Alignas(64) unsigned char model_bytes[1 << 20], memory[8 << 20];

int main(void) {
  hr_model model;
  hr_session *session;
  hr_session_config config;
  hr_tensor input = {.struct_size = sizeof input}, output = {.struct_size = sizeof output};
  const size_t byte_count = fread(model_bytes, 1, sizeof model_bytes, stdin);
  hr_session_config_init(&config);
  if (hr_model_open_with(&model, model_bytes, byte_count, hr_operators_int8_convolution(), NULL) != HR_OK ||
      hr_session_init(&session, memory, sizeof memory, &model, &config, NULL) != HR_OK ||
      hr_session_input(session, 0, &input) != HR_OK || hr_session_run(session, NULL) != HR_OK ||
      hr_session_output(session, 0, &output) != HR_OK)
    return EXIT_FAILURE;
  return fwrite(output.data, 1, output.bytes, stdout) == output.bytes ? EXIT_SUCCESS : EXIT_FAILURE;
}
