import CHeadrace

/// How DEPTH_TO_SPACE and SPACE_TO_DEPTH relate a deep tensor [N][H][W][b b C] to a wide one
/// [N][H b][W b][C].
struct BlockLayout {
  let deep: hrm_tensor
  let wide: hrm_tensor
  let parameters: hrm_block

  func verify(_ op: OperatorView) throws(Failure) {
    try op.requireActivations()
    try op.require(deep.rank == 4 && wide.rank == 4, "rank of an operand")
    try op.require(
      parameters.block >= 1 && parameters.block <= 65535
        && (0...1).contains(parameters.column_row_depth), "block or order out of range")
    let block = Int64(parameters.block)
    let depth = Int64(deep.channels).quotientAndRemainder(dividingBy: block * block)
    try op.require(
      deep.batch == wide.batch && Int64(deep.height) * block == Int64(wide.height)
        && Int64(deep.width) * block == Int64(wide.width)
        && depth.remainder == 0 && depth.quotient == Int64(wide.channels),
      "shapes do not fit the block")
  }

  /// The axes n, h, block row, w, block column, channel of both, in the wide tensor's order.
  func copy(fromDeep: Bool) -> StridedCopy {
    let block = Int(parameters.block)
    let channels = wide.channels
    let pixel = deep.channels
    let deepRow = deep.width * pixel
    let wideRow = wide.width * channels
    let isColumnRowDepth = parameters.column_row_depth == 1
    let tap = isColumnRowDepth ? 1 : channels
    var copy = StridedCopy(elementBytes: wide.elementBytes)
    func append(_ extent: Int, deep: Int, wide: Int) {
      copy.append(
        extent, source: fromDeep ? deep : wide, destination: fromDeep ? wide : deep)
    }
    append(wide.batch, deep: deep.height * deepRow, wide: wide.height * wideRow)
    append(deep.height, deep: deepRow, wide: block * wideRow)
    append(block, deep: block * tap, wide: wideRow)
    append(deep.width, deep: pixel, wide: block * channels)
    append(block, deep: tap, wide: channels)
    append(channels, deep: isColumnRowDepth ? block * block : 1, wide: 1)
    return copy
  }
}
