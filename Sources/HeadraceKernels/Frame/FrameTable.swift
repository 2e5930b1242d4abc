import CHeadrace

func fillFrame(_ table: inout hr_frame_kernels) {}
