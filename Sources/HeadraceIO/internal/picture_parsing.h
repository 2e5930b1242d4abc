/* picture_parsing.h - the parsers of untrusted bytes, which are written in Swift (Parsing/). */
#ifndef HR_IO_PICTURE_PARSING_H
#define HR_IO_PICTURE_PARSING_H

#include "../../../include/headrace_io.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum hr_jpeg_extent_kind {
  HR_JPEG_NONE = 0,    /* no picture begins at or after `from` */
  HR_JPEG_WHOLE = 1,   /* bytes begin ..< end are a picture, from its SOI to its EOI marker */
  HR_JPEG_DAMAGED = 2  /* a picture begins at begin, but breaks off or loses its markers before end */
} hr_jpeg_extent_kind;

typedef struct hr_jpeg_extent {
  hr_jpeg_extent_kind kind;
  size_t begin;
  size_t end;
} hr_jpeg_extent;

/* The first JPEG at or after byte `from`. What lies between pictures is skipped. */
hr_jpeg_extent hr_jpeg_find(const uint8_t *bytes, size_t byte_count, size_t from);

/* The next segment of metadata behind byte `from`, before the picture's first scan: comments and application segments
   but those that need not be true of other pixels in colour, coded otherwise: JFIF's and Adobe's, those which say where
   more pictures lie behind this one, and profiles of gray tones. end is 0 where there is none. */
hr_jpeg_extent hr_jpeg_next_metadata(const uint8_t *bytes, size_t byte_count, size_t from);

typedef enum hr_pnm_result {
  HR_PNM_OK = 0,
  HR_PNM_NOT_BINARY = 1,  /* no P5 or P6 file */
  HR_PNM_BAD_HEADER = 2,  /* width, height or maximum are no positive numbers */
  HR_PNM_TOO_LARGE = 3,   /* a side above 16,384 */
  HR_PNM_BAD_MAXIMUM = 4, /* the maximum is above 255: two bytes a sample */
  HR_PNM_TRUNCATED = 5    /* fewer bytes than the header announces */
} hr_pnm_result;

typedef struct hr_pnm_info {
  uint32_t channels; /* 1 for P5, 3 for P6 */
  uint32_t width;
  uint32_t height;
  uint32_t maximum; /* the sample value of white, 1 ... 255 */
  size_t data_offset;
  size_t data_bytes;
} hr_pnm_info;

/* Reads a binary PGM or PPM header. */
hr_pnm_result hr_pnm_parse(const uint8_t *bytes, size_t byte_count, hr_pnm_info *out);

#ifdef __cplusplus
}
#endif

#endif /* HR_IO_PICTURE_PARSING_H */
