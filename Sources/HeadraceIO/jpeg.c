/* jpeg.c - libjpeg behind functions that return.

   libjpeg reports errors through a callback that must not return; the jump that this takes stays
   inside this file. What it calls warnings is mostly damage that it papers over with gray: here that
   is an error, since a network would take the gray for a picture. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include "internal/failure.h"
#include "internal/picture_parsing.h"

enum {
  MAX_PIXELS = 64 << 20,
  MAX_SCANS = 100,          /* a progressive picture has about ten */
  MAX_MEMORY = 256 << 20    /* that libjpeg may ask for */
};

struct guard {
  struct jpeg_error_mgr errors; /* first: libjpeg hands a pointer to it back */
  jmp_buf escape;
  char message[JMSG_LENGTH_MAX];
};

static void escape(j_common_ptr info, const char *message) {
  struct guard *guard = (struct guard *)info->err;
  if (message)
    snprintf(guard->message, sizeof guard->message, "%s", message);
  else
    info->err->format_message(info, guard->message);
  longjmp(guard->escape, 1);
}

static void on_error(j_common_ptr info) { escape(info, NULL); }

static void on_message(j_common_ptr info, int level) {
  if (level >= 0) return;
  switch (info->err->msg_code) {
    case JWRN_ADOBE_XFORM:    /* unknown colour transform: the default is right in practice */
    case JWRN_JFIF_MAJOR:     /* a newer JFIF */
    case JWRN_EXTRANEOUS_DATA:/* padding before a marker, as many cameras write */
      return;
    default:
      escape(info, NULL);
  }
}

static void on_output(j_common_ptr info) { (void)info; }

static void on_progress(j_common_ptr info) {
  if (((j_decompress_ptr)info)->input_scan_number > MAX_SCANS)
    escape(info, "it has more scans than any real picture");
}

struct decoder {
  struct jpeg_decompress_struct info;
  struct guard guard;
  struct jpeg_progress_mgr progress;
};

static void guard_errors(struct guard *guard) {
  jpeg_std_error(&guard->errors);
  guard->errors.error_exit = on_error;
  guard->errors.emit_message = on_message;
  guard->errors.output_message = on_output;
}

/* Reads up to the first scan and refuses what we do not decode. Jumps on failure. */
static void begin_decoding(struct decoder *decoder, const uint8_t *jpeg, size_t jpeg_bytes) {
  struct jpeg_decompress_struct *info = &decoder->info;
  jpeg_create_decompress(info);
  info->mem->max_memory_to_use = MAX_MEMORY;
  decoder->progress.progress_monitor = on_progress;
  info->progress = &decoder->progress;
  jpeg_mem_src(info, jpeg, (unsigned long)jpeg_bytes);
  jpeg_read_header(info, TRUE);
  if (info->image_width > HR_MAX_FRAME_SIDE || info->image_height > HR_MAX_FRAME_SIDE)
    escape((j_common_ptr)info, "a side is above 16,384 pixels");
  if ((uint64_t)info->image_width * info->image_height > MAX_PIXELS)
    escape((j_common_ptr)info, "it has more than 64 million pixels");
  if (info->jpeg_color_space != JCS_GRAYSCALE && info->jpeg_color_space != JCS_YCbCr &&
      info->jpeg_color_space != JCS_RGB)
    escape((j_common_ptr)info, "its colours are CMYK; convert it to RGB");
  info->out_color_space = JCS_RGB;
  info->dct_method = JDCT_ISLOW;
}

static uint32_t scaled(uint32_t length, uint32_t eighths) { return (length * eighths + 7) / 8; }

static hr_status bad_picture(struct decoder *decoder, hr_error *error) {
  hr_io_fail(error, HR_BAD_PICTURE, "JPEG cannot be decoded: %s", decoder->guard.message);
  return HR_BAD_PICTURE;
}

