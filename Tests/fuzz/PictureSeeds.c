/* PictureSeeds.c - picture_seeds FOLDER - writes pictures that the fuzzer starts from: JPEGs of every kind
   that libjpeg writes, whole and cut off, several in one file, and PPMs and PGMs, right and wrong. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include "seed_file.h"

struct kind {
  const char *name;
  uint32_t width, height;
  J_COLOR_SPACE colors; /* as stored */
  int components;
  int across, down;     /* sampling of the first component; the others have 1 x 1 */
  unsigned restart;     /* blocks between restart markers */
  boolean progressive, arithmetic, comment;
};

static const struct kind kinds[] = {
    {"444.jpg", 24, 17, JCS_YCbCr, 3, 1, 1, 0, FALSE, FALSE, FALSE},
    {"422.jpg", 24, 17, JCS_YCbCr, 3, 2, 1, 0, FALSE, FALSE, FALSE},
    {"440.jpg", 24, 17, JCS_YCbCr, 3, 1, 2, 0, FALSE, FALSE, FALSE},
    {"420.jpg", 33, 19, JCS_YCbCr, 3, 2, 2, 0, FALSE, FALSE, FALSE},
    {"411.jpg", 40, 9, JCS_YCbCr, 3, 4, 1, 0, FALSE, FALSE, FALSE},
    {"gray.jpg", 17, 9, JCS_GRAYSCALE, 1, 1, 1, 0, FALSE, FALSE, FALSE},
    {"gray-2x2.jpg", 17, 9, JCS_GRAYSCALE, 1, 2, 2, 0, FALSE, FALSE, FALSE},
    {"rgb.jpg", 16, 16, JCS_RGB, 3, 1, 1, 0, FALSE, FALSE, FALSE},
    {"cmyk.jpg", 16, 16, JCS_CMYK, 4, 1, 1, 0, FALSE, FALSE, FALSE},
    {"ycck.jpg", 16, 16, JCS_YCCK, 4, 2, 2, 0, FALSE, FALSE, FALSE},
    {"restart.jpg", 48, 32, JCS_YCbCr, 3, 2, 2, 1, FALSE, FALSE, FALSE},
    {"restart-444.jpg", 48, 32, JCS_YCbCr, 3, 1, 1, 5, FALSE, FALSE, FALSE},
    {"progressive-420.jpg", 33, 19, JCS_YCbCr, 3, 2, 2, 0, TRUE, FALSE, FALSE},
    {"progressive-444.jpg", 24, 17, JCS_YCbCr, 3, 1, 1, 2, TRUE, FALSE, FALSE},
    {"progressive-gray.jpg", 17, 9, JCS_GRAYSCALE, 1, 1, 1, 0, TRUE, FALSE, FALSE},
    {"arithmetic.jpg", 33, 19, JCS_YCbCr, 3, 2, 2, 0, FALSE, TRUE, FALSE},
    {"arithmetic-progressive.jpg", 33, 19, JCS_YCbCr, 3, 2, 2, 0, TRUE, TRUE, FALSE},
    {"comment.jpg", 8, 8, JCS_YCbCr, 3, 2, 2, 0, FALSE, FALSE, TRUE},
    {"1x1.jpg", 1, 1, JCS_YCbCr, 3, 2, 2, 0, FALSE, FALSE, FALSE},
    {"1x1-gray.jpg", 1, 1, JCS_GRAYSCALE, 1, 1, 1, 0, FALSE, FALSE, FALSE},
    {"1x300.jpg", 1, 300, JCS_YCbCr, 3, 2, 2, 0, FALSE, FALSE, FALSE},
};

