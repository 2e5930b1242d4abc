// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadrace

// Built once per CPU variant, each time as another module, with -DHEADRACE_<VARIANT> and
// -Xcc -march=... Only the function that fills the table is global in the library.

#if HEADRACE_DOTPROD
@c @implementation
public func hr_kernels_dotprod(_ table: UnsafeMutablePointer<hr_kernels>?) {
  fill(table, "dotprod")
}
#elseif HEADRACE_I8MM
@c @implementation
public func hr_kernels_i8mm(_ table: UnsafeMutablePointer<hr_kernels>?) {
  fill(table, "i8mm")
}
#elseif HEADRACE_AVX2
@c @implementation
public func hr_kernels_avx2(_ table: UnsafeMutablePointer<hr_kernels>?) {
  fill(table, "avx2")
}
#elseif HEADRACE_VNNI
@c @implementation
public func hr_kernels_vnni(_ table: UnsafeMutablePointer<hr_kernels>?) {
  fill(table, "vnni")
}
#else
@c @implementation
public func hr_kernels_baseline(_ table: UnsafeMutablePointer<hr_kernels>?) {
  fill(table, "baseline")
}
#endif

/// Fills the table, or the part of it that this variant has better kernels for: the baseline fills a
/// table first, and instructions for integer dot products serve contractions alone.
private func fill(_ table: UnsafeMutablePointer<hr_kernels>?, _ name: StaticString) {
  guard let table else { return }
  table.pointee.name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
  fillContraction(&table.pointee.contraction)
  #if !(HEADRACE_DOTPROD || HEADRACE_I8MM || HEADRACE_VNNI)
  fillDepthwise(&table.pointee.depthwise)
  fillPointwise(&table.pointee.pointwise)
  fillFrame(&table.pointee.frame)
  fillWinograd(&table.pointee.winograd)
  #endif
}
