import CHeadrace

func fillDepthwise(_ table: inout hr_depthwise_kernels) {
  fillInt8Depthwise(&table)
  table.f32 = { depthwiseFloat($0!.pointee, $1!.pointee) }
  table.i16 = { depthwiseInt16($0!, $1!) }
}

/// The part that int8 convolution networks run.
func fillInt8Depthwise(_ table: inout hr_depthwise_kernels) {
  table.i8 = { depthwiseInt8($0!.pointee, $1!.pointee) }
  #if arch(arm64)
  table.sixteens_i8 = { depthwiseInt8Wide($0!, $1!) }
  #else
  table.sixteens_i8 = nil
  #endif
}
