/* hrm.h - the .hrm model file: its records, byte for byte. Sources/Headrace/Model/FORMAT.md explains
   them to somebody who writes a reader or a writer of their own.

   Little-endian. Every section begins at a multiple of 64 bytes; every constant does too. Offsets of
   sections count from the file's first byte, offsets of constants from the constants section, offsets
   of arena tensors from the arena's first byte. Reserved fields are zero. */
#ifndef HRM_H
#define HRM_H

#include <stdint.h>

#define HRM_MAGIC "\x89HRM\r\n\x1a\n" /* 8 bytes: catches text-mode and 7-bit transfers, as PNG's does */
#define HRM_VERSION_MAJOR 1 /* a reader refuses another major version ... */
#define HRM_VERSION_MINOR 1 /* ... and a higher minor one: 1 has HRM_WINOGRAD_CONV2D */
#define HRM_HEADER_BYTES 256
#define HRM_ALIGNMENT 64
#define HRM_MAX_RANK 6
#define HRM_NONE 0xffffffffu /* "no tensor", "no operator" */
#define HRM_BLOCK 8          /* output channels that convolution weights are interleaved by */
#define HRM_QUAD 4           /* consecutive int8 weights of a channel in such a block */

typedef struct hrm_header { /* 256 bytes */
  uint8_t magic[8];
  uint16_t version_major;
  uint16_t version_minor;
  uint32_t header_bytes; /* HRM_HEADER_BYTES */
  uint32_t header_crc;   /* CRC-32C of the header with this field zero; also the model's identity */
  uint32_t body_crc;     /* CRC-32C of everything after the header */
  uint64_t file_bytes;   /* below 2^32 */
  uint64_t arena_bytes;  /* below 2^32, a multiple of 64 */
  uint64_t macs;
  uint64_t constants_bytes;
  uint32_t scratch_bytes; /* per thread, a multiple of 64: the most that an operator needs */
  uint32_t flags;         /* HRM_USES_FLOAT */
  uint32_t tensor_count;
  uint32_t operator_count;
  uint32_t operand_count;
  uint32_t input_count;
  uint32_t output_count;
  uint32_t metadata_count;
  uint32_t frame_input_count;
  uint32_t strings_bytes;
  uint32_t tensors_offset;   /* hrm_tensor[tensor_count] */
  uint32_t operators_offset; /* hrm_operator[operator_count], in the order they run */
  uint32_t operands_offset;  /* uint32_t[operand_count]: tensor indices */
  uint32_t interface_offset; /* uint32_t[input_count + output_count]: tensor indices */
  uint32_t metadata_offset;  /* hrm_metadata[metadata_count] */
  uint32_t frame_inputs_offset; /* hrm_frame_input[frame_input_count] */
  uint32_t strings_offset;   /* bytes; every string ends with NUL and the section does too */
  uint32_t constants_offset;
  uint8_t reserved[128];
} hrm_header;

enum { HRM_USES_FLOAT = 1u << 0 };

typedef enum hrm_type { /* as hr_type */
  HRM_FLOAT32 = 1,
  HRM_INT8 = 2,
  HRM_INT16 = 3,
  HRM_INT32 = 4,
  HRM_INT64 = 5
} hrm_type;

typedef enum hrm_storage { HRM_ARENA = 1, HRM_CONSTANT = 2 } hrm_storage;

enum { HRM_CHANNELS_FIRST_SOURCE = 1u << 0 };

typedef struct hrm_tensor { /* 64 bytes */
  uint8_t type;        /* hrm_type */
  uint8_t rank;        /* 1 ... HRM_MAX_RANK */
  uint8_t storage;     /* hrm_storage */
  uint8_t flags;       /* HRM_CHANNELS_FIRST_SOURCE */
  uint32_t dims[HRM_MAX_RANK]; /* at least 1; unused ones are 1 */
  uint32_t offset;     /* a multiple of 64 */
  uint32_t bytes;      /* the product of dims times the element's size */
  uint32_t producer;   /* the operator that writes it, HRM_NONE for inputs and constants */
  uint32_t name;       /* offset into strings */
  float scale;         /* real = scale * (element - zero_point); 0: not quantized */
  int32_t zero_point;
  uint32_t channel_scales; /* tensor (float32, constant) of per-channel scales, or HRM_NONE: for people */
  uint32_t source_rank;    /* the rank in the network that was compiled */
  uint32_t reserved;
} hrm_tensor;

