import CHeadrace

func fillPointwise(_ table: inout hr_pointwise_kernels) {
  fillInt8Pointwise(&table)
  table.unary_f32 = { unary($0!.pointee) }
  table.lookup_s16 = { lookup16($0!.pointee) }
  table.prelu_f32 = { preluFloat($0!.pointee) }
  table.prelu_s8 = { preluInteger($0!.pointee, Int8.self) }
  table.prelu_s16 = { preluInteger($0!.pointee, Int16.self) }
  table.binary_f32 = { binaryFloat($0!.pointee) }
  table.binary_s16 = { binaryInt16($0!) }
  table.softmax_f32 = { softmaxFloat($0!.pointee) }
  table.softmax_s16 = { softmax16($0!.pointee) }
  table.layer_norm_f32 = { layerNormFloat($0!.pointee) }
  table.layer_norm_s8 = { layerNormInteger($0!.pointee, Int8.self) }
  table.layer_norm_s16 = { layerNormInteger($0!.pointee, Int16.self) }
  table.group_norm_f32 = { groupNormFloat($0!.pointee) }
  table.group_norm_s8 = { groupNormInteger($0!.pointee, Int8.self) }
  table.group_norm_s16 = { groupNormInteger($0!.pointee, Int16.self) }
  table.reduce_f32 = { reduceFloat($0!.pointee) }
  table.reduce_s16 = { reduceInteger($0!.pointee, Int16.self) }
  table.resize_f32 = { resizeFloat($0!.pointee) }
  table.resize_s8 = { resizeInteger($0!.pointee, Int8.self) }
  table.resize_s16 = { resizeInt16($0!.pointee) }
  table.quantize_s8 = { quantize($0!.pointee, Int8.self) }
  table.quantize_s16 = { quantize($0!.pointee, Int16.self) }
  table.dequantize_s8 = { dequantize($0!.pointee, Int8.self) }
  table.dequantize_s16 = { dequantize($0!.pointee, Int16.self) }
  table.requantize_s8_s16 = { requantize($0!.pointee, Int8.self, Int16.self) }
  table.requantize_s16_s8 = { requantize($0!.pointee, Int16.self, Int8.self) }
  table.requantize_s16_s16 = { requantize($0!.pointee, Int16.self, Int16.self) }
}

/// The part that int8 convolution networks run.
func fillInt8Pointwise(_ table: inout hr_pointwise_kernels) {
  table.lookup_s8 = { lookup8($0!.pointee) }
  table.binary_s8 = { binaryInteger($0!.pointee, Int8.self) }
  table.softmax_s8 = { softmax8($0!.pointee) }
  table.reduce_s8 = { reduceInt8($0!.pointee) }
  #if arch(arm64)
  table.requantize_s8_s8 = { requantizeByTable($0!.pointee) }
  #else
  table.requantize_s8_s8 = { requantize($0!.pointee, Int8.self, Int8.self) }
  #endif
}

#if HEADRACE_AVX2 || HEADRACE_VNNI

/// What sixteen lanes do better.
func fillPointwiseInt8(_ table: inout hr_pointwise_kernels) {
  table.binary_s8 = { binaryInt8($0!.pointee) }
  table.requantize_s8_s8 = { requantizeInt8($0!.pointee) }
}

#endif
