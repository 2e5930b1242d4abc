import CHeadrace

/// Fills `table` with the fastest kernels that this build has and `features` (HR_CPU_*) allow. Each
/// variant replaces the baseline's entries that it has better ones for.
func chooseKernels(_ features: UInt32, _ table: UnsafeMutablePointer<hr_kernels>) {
  hr_kernels_baseline(table)
  #if HEADRACE_VARIANTS
  #if arch(arm64)
  if features & UInt32(HR_CPU_DOTPROD) != 0 { hr_kernels_dotprod(table) }
  if features & UInt32(HR_CPU_I8MM) != 0 { hr_kernels_i8mm(table) }
  #elseif arch(x86_64)
  if features & UInt32(HR_CPU_AVX2) != 0 { hr_kernels_avx2(table) }
  if features & UInt32(HR_CPU_VNNI) != 0 { hr_kernels_vnni(table) }
  #endif
  #endif
}