typedef struct hrm_operator { /* 96 bytes */
  uint16_t code; /* hrm_code */
  uint16_t reserved;
  uint16_t input_count;
  uint16_t output_count;
  uint32_t first_operand; /* inputs, then outputs, in operands; an absent input is HRM_NONE */
  uint32_t reserved2;
  uint64_t macs;
  uint64_t reserved3;
  int32_t params[16]; /* one of the structs below, padded with zeros */
} hrm_operator;

typedef struct hrm_metadata { /* 16 bytes: UTF-8 text */
  uint32_t key;         /* offset into strings */
  uint32_t value;
  uint32_t value_bytes; /* without the NUL */
  uint32_t reserved;
} hrm_metadata;

/* How a frame becomes an input tensor: fit to H x W, order the channels, look each 8-bit value up in a
   table that holds the normalisation. */
typedef struct hrm_frame_input { /* 16 bytes */
  uint32_t input; /* which model input (N x H x W x C, N = 1, C = 1 or 3) */
  uint32_t table; /* constant tensor [C][256] of the input's type */
  uint8_t color;  /* hrm_color */
  uint8_t fit;    /* hr_fit, not HR_FIT_MODEL */
  uint8_t filter; /* hr_filter */
  uint8_t reserved[5];
} hrm_frame_input;

typedef enum hrm_color { HRM_RGB = 1, HRM_BGR = 2, HRM_GRAY = 3 } hrm_color;

/* ---- Operators ----------------------------------------------------------------------------
   Tensors are N x H x W x C where space matters; one-dimensional networks have H = 1.
   Types: F = float32, B = int8, S = int16 activations (zero point 0). Every activation of an operator
   has the same type except in QUANTIZE, DEQUANTIZE and REQUANTIZE.

   Fixed point. acc is an exact integer sum. requantize(acc, m, t) = floor(acc * m / 2^t + 1/2), one
   rounding (TFLite with TFLITE_SINGLE_ROUNDING), computed in 64 bits.
     B: 0 <= m < 2^31, 1 <= t <= 62, |acc| < 2^31.
     S: 0 <= m < 2^15, 1 <= t <= 47, |acc| < 2^47.
   A `requant` operand is int32 [2][P]: P multipliers, then P shifts; P is the padded channel count.
   Bias: F float32 [P]; B int32 [P], with the input's zero point folded in (bias - z * sum of weights);
   S int64 [P]. The padding of a convolution reads as the input's zero point.
   clamp_min and clamp_max: the fused activation, in units of the output (float32 bits for F). */
typedef enum hrm_code {
  HRM_CONV2D = 1,            /* x, weights, bias?, requant? -> y */
  HRM_DEPTHWISE_CONV2D = 2,  /* x, weights, bias?, requant? -> y */
  HRM_TRANSPOSED_CONV2D = 3, /* x, weights, bias?, requant? -> y */
  HRM_DENSE = 4,             /* x [..., K], weights, bias?, requant? -> y [..., N] */
  HRM_MATMUL = 5,            /* a [..., M, K], b [..., K, N] -> y; leading dims broadcast */
  HRM_POOL2D = 6,            /* x -> y */
  HRM_UNARY = 7,             /* F: x -> y, same shape */
  HRM_LOOKUP = 8,            /* B: x, table int8 [256]; S: x, table int16 [513] -> y */
  HRM_PRELU = 9,             /* x [..., C], slope [C] (F, or int32 multipliers) -> y */
  HRM_BINARY = 10,           /* a, b -> y; same rank, dims equal or 1 */
  HRM_SOFTMAX = 11,          /* x, table? -> y, over the last axis */
  HRM_CONCAT = 12,           /* x0, x1, ... -> y */
  HRM_SLICE = 13,            /* x -> y */
  HRM_PAD = 14,              /* x -> y */
  HRM_RESHAPE = 15,          /* x -> y, same elements; free when in place */
  HRM_TRANSPOSE = 16,        /* x -> y */
  HRM_REDUCE = 17,           /* x -> y; reduced axes are 1 in y, y has x's rank */
  HRM_RESIZE = 18,           /* x, rows, columns -> y */
  HRM_DEPTH_TO_SPACE = 19,   /* x -> y */
  HRM_SPACE_TO_DEPTH = 20,   /* x -> y */
  HRM_LAYER_NORM = 21,       /* x, gamma, beta -> y */
  HRM_GROUP_NORM = 22,       /* x, gamma, beta -> y; instance norm: groups = C */
  HRM_QUANTIZE = 23,         /* F -> B or S, by y's scale and zero point */
  HRM_DEQUANTIZE = 24,       /* B or S -> F */
  HRM_REQUANTIZE = 25,       /* B or S -> B or S */
  HRM_WINOGRAD_CONV2D = 26   /* F: x, weights, bias? -> y */
} hrm_code;
#define HRM_CODE_COUNT 27

