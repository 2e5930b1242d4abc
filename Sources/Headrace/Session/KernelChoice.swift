// swift-format-ignore-file: AlwaysUseLowerCamelCase
// (C functions keep the names they have in the header.)

import CHeadrace

// Each of these fills its part of a table with the fastest kernels that this build has and `features`
// (HR_CPU_*) allow. Each variant replaces the baseline's entries that it has better ones for.

@c @implementation
public func hr_choose_all_kernels(_ features: UInt32, _ table: UnsafeMutablePointer<hr_kernels>?) {
  hr_kernels_baseline(table)
  #if HEADRACE_VARIANTS
  #if arch(arm64)
  if features & UInt32(HR_CPU_DOTPROD) != 0 { hr_kernels_dotprod(table) }
  #elseif arch(x86_64)
  if features & UInt32(HR_CPU_AVX2) != 0 { hr_kernels_avx2(table) }
  if features & UInt32(HR_CPU_VNNI) != 0 { hr_kernels_vnni(table) }
  #endif
  #endif
}

@c @implementation
public func hr_choose_int8_convolution_kernels(
  _ features: UInt32, _ table: UnsafeMutablePointer<hr_kernels>?
) {
  hr_int8_convolution_kernels_baseline(table)
  #if HEADRACE_VARIANTS
  #if arch(arm64)
  if features & UInt32(HR_CPU_DOTPROD) != 0 { hr_int8_convolution_kernels_dotprod(table) }
  #elseif arch(x86_64)
  if features & UInt32(HR_CPU_AVX2) != 0 { hr_int8_convolution_kernels_avx2(table) }
  if features & UInt32(HR_CPU_VNNI) != 0 { hr_int8_convolution_kernels_vnni(table) }
  #endif
  #endif
}

func chooseFrameKernels(_ features: UInt32, _ table: UnsafeMutablePointer<hr_kernels>) {
  hr_frame_kernels_baseline(table)
  #if HEADRACE_VARIANTS && arch(x86_64)
  if features & UInt32(HR_CPU_AVX2) != 0 { hr_frame_kernels_avx2(table) }
  #endif
}