hr_status hr_jpeg_inspect(const uint8_t *jpeg, size_t jpeg_bytes, uint32_t min_width,
                          uint32_t min_height, hr_jpeg_info *out, hr_error *error) {
  if (!out || out->struct_size < sizeof *out || (!jpeg && jpeg_bytes))
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "JPEG: an argument is NULL, or info's struct_size is not set; set it to "
                      "sizeof(hr_jpeg_info)");
  struct decoder decoder;
  memset(&decoder, 0, sizeof decoder);
  guard_errors(&decoder.guard);
  decoder.info.err = &decoder.guard.errors;
  if (setjmp(decoder.guard.escape)) {
    jpeg_destroy_decompress(&decoder.info);
    return bad_picture(&decoder, error);
  }
  begin_decoding(&decoder, jpeg, jpeg_bytes);
  uint32_t width = decoder.info.image_width;
  uint32_t height = decoder.info.image_height;
  jpeg_destroy_decompress(&decoder.info);

  uint32_t eighths = 8;
  if (min_width != 0 || min_height != 0)
    while (eighths > 1 && scaled(width, eighths / 2) >= min_width &&
           scaled(height, eighths / 2) >= min_height)
      eighths /= 2;
  out->width = width;
  out->height = height;
  out->decoded_width = scaled(width, eighths);
  out->decoded_height = scaled(height, eighths);
  out->rgb_bytes = (size_t)out->decoded_width * out->decoded_height * 3;
  return HR_OK;
}

/* The scale whose size is info's; 0 if it is none of the picture's. */
static uint32_t scale_of(const hr_jpeg_info *info, uint32_t width, uint32_t height) {
  for (uint32_t eighths = 8; eighths >= 1; eighths /= 2)
    if (scaled(width, eighths) == info->decoded_width &&
        scaled(height, eighths) == info->decoded_height)
      return eighths;
  return 0;
}

hr_status hr_jpeg_decode(const uint8_t *jpeg, size_t jpeg_bytes, const hr_jpeg_info *info,
                         uint8_t *rgb, size_t capacity, hr_error *error) {
  if (!info || info->struct_size < sizeof *info || !rgb || (!jpeg && jpeg_bytes))
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "JPEG: an argument is NULL, or info's struct_size is not set; set it to "
                      "sizeof(hr_jpeg_info)");
  struct decoder decoder;
  memset(&decoder, 0, sizeof decoder);
  guard_errors(&decoder.guard);
  decoder.info.err = &decoder.guard.errors;
  if (setjmp(decoder.guard.escape)) {
    jpeg_destroy_decompress(&decoder.info);
    return bad_picture(&decoder, error);
  }
  begin_decoding(&decoder, jpeg, jpeg_bytes);
  uint32_t eighths = scale_of(info, decoder.info.image_width, decoder.info.image_height);
  size_t stride = (size_t)info->decoded_width * 3;
  if (eighths == 0) {
    jpeg_destroy_decompress(&decoder.info);
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "JPEG: info is of another picture");
  }
  if (capacity / info->decoded_height < stride) {
    jpeg_destroy_decompress(&decoder.info);
    return hr_io_fail(error, HR_BUFFER_TOO_SMALL, "JPEG: the pixels need %zu bytes, there are %zu",
                      stride * info->decoded_height, capacity);
  }
  decoder.info.scale_num = eighths;
  decoder.info.scale_denom = 8;
  jpeg_start_decompress(&decoder.info);
  if (decoder.info.output_width != info->decoded_width ||
      decoder.info.output_height != info->decoded_height || decoder.info.output_components != 3)
    escape((j_common_ptr)&decoder.info, "libjpeg scales it to another size");
  while (decoder.info.output_scanline < decoder.info.output_height) {
    JSAMPROW row = rgb + stride * decoder.info.output_scanline;
    jpeg_read_scanlines(&decoder.info, &row, 1);
  }
  jpeg_finish_decompress(&decoder.info);
  jpeg_destroy_decompress(&decoder.info);
  return HR_OK;
}

struct encoder {
  struct jpeg_compress_struct info;
  struct guard guard;
  unsigned char *bytes;
  unsigned long byte_count;
};