/* HRM_CONV2D, HRM_DEPTHWISE_CONV2D, HRM_TRANSPOSED_CONV2D.
   weights: conv and transposed: output channels of a group in blocks of 8, the last block padded with
   zeros; K = kh * kw * I/G weights of a channel in the order [kh][kw][I/G].
   F: float32 [G * ceil(O/G / 8)][K][8]. B, S: int8 [G * ceil(O/G / 8)][ceil(K / 4)][8][4], K padded
   with zeros: four weights of a channel are one operand of an integer dot product. P = 8 * first dim.
   depthwise: [kh][kw][P], P = O rounded up to 8; groups = I, O = multiplier * I; output channel o
   reads input channel o / multiplier; float32 for F, int8 for B and S.
   int8 weights are -127 ... 127, as TFLite's: two products of B then fit 16 bits.
   y[n, oy, ox, o] = bias[o] + sum over (ky, kx, i) of w * x[n, oy*stride + ky*dilation - pad, ..., i];
   transposed: x[iy, ix] adds w[ky, kx] * x to y[iy*stride + ky*dilation - pad_top, ...]. */
typedef struct hrm_conv {
  int32_t kernel_h, kernel_w; /* 1 ... 65535, as every field that is not said to be otherwise */
  int32_t stride_h, stride_w;
  int32_t dilation_h, dilation_w;
  int32_t pad_top, pad_left, pad_bottom, pad_right; /* 0 ... 65535 */
  int32_t groups;
  int32_t clamp_min, clamp_max;
} hrm_conv;

/* HRM_WINOGRAD_CONV2D, since version 1.1: a convolution with hrm_conv's parameters of one group and
   dilation 1, whose square kernel of k and stride s, 1 or 2, have r = ceil(k / s) = 3 or 4. weights:
   float32 [ceil(O / 8)][36][K][8], K = s * s * I in the order [row phase][column phase][I]: at point
   (u, v) G g G^T, where g[a, b] of a phase (p, q) is the weight at (s a + p, s b + q), 0 outside the
   kernel. Summing products of inputs of a point over K and transforming back gives tiles of 7 - r by
   7 - r outputs. FORMAT.md has the matrices. */

/* HRM_DENSE: weights as of a convolution of one group: F [ceil(N / 8)][K][8], B and S
   [ceil(N / 8)][ceil(K / 4)][8][4]. */
typedef struct hrm_dense {
  int32_t clamp_min, clamp_max;
} hrm_dense;

/* HRM_MATMUL: both operands are activations or constants of the same type. */
typedef struct hrm_matmul {
  int32_t transpose_a, transpose_b; /* 1: the last two dims are swapped in memory */
  int32_t multiplier, shift;        /* B, S */
  int32_t clamp_min, clamp_max;
} hrm_matmul;

typedef enum hrm_pool { HRM_MAX_POOL = 1, HRM_AVERAGE_POOL = 2 } hrm_pool;

/* HRM_POOL2D. Padding never wins a maximum and counts in an average only if count_include_pad.
   B, S average: y = z_y + floor((sum of (x - z_x) * m) / (count * 2^t) + 1/2). */
typedef struct hrm_pool2d {
  int32_t function; /* hrm_pool */
  int32_t kernel_h, kernel_w;
  int32_t stride_h, stride_w;
  int32_t dilation_h, dilation_w; /* 1 for averages */
  int32_t pad_top, pad_left, pad_bottom, pad_right;
  int32_t count_include_pad;
  int32_t clamp_min, clamp_max;
  int32_t multiplier, shift; /* averages of B, S */
} hrm_pool2d;

typedef enum hrm_function { /* HRM_UNARY; a and b are alpha and beta */
  HRM_CLAMP = 1,        /* min(max(x, a), b): ReLU is [0, inf) */
  HRM_LEAKY_RELU = 2,   /* x < 0 ? a x : x */
  HRM_ELU = 3,          /* x < 0 ? a (exp(x) - 1) : x */
  HRM_SELU = 4,         /* b * (x < 0 ? a (exp(x) - 1) : x) */
  HRM_SIGMOID = 5,
  HRM_TANH = 6,
  HRM_HARD_SIGMOID = 7, /* min(max(a x + b, 0), 1) */
  HRM_HARD_SWISH = 8,   /* x min(max(x / 6 + 1/2, 0), 1) */
  HRM_GELU = 9,         /* x/2 (1 + erf(x / sqrt 2)) */
  HRM_GELU_TANH = 10,   /* x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) */
  HRM_SQRT = 11,
  HRM_EXP = 12,
  HRM_LOG = 13,
  HRM_ABS = 14,
  HRM_NEG = 15,
  HRM_RECIPROCAL = 16,
  HRM_SOFTPLUS = 17,
  HRM_ERF = 18,
  HRM_SWISH = 19,       /* x sigmoid(x) */
  HRM_POWER = 20,       /* x^a */
  HRM_FLOOR = 21,
  HRM_CEIL = 22,
  HRM_ROUND = 23,       /* half to even */
  HRM_SIN = 24,
  HRM_COS = 25,
  HRM_AFFINE = 26,      /* a x + b */
  HRM_SOFTSIGN = 27
} hrm_function;
#define HRM_FUNCTION_COUNT 28

