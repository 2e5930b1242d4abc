/* sound_parsing.h - the parser of WAV files, which is written in Swift (Parsing/). */
#ifndef HR_IO_SOUND_PARSING_H
#define HR_IO_SOUND_PARSING_H

#include "../../../include/headrace_io.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum hr_wav_result {
  HR_WAV_OK = 0,
  HR_WAV_NOT_RIFF = 1,     /* no RIFF file of type WAVE */
  HR_WAV_NO_FORMAT = 2,    /* no fmt chunk, or one that is too short */
  HR_WAV_UNSUPPORTED = 3,  /* neither PCM of 16, 24 or 32 bits nor 32-bit float */
  HR_WAV_BAD_FORMAT = 4,   /* channels, rate or block size make no sense */
  HR_WAV_NO_DATA = 5       /* no data chunk, or an empty one */
} hr_wav_result;

typedef struct hr_wav_info {
  uint32_t channel_count;
  uint32_t sample_rate;
  uint32_t bytes; /* of a sample: 2, 3 or 4 */
  uint32_t is_float;
  size_t data_offset;
  size_t frames; /* whole ones that the bytes have, whatever the header announces */
  uint64_t announced; /* whole ones that the header announces; a stream's may be without end */
} hr_wav_info;

hr_wav_result hr_wav_parse(const uint8_t *bytes, size_t byte_count, hr_wav_info *out);

#ifdef __cplusplus
}
#endif

#endif /* HR_IO_SOUND_PARSING_H */