hr_status hr_jpeg_encode(const uint8_t *rgb, size_t stride, uint32_t width, uint32_t height,
                         uint32_t quality, uint8_t **out, size_t *out_bytes, hr_error *error) {
  if (!rgb || !out || !out_bytes || width < 1 || height < 1 || width > HR_MAX_FRAME_SIDE ||
      height > HR_MAX_FRAME_SIDE || stride / 3 < width)
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "JPEG: an argument is NULL, a side outside 1 ... 16384, or a stride below 3 bytes a pixel; pass RGB24 "
                      "and places for the file and its size");
  if (quality < 1 || quality > 100)
    return hr_io_fail(error, HR_INVALID_ARGUMENT, "JPEG: quality %u is not in 1 ... 100", quality);
  *out = NULL;
  *out_bytes = 0;
  struct encoder encoder;
  memset(&encoder, 0, sizeof encoder);
  guard_errors(&encoder.guard);
  encoder.info.err = &encoder.guard.errors;
  if (setjmp(encoder.guard.escape)) {
    jpeg_destroy_compress(&encoder.info);
    free(encoder.bytes);
    return hr_io_fail(error, HR_OUT_OF_MEMORY, "JPEG cannot be encoded: %s", encoder.guard.message);
  }
  jpeg_create_compress(&encoder.info);
  jpeg_mem_dest(&encoder.info, &encoder.bytes, &encoder.byte_count);
  encoder.info.image_width = width;
  encoder.info.image_height = height;
  encoder.info.input_components = 3;
  encoder.info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&encoder.info); /* YCbCr, 4:2:0 */
  encoder.info.dct_method = JDCT_ISLOW;
  jpeg_set_quality(&encoder.info, (int)quality, TRUE);
  jpeg_start_compress(&encoder.info, TRUE);
  while (encoder.info.next_scanline < height) {
    JSAMPROW row = (JSAMPROW)(uintptr_t)(rgb + stride * encoder.info.next_scanline);
    jpeg_write_scanlines(&encoder.info, &row, 1);
  }
  jpeg_finish_compress(&encoder.info);
  jpeg_destroy_compress(&encoder.info);
  *out = encoder.bytes;
  *out_bytes = encoder.byte_count;
  return HR_OK;
}

void hr_jpeg_free(uint8_t *jpeg) { free(jpeg); }

hr_status hr_jpeg_keep_metadata(const uint8_t *from, size_t from_bytes, uint8_t **jpeg, size_t *jpeg_bytes,
                                hr_error *error) {
  if (!from || !jpeg || !*jpeg || !jpeg_bytes || *jpeg_bytes < 4)
    return hr_io_fail(error, HR_INVALID_ARGUMENT,
                      "JPEG: a picture is NULL or no JPEG; pass the file that was read, and what hr_jpeg_encode "
                      "wrote");
  size_t more = 0;
  hr_jpeg_extent segment = {HR_JPEG_NONE, 0, 0};
  while ((segment = hr_jpeg_next_metadata(from, from_bytes, segment.end)).end) more += segment.end - segment.begin;
  if (!more) return HR_OK;
  uint8_t *longer = malloc(*jpeg_bytes + more);
  if (!longer) return hr_io_fail(error, HR_OUT_OF_MEMORY, "no memory left for %zu bytes of metadata", more);
  /* Behind SOI and JFIF's segment, which has to be the first. */
  size_t head = 2;
  const uint8_t *old = *jpeg;
  if (*jpeg_bytes > 6 && old[2] == 0xff && old[3] == 0xe0) head = 4 + ((size_t)old[4] << 8 | old[5]);
  if (head > *jpeg_bytes) head = 2;
  memcpy(longer, old, head);
  size_t end = head;
  segment.end = 0;
  while ((segment = hr_jpeg_next_metadata(from, from_bytes, segment.end)).end) {
    memcpy(longer + end, from + segment.begin, segment.end - segment.begin);
    end += segment.end - segment.begin;
  }
  memcpy(longer + end, old + head, *jpeg_bytes - head);
  hr_jpeg_free(*jpeg);
  *jpeg = longer;
  *jpeg_bytes += more;
  return HR_OK;
}