typedef struct hrm_unary {
  int32_t function;
  float a, b;
} hrm_unary;

/* HRM_LOOKUP. B: y = table[x + 128]. S, with i = 256 + (x >> 7) and f = x & 127:
   y = table[i] + ((table[i + 1] - table[i]) * f + 64 >> 7), as TFLite. No parameters. */

/* HRM_PRELU. F: x < 0 ? slope x : x, slope float32 [C].
   B, S: v = x - z_x; u = v >= 0 ? requantize(v, multiplier, shift)
                                 : sign(k) requantize(v, |k|, slope shift), k the slope's multiplier;
   y = z_y + u, saturated to the type. slope operand: constant int32 [2][C]: signed multipliers k with
   |k| < 2^31, then shifts. Multipliers < 2^31 and shifts 1 ... 62 for both types. */
typedef struct hrm_prelu {
  int32_t multiplier, shift;
} hrm_prelu;

typedef enum hrm_binary_function {
  HRM_ADD = 1,
  HRM_SUB = 2,
  HRM_MUL = 3,
  HRM_DIV = 4,
  HRM_MIN = 5,
  HRM_MAX = 6,
  HRM_POW = 7,                /* F only */
  HRM_SQUARED_DIFFERENCE = 8  /* F only */
} hrm_binary_function;

/* HRM_BINARY, B and S, with p = a - z_a and q = b - z_b:
   ADD, SUB: requantize(requantize(p << left_shift, ma, ta) +- requantize(q << left_shift, mb, tb), m, t)
   MIN, MAX: of requantize(p, ma, ta) and requantize(q, mb, tb)
   MUL: requantize(p * q, m, t)
   DIV: requantize(nearest((p << 15) / q), m, t), halves away from zero; q = 0: as if q were 1
   then + z_y, clamped. Here m < 2^31 and 1 <= t <= 62 for both types; every requantize and the sum or
   difference inside one saturate to int32. Fields that a function does not use are zero.
   F: POW is powf; MIN and MAX are a < b ? a : b and a > b ? a : b. The result is clamped; a NaN stays. */
typedef struct hrm_binary {
  int32_t function;
  int32_t clamp_min, clamp_max;
  int32_t left_shift; /* 0 ... 20; S at most 15 */
  int32_t multiplier_a, shift_a;
  int32_t multiplier_b, shift_b;
  int32_t multiplier, shift;
} hrm_binary;

/* HRM_SOFTMAX. F: exp(x - max) / sum. B: table int32 [256], table[d] = round(2^23 exp(-d scale_x)) for
   d = max - x; y = floor(256 table[d] / sum + 1/2) - 128, at most 127 (scale 1/256, zero point -128).
   S: u = requantize(max - x, multiplier, shift), at most 2^18 - 1, in units of 2^-14 (m < 2^31,
   1 <= t <= 62); table int32 [1024]: round(2^23 exp(-i / 32)) for i < 512, then
   round(2^23 exp(-j / 2^14)) for j < 512; e = table[u >> 9] * table[512 + (u & 511)] + 2^22 >> 23;
   y = floor(32768 e / sum + 1/2), at most 32767 (scale 1/32768, zero point 0).
   Tables are constant, 0 <= table[i] <= 2^23, and table[0] = 2^23 (and table[512] for S). */
typedef struct hrm_softmax {
  int32_t multiplier, shift;
} hrm_softmax;

typedef struct hrm_concat {
  int32_t axis; /* 0 ... rank - 1 */
} hrm_concat;

/* y[i] = x[begin + i * step] along each axis; step may be negative, never 0. x and y have one rank. */
typedef struct hrm_slice {
  int32_t begin[HRM_MAX_RANK];
  int32_t step[HRM_MAX_RANK];
} hrm_slice;

