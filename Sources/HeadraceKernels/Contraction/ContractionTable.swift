import CHeadrace

func fillContraction(_ table: inout hr_contraction_kernels) {}
