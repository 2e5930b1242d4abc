import CHeadrace

func fillContraction(_ table: inout hr_contraction_kernels) {
  fillInt8Contraction(&table)
  #if !HEADRACE_DOTPROD
  table.contract_f32 = { contractFloat($0!.pointee, $1!.pointee) }
  table.contract_i16 = { contractInt16($0!, $1!) }
  table.max_pool_f32 = { maxPool($0!.pointee, FloatMaximum.self) }
  table.max_pool_i16 = { maxPool($0!.pointee, Int16Maximum.self) }
  table.average_pool_f32 = { averagePoolFloat($0!.pointee) }
  table.average_pool_i16 = { averagePoolInt16($0!) }
  table.multiply_f32 = { multiplyFloat($0!) }
  table.multiply_i8 = { multiplyInt8($0!) }
  table.multiply_i16 = { multiplyInt16($0!) }
  #endif
}

/// The part that int8 convolution networks run.
func fillInt8Contraction(_ table: inout hr_contraction_kernels) {
  table.contract_i8 = { contractInt8($0!.pointee, $1!.pointee) }
  #if HEADRACE_VNNI
  table.begin_i8 = { beginInt8($0!.pointee, $1!.pointee, $2!) }
  #endif
  #if !HEADRACE_DOTPROD
  table.max_pool_i8 = { maxPool($0!.pointee, Int8Maximum.self) }
  table.average_pool_i8 = { averagePool($0!.pointee, Int8.self) }
  #endif
}