typedef enum hrm_pad_mode { HRM_PAD_CONSTANT = 1, HRM_PAD_REFLECT = 2, HRM_PAD_EDGE = 3 } hrm_pad_mode;

/* What y is longer than x by, beyond `before`, follows behind. value: an element (float32 bits for F).
   Reflect does not repeat the edge and needs before and after < dim. */
typedef struct hrm_pad {
  int32_t mode;
  int32_t value;
  int32_t before[HRM_MAX_RANK];
} hrm_pad;

/* y's axis k is x's axis permutation[k]. */
typedef struct hrm_transpose {
  int32_t permutation[HRM_MAX_RANK];
} hrm_transpose;

typedef enum hrm_reduction { HRM_REDUCE_MEAN = 1, HRM_REDUCE_SUM = 2, HRM_REDUCE_MAX = 3, HRM_REDUCE_MIN = 4 } hrm_reduction;

/* B, S mean and sum: z_y + requantize(sum of (x - z_x), m, t), saturated to the type; a mean's 1/count is
   in m. 0 <= m < 2^31, 16 <= t <= 62 for both types; the sum has up to 47 bits and the result is exact
   (floor(sum m / 2^t + 1/2) as if in 78 bits). MAX and MIN copy an element. */
typedef struct hrm_reduce {
  int32_t function;
  int32_t axes; /* bit k: axis k */
  int32_t multiplier, shift;
} hrm_reduce;

/* HRM_RESIZE over H and W. rows: int32 [outH][3], columns: int32 [outW][3]: two source indices i0, i1
   and the weight w of i1: float32 bits for F (finite), 0 ... 16384 for B and S. Nearest has w = 0.
   F: the rows i0 and i1 are each (1 - w) x[i0] + w x[i1] over columns, then the same over rows.
   B, S: the four taps with products of (16384 - w) or w, exact, then + 2^27 >> 28. No parameters. */

typedef struct hrm_block {
  int32_t block;
  int32_t column_row_depth; /* 1: ONNX's CRD order, 0: DCR */
} hrm_block;

/* HRM_LAYER_NORM over the last `axes` axes; gamma, beta have their product of elements.
   HRM_GROUP_NORM over H, W and C/groups; x has rank 4; gamma, beta have C.
   F: gamma (x - mean) / sqrt(variance + epsilon) + beta; gamma, beta float32.
   B, S: gamma and beta are constant int32: g = round(gamma / scale_y * 2^(shift - 16)),
   b = round(beta / scale_y * 2^8). For a group of n elements, v = x - z_x, all in integers (/ and >> round
   down, arithmetic is exact in 64 bits):
     sum = sum of v, squares = sum of v^2
     mean = sum / n, r = sum - n mean           so that 0 <= r < n
     S2 = squares - 2 mean sum + n mean^2       sum of (v - mean)^2
     f = 2^24 r / n
     V = 2^24 S2 / n - (f^2 >> 24)              variance, Q24
     D = max(V + epsilon, 1)                    epsilon = round(epsilon / scale_x^2 * 2^24)
     h = the largest integer with D 4^h < 2^63
     s = isqrt(D 4^h)                           2^30.5 <= s < 2^31.5
     R = 2^62 / s                               1 / deviation = R 2^(h - 50)
   and for each element, with a = (2^14 r + n / 2) / n, the mean's fraction, Q14:
     d = 2^14 (v - mean) - a
     q = d R + 2^(47 - h) >> 48 - h             (x - mean) / deviation, Q16, saturated to int32
     y = z_y + ((q g >> shift - 8) + b + 2^7 >> 8)    saturated to the type
   NORMALISATION.md says why. */
typedef struct hrm_norm {
  int32_t axes;   /* LAYER_NORM: 1 ... rank */
  int32_t groups; /* GROUP_NORM: divides C */
  float epsilon;  /* F: finite, at least 0 */
  int32_t epsilon_low, epsilon_high; /* B, S: epsilon's low and high 32 bits; 0 <= epsilon < 2^62 */
  int32_t shift;                     /* B, S: 8 ... 62, for the largest |g| in 2^29 ... 2^30 */
} hrm_norm;

/* HRM_QUANTIZE: z_y + round(x / scale_y), in float32, halves to even, saturated; NaN becomes z_y.
   HRM_DEQUANTIZE: scale_x (x - z_x), in float32. Neither has parameters; the scale is finite and above 0. */

/* HRM_REQUANTIZE: z_y + requantize(x - z_x, m, t), saturated; m < 2^31, 1 <= t <= 62 for both types. */
typedef struct hrm_requantize {
  int32_t multiplier, shift;
} hrm_requantize;

#endif /* HRM_H */
