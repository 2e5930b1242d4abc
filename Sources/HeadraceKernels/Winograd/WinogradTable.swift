import CHeadrace

func fillWinograd(_ table: inout hr_winograd_kernels) {
  table.transform_input = { winogradTransformInput($0!.pointee) }
  table.transform_output = { winogradTransformOutput($0!.pointee) }
}