static size_t encode(const struct kind *kind, unsigned char **out) {
  struct jpeg_compress_struct info;
  struct jpeg_error_mgr errors; /* prints and exits */
  unsigned long byte_count = 0;
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  jpeg_mem_dest(&info, out, &byte_count);
  info.image_width = kind->width;
  info.image_height = kind->height;
  info.input_components = kind->components;
  info.in_color_space = kind->colors == JCS_YCCK    ? JCS_CMYK
                        : kind->colors == JCS_YCbCr ? JCS_RGB
                                                    : kind->colors;
  jpeg_set_defaults(&info);
  jpeg_set_colorspace(&info, kind->colors);
  jpeg_set_quality(&info, 60, TRUE);
  for (int i = 0; i < kind->components; i++)
    info.comp_info[i].h_samp_factor = info.comp_info[i].v_samp_factor = 1;
  info.comp_info[0].h_samp_factor = kind->across;
  info.comp_info[0].v_samp_factor = kind->down;
  info.restart_interval = kind->restart;
  info.arith_code = kind->arithmetic;
  if (kind->progressive) jpeg_simple_progression(&info);
  jpeg_start_compress(&info, TRUE);
  if (kind->comment) {
    jpeg_write_marker(&info, JPEG_COM, (const JOCTET *)"made by hand", 12);
    static const JOCTET exif[] = "Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0";
    jpeg_write_marker(&info, JPEG_APP0 + 1, exif, sizeof exif);
  }
  unsigned char row[4 * 64];
  while (info.next_scanline < info.image_height) {
    for (uint32_t i = 0; i < kind->width * (uint32_t)kind->components; i++)
      row[i] = (unsigned char)(i * 5 + info.next_scanline * (i % 3 + 3));
    JSAMPROW pointer = row;
    jpeg_write_scanlines(&info, &pointer, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  return byte_count;
}

/* The first `marker` of a JPEG; there is one. */
static unsigned char *find(unsigned char *jpeg, unsigned char marker) {
  while (jpeg[0] != 0xff || jpeg[1] != marker) jpeg++;
  return jpeg;
}

static void save_jpegs(void) {
  unsigned char together[1 << 16];
  size_t filled = 0;
  for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
    unsigned char *jpeg = NULL;
    char name[64];
    size_t byte_count = encode(&kinds[i], &jpeg);
    save(kinds[i].name, jpeg, byte_count);
    snprintf(name, sizeof name, "cut-%s", kinds[i].name);
    if (i % 4 == 0) save(name, jpeg, byte_count * 3 / 4);
    if (kinds[i].width * kinds[i].height <= 300) { /* several in one file, with filling between */
      memset(together + filled, i % 2 ? 0 : 0xff, 3);
      memcpy(together + filled + 3, jpeg, byte_count);
      filled += byte_count + 3;
    }
    if (i == 0) { /* says that it is enormous, then that it has no height */
      unsigned char *frame = find(jpeg, 0xc0);
      memset(frame + 5, 0xff, 4);
      save("enormous.jpg", jpeg, byte_count);
      frame[5] = frame[6] = 0;
      frame[7] = 0;
      frame[8] = 24;
      save("no-height.jpg", jpeg, byte_count);
    }
    free(jpeg);
  }
  save("several.mjpeg", together, filled);
  save("several-cut.mjpeg", together, filled - 20);
}

static void save_pnm(const char *name, const char *header, size_t samples) {
  unsigned char bytes[512];
  size_t header_bytes = strlen(header);
  memcpy(bytes, header, header_bytes);
  for (size_t i = 0; i < samples; i++) bytes[header_bytes + i] = (unsigned char)(i * 41);
  save(name, bytes, header_bytes + samples);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  folder = argv[1];
  save_jpegs();
  save_pnm("plain.ppm", "P6\n5 4\n255\n", 60);
  save_pnm("plain.pgm", "P5\n5 4\n255\n", 20);
  save_pnm("1x1.ppm", "P6 1 1 255\n", 3);
  save_pnm("comments.ppm", "P6\n# one\n#two\n 2 # three\n\t2\r\n# four\n255\n", 12);
  save_pnm("maximum-1.pgm", "P5 4 4 1\n", 16);
  save_pnm("maximum-100.ppm", "P6 3 2 100\n", 18);
  save_pnm("maximum-0.pgm", "P5 4 4 0\n", 16);
  save_pnm("16-bit.ppm", "P6 2 2 65535\n", 24);
  save_pnm("cut.ppm", "P6 8 8 255\n", 100);
  save_pnm("enormous.ppm", "P6 4294967296 4294967297 255\n", 30);
  save_pnm("largest.pgm", "P5 16384 16384 255\n", 30);
  save_pnm("wide.pgm", "P5 300 1 255\n", 300);
  save_pnm("negative.ppm", "P6 -4 4 255\n", 48);
  save_pnm("endless-comment.pgm", "P5 # no end", 200);
  save_pnm("ascii.ppm", "P3\n2 1\n255\n1 2 3 4 5 6\n", 0);
  save_pnm("bitmap.pbm", "P4\n8 2\n", 2);
  return 0;
}
