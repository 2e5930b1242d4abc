// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadrace

// Built once per CPU variant, each time as another module, with -DHEADRACE_<VARIANT> and
// -Xcc -march=... Only these functions are global in the library, where each variant's bear its own
// name instead of "baseline". Instructions for integer dot products serve int8 convolutions alone.

@c @implementation
public func hr_kernels_baseline(_ table: UnsafeMutablePointer<hr_kernels>?) {
  guard let table else { return }
  table.pointee.name = variantName
  fillContraction(&table.pointee.contraction)
  #if !(HEADRACE_DOTPROD || HEADRACE_VNNI)
  fillDepthwise(&table.pointee.depthwise)
  fillPointwise(&table.pointee.pointwise)
  fillWinograd(&table.pointee.winograd)
  #endif
  #if HEADRACE_VNNI
  table.pointee.depthwise.f32 = { depthwiseFloat($0!.pointee, $1!.pointee) }
  #endif
  fillWideInt8(&table.pointee)
}

@c @implementation
public func hr_int8_convolution_kernels_baseline(_ table: UnsafeMutablePointer<hr_kernels>?) {
  guard let table else { return }
  table.pointee.name = variantName
  fillInt8Contraction(&table.pointee.contraction)
  #if !(HEADRACE_DOTPROD || HEADRACE_VNNI)
  fillInt8Depthwise(&table.pointee.depthwise)
  fillInt8Pointwise(&table.pointee.pointwise)
  #endif
  fillWideInt8(&table.pointee)
}

/// What int8 networks run faster where vectors are wide, or have dot products.
private func fillWideInt8(_ table: inout hr_kernels) {
  #if HEADRACE_DOTPROD
  table.depthwise.sixteens_i8 = { hr_sum_sixteens_i8($0!.pointee, $1!.pointee) }
  #endif
  #if HEADRACE_VNNI
  table.depthwise.i8 = { depthwiseInt8Wide($0!.pointee, $1!.pointee) }
  #endif
  #if HEADRACE_AVX2 || HEADRACE_VNNI
  fillPointwiseInt8(&table.pointwise)
  table.contraction.max_pool_i8 = { maxPoolInt8($0!.pointee) }
  #endif
}

@c @implementation
public func hr_frame_kernels_baseline(_ table: UnsafeMutablePointer<hr_kernels>?) {
  #if !(HEADRACE_DOTPROD || HEADRACE_VNNI)
  if let table { fillFrame(&table.pointee.frame) }
  #endif
}

private var variantName: UnsafePointer<CChar> {
  #if HEADRACE_DOTPROD
  let name: StaticString = "dotprod"
  #elseif HEADRACE_AVX2
  let name: StaticString = "avx2"
  #elseif HEADRACE_VNNI
  let name: StaticString = "vnni"
  #else
  let name: StaticString = "baseline"
  #endif
  return UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
}
